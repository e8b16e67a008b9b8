/**
 * The messages that a room has received, so that a retried one is stored once. Nothing is kept until the first frame
 * marked `again`; then the index is filled from the log, and from there on every message is noted and looked up: the
 * first copy may still be under way on a connection that its sender has given up.
 */
import type { RoomLog } from '../log/log.ts';

/** The `seq` of a stored entry, or an entry that waits to be committed. */
export type Known<P> = number | P;

/** Keys read from the log at a time to fill the index. */
const FILL = 1000;

/** `P` is an entry that waits to be committed. */
export class DedupIndex<P extends { readonly key: string }> {
  readonly #log: Pick<RoomLog, 'keysAfter' | 'oldest'>;
  /** In the order of the log, oldest first. */
  #known: Map<string, Known<P>> | undefined;

  constructor(log: Pick<RoomLog, 'keysAfter' | 'oldest'>) {
    this.#log = log;
  }

  /** Whether a message has been retried, so that every message must be noted and looked up. */
  get active(): boolean {
    return this.#known !== undefined;
  }

  /** Fills the index from the log. `pending` are the entries that are not committed yet. */
  activate(pending: Iterable<P>): void {
    this.#known = new Map();
    for (let after = 0; ; ) {
      const entries = this.#log.keysAfter(after, FILL);
      for (const { seq, key } of entries) {
        this.#known.set(key, seq);
        after = seq;
      }
      if (entries.length < FILL) break;
    }
    for (const entry of pending) this.note(entry.key, entry);
  }

  find(key: string): Known<P> | undefined {
    const known = this.#known?.get(key);
    return typeof known === 'number' && known < this.#log.oldest ? undefined : known;
  }

  /** Sets the current state of a key; does nothing until active. */
  note(key: string, known: Known<P>): void {
    this.#known?.set(key, known);
  }

  forget(key: string): void {
    this.#known?.delete(key);
  }

  /** Drops the entries that are no longer in the log. */
  trim(): void {
    if (!this.#known) return;
    for (const [key, known] of this.#known) {
      if (typeof known !== 'number' || known >= this.#log.oldest) break;
      this.#known.delete(key);
    }
  }
}
