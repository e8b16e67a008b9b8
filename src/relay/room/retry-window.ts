/**
 * Remembers where in the log the messages of recent retries were stored. The first copy of such a message may still be
 * in the buffer of a connection that its sender has given up, and arrive later without being marked as a retry.
 */
import type { DedupWindow } from './context.ts';

/** A retry at `at` (ms) was stored after `seq`. */
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

  note(head: number): void {
    const at = this.#now();
    const last = this.#marks.at(-1);
    if (last && at - last.at < MARK_MS) return;
    this.#marks = [...this.#marks.filter(mark => this.#isRecent(mark, at)), { at, seq: head }];
  }

  after(): number | undefined {
    const now = this.#now();
    return this.#marks.find(mark => this.#isRecent(mark, now))?.seq;
  }

  /** A mark stands for all retries until the next mark. */
  #isRecent({ at }: RetryMark, now: number): boolean {
    return now - at < this.#windowMs + MARK_MS;
  }
}
