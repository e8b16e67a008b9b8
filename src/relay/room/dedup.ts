/**
 * Which messages a room has heard of, so that a retry is stored once. Only a frame marked `again` asks, and until the
 * first one does, nothing is kept; then it is filled from the log, and from there on every message is noted and looked
 * up: a first sending may still be under way on a connection that its sender has given up.
 */
import type { RoomLog } from '../log/log.ts';

/** The place of a stored entry, or the one that waits to be committed. */
export type Known<P> = number | P;

/** Keys read from the log at a time when filling. */
const FILL = 1000;

/** `P` is an entry that waits to be committed. */
export class DedupIndex<P extends { readonly key: string }> {
  readonly #log: Pick<RoomLog, 'keysAfter' | 'oldest'>;
  /** In the order of the log, so the oldest come first. */
  #known: Map<string, Known<P>> | undefined;

  constructor(log: Pick<RoomLog, 'keysAfter' | 'oldest'>) {
    this.#log = log;
  }

  /** Whether someone has asked, so that everything must be noted and looked up. */
  get active(): boolean {
    return this.#known !== undefined;
  }

  /** Reads the keys in the log. `pending` are the entries that it has not committed yet. */
  activate(pending: Iterable<P>): void {
    this.#known = new Map();
    for (let after = 0; ; ) {
      const places = this.#log.keysAfter(after, FILL);
      for (const { seq, key } of places) {
        this.#known.set(key, seq);
        after = seq;
      }
      if (places.length < FILL) break;
    }
    for (const entry of pending) this.note(entry.key, entry);
  }

  find(key: string): Known<P> | undefined {
    const known = this.#known?.get(key);
    return typeof known === 'number' && known < this.#log.oldest ? undefined : known;
  }

  /** Notes what is known of a key now; does nothing until active. */
  note(key: string, known: Known<P>): void {
    this.#known?.set(key, known);
  }

  forget(key: string): void {
    this.#known?.delete(key);
  }

  /** Drops what the log no longer holds. */
  trim(): void {
    if (!this.#known) return;
    for (const [key, known] of this.#known) {
      if (typeof known !== 'number' || known >= this.#log.oldest) break;
      this.#known.delete(key);
    }
  }
}
