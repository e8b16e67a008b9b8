/** Tells who is new to a room: a person who has not spoken there, as far as the open room remembers. */
import type { Reader } from './reader.ts';

/** People remembered per room. If more speak, the earliest are new again. */
const MAX_REMEMBERED = 1000;

export class Newcomers {
  readonly #spoken = new Set<string>();

  /** Whether the person of a reader is new. */
  includes(reader: Reader): boolean {
    return !(reader.spoke || (reader.person !== undefined && this.#spoken.has(reader.person.from)));
  }

  /** The person of a reader has spoken, and so is no longer new. */
  remove(reader: Reader): void {
    if (reader.spoke || !reader.person) return;
    reader.spoke = true;
    this.#spoken.add(reader.person.from);
    if (this.#spoken.size <= MAX_REMEMBERED) return;
    const [earliest = ''] = this.#spoken;
    this.#spoken.delete(earliest);
  }
}
