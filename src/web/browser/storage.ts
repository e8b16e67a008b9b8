/** What a browser keeps for the page. Storage may be full or forbidden: then it is forgotten, and nothing else happens. */

/** Kept for good, and kept for this tab. */
export const local = () => localStorage;
export const session = () => sessionStorage;

/** What is kept under `key`, or `''`. `area` is asked for late, for a browser may refuse even that. */
export function readStorage(area: () => Storage, key: string): string {
  try {
    return area().getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** Keeps `value` under `key`; an empty one is removed. */
export function writeStorage(area: () => Storage, key: string, value: string): void {
  try {
    if (value === '') area().removeItem(key);
    else area().setItem(key, value);
  } catch {
    // Nothing that was typed is lost by this: it still stands on the page.
  }
}

/** The storage itself, where there is one. */
export function storageOf(area: () => Storage): Storage | undefined {
  try {
    return area();
  } catch {
    return undefined;
  }
}
