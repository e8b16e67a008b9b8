/**
 * Reads and writes the browser's storage. What the browser does not take, because the storage is full or blocked, is
 * kept as long as the document lives, so an element that is removed and opened again finds it.
 */
import type { OutboxStorage } from '../client/client.ts';

/** Permanent storage, shared by all tabs. A function, because a browser may refuse even the access. */
export const local = () => localStorage;
/** Storage of this tab, until it is closed. */
export const session = () => sessionStorage;

/** What each area has not taken; `''` for a value that it has not removed. */
const refused = new Map([local, session].map(area => [area, new Map<string, string>()]));

/** The value stored under `key`; `''` if there is none. */
export function readStorage(area: () => Storage, key: string): string {
  try {
    return refused.get(area)?.get(key) ?? area().getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** Stores `value` under `key`; an empty value removes it. */
export function writeStorage(area: () => Storage, key: string, value: string): void {
  const kept = refused.get(area);
  try {
    if (value === '') area().removeItem(key);
    else area().setItem(key, value);
    kept?.delete(key);
  } catch {
    kept?.set(key, value);
  }
}

/** The storage as a client uses it. It never throws. */
export function storageOf(area: () => Storage): OutboxStorage {
  return {
    getItem: key => readStorage(area, key),
    setItem: (key, value) => writeStorage(area, key, value),
    removeItem: key => writeStorage(area, key, ''),
  };
}
