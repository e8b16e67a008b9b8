/**
 * The browser's storage, which never throws here. What the browser does not take, because the storage is full or
 * blocked, is kept as long as the document lives, so an element that is removed and opened again finds it.
 */
import type { OutboxStorage } from '../client/client.ts';

export interface KeptStorage extends OutboxStorage {
  /** The value stored under `name`; `''` if there is none. */
  getItem(name: string): string;
  /** Stores `value`; an empty one removes what was stored. */
  setItem(name: string, value: string): void;
}

/** Permanent storage, shared by all tabs. */
export const local = keep(() => localStorage);
/** Storage of this tab, until it is closed. */
export const session = keep(() => sessionStorage);

/** `area` is a function, because a browser may refuse even the access. */
function keep(area: () => Storage): KeptStorage {
  /** What the area has not taken; `''` for a value that it has not removed. */
  const refused = new Map<string, string>();
  const setItem = (name: string, value: string) => {
    try {
      if (value) area().setItem(name, value);
      else area().removeItem(name);
      refused.delete(name);
    } catch {
      refused.set(name, value);
    }
  };
  return {
    getItem(name) {
      try {
        return refused.get(name) ?? area().getItem(name) ?? '';
      } catch {
        return '';
      }
    },
    setItem,
    removeItem: name => setItem(name, ''),
  };
}
