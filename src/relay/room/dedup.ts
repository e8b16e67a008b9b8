/**
 * Which ids a room has heard of, so that what is said again is stored once. Only a frame marked `again` asks, and until
 * the first one does, nothing is kept; then it is filled from the log, and from there on every message is noted and
 * looked up: a first sending may still be under way on a line that its sender has given up.
 */
import type { NewEntry, RoomLog } from '../log/log.ts';

/** The place of a stored message, or the draft that waits to be committed. */
export type Known<D extends NewEntry> = number | D;

/** Messages read from the log at a time when filling. */
const FILL = 1000;
/** How every payload begins, ids being of characters that need no escape: parsing all of each would take ten times as long. */
const SAID = /^\{"type":"normal","seq":\d+,"id":"([\w-]+)","from":"([\w-]+)"/;

export class DedupIndex<D extends NewEntry> {
  readonly #log: RoomLog<D>;
  /** In the order of the log, so the oldest come first. */
  #known: Map<string, Known<D>> | undefined;

  constructor(log: RoomLog<D>) {
    this.#log = log;
  }

  /** Whether someone has asked, so that everything said must be noted and looked up. */
  get active(): boolean {
    return this.#known !== undefined;
  }

  /** Reads the log. `drafts` are those that it has not committed yet. */
  activate(drafts: Iterable<D>): void {
    this.#known = new Map();
    for (let after = 0; ; ) {
      const messages = this.#log.after(after, FILL);
      for (const { seq, payload } of messages) {
        const [, id, from] = SAID.exec(payload) ?? [];
        if (id !== undefined && from !== undefined) this.#known.set(nameOf({ id, from }), seq);
        after = seq;
      }
      if (messages.length < FILL) break;
    }
    for (const draft of drafts) this.note(draft, draft);
  }

  find(said: { from: string; id: string }): Known<D> | undefined {
    return this.#known?.get(nameOf(said));
  }

  /** Notes what is known of a draft now; does nothing until active. */
  note(draft: D, known: Known<D>): void {
    this.#known?.set(nameOf(draft), known);
  }

  forget(draft: D): void {
    this.#known?.delete(nameOf(draft));
  }

  /** Lets go of what the log no longer holds. */
  trim(): void {
    if (!this.#known) return;
    for (const [name, known] of this.#known) {
      if (typeof known !== 'number' || known >= this.#log.oldest) break;
      this.#known.delete(name);
    }
  }
}

function nameOf({ from, id }: { from: string; id: string }): string {
  return `${from} ${id}`;
}
