/**
 * Remembers where in the log the messages of recent retries were stored. The first copy of such a message may still be
 * in the buffer of a connection that its sender has given up, and arrive later without being marked as a retry.
 */
import type { DedupWindow } from './context.ts';

/** The message of a retry at `at` (ms) is stored after `seq`. */
export interface RetryMark {
  readonly at: number;
  readonly seq: number;
}

/** The shortest time between two marks. */
const MARK_MS = 60_000;

export interface RetryWindowOptions {
  /** The marks of an earlier window. */
  readonly marks?: readonly RetryMark[];
  /** How long after a retry its first copy may still arrive. */
  readonly windowMs: number;
}

export class RetryWindow implements DedupWindow {
  readonly #now: () => number;
  readonly #windowMs: number;
  /** Oldest first. */
  #marks: readonly RetryMark[];

  constructor(now: () => number, { marks = [], windowMs }: RetryWindowOptions) {
    this.#now = now;
    this.#marks = marks;
    this.#windowMs = windowMs;
  }

  get marks(): readonly RetryMark[] {
    return this.#marks;
  }

  note(seq: number): void {
    const at = this.#now();
    const last = this.#marks.at(-1);
    if (!last || at - last.at >= MARK_MS) {
      this.#marks = [...this.#marks.filter(mark => this.#isRecent(mark, at)), { at, seq }];
    } else if (seq < last.seq) {
      this.#marks = [...this.#marks.slice(0, -1), { at: last.at, seq }];
    }
  }

  after(): number | undefined {
    const now = this.#now();
    let after: number | undefined;
    for (const mark of this.#marks) {
      if (this.#isRecent(mark, now) && (after === undefined || mark.seq < after)) after = mark.seq;
    }
    return after;
  }

  /** A mark stands for all retries until the next mark. */
  #isRecent({ at }: RetryMark, now: number): boolean {
    return now - at < this.#windowMs + MARK_MS;
  }
}
