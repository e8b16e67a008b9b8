/**
 * Measures how late the event loop is, by a tick that should come at a fixed interval. While the process does not run,
 * or a turn takes long, what clients send waits for it, and then arrives all at once. It is given the time and knows no
 * clock.
 */

/** A tick may be this much late without meaning anything (ms). */
const TOLERANCE_MS = 50;
/** Nobody waits longer for a relay that is silent, and a clock may have been set by hours. */
const MAX_LATE_MS = 30_000;

export class Lateness {
  readonly #intervalMs: number;
  #tickAt = Number.POSITIVE_INFINITY;
  /** The lateness at a time. It shrinks by as much time as passes, in which what had to wait is read. */
  #lateMs = 0;
  #at = 0;

  /** `intervalMs` is the time from one tick to the next; `Infinity` if there are none. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Takes a tick, at `now` (ms). */
  tick(now: number): void {
    this.#lateMs = this.at(now);
    this.#at = now;
    this.#tickAt = now;
  }

  /** For how long before `now` clients may have been kept waiting (ms). */
  at(now: number): number {
    const left = this.#lateMs === 0 ? 0 : Math.max(0, this.#lateMs - Math.abs(now - this.#at));
    const sinceMs = now - this.#tickAt;
    return sinceMs > this.#intervalMs + TOLERANCE_MS ? Math.min(MAX_LATE_MS, left + sinceMs) : left;
  }
}
