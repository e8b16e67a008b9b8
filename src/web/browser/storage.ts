/** Reads and writes the browser's storage. If it is full or blocked, values are not stored, and nothing else fails. */

/** Permanent storage, shared by all tabs. A function, because a browser may refuse even the access. */
export const local = () => localStorage;
/** Storage of this tab, until it is closed. */
export const session = () => sessionStorage;

/** The value stored under `key`; `''` if there is none or storage is blocked. */
export function readStorage(area: () => Storage, key: string): string {
  try {
    return area().getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** Stores `value` under `key`; an empty value removes it. */
export function writeStorage(area: () => Storage, key: string, value: string): void {
  try {
    if (value === '') area().removeItem(key);
    else area().setItem(key, value);
  } catch {
    // The value is still on the page; it only does not survive a reload.
  }
}

/** The storage itself; `undefined` if it is blocked. */
export function storageOf(area: () => Storage): Storage | undefined {
  try {
    return area();
  } catch {
    return undefined;
  }
}
