/** A clock that the test controls: time passes only when a test says so, and timers run in the order they are due. */

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

export class HandClock {
  #now: number;
  #set = 0;
  readonly #timers = new Set<Timer>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  /** The time of day: the same as `now` until it is set. */
  readonly date = (): number => this.#now + this.#set;

  /** Sets the time of day forward, or back if `ms` is negative. No time passes. */
  set(ms: number): void {
    this.#set += ms;
  }

  readonly setTimeout = (run: () => void, ms: number): unknown => {
    // As in every runtime, a wait of more than 31 bits, or of no number, ends at once.
    const wait = ms <= 2 ** 31 - 1 ? Math.max(0, ms) : 1;
    const timer = { due: this.#now + wait, run };
    this.#timers.add(timer);
    return timer;
  };

  readonly clearTimeout = (timer: unknown): void => {
    this.#timers.delete(timer as Timer);
  };

  /** The number of pending timers. Something that was closed must not leave any. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets `ms` milliseconds pass and runs each timer at its due time. */
  wind(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.run();
    }
    this.#now = end;
  }

  /**
   * Like `wind`, but fast for very many timers: time advances in steps, so a timer may run up to `step` milliseconds
   * late.
   */
  windInSteps(ms: number, step = 10): void {
    const end = this.#now + ms;
    while (this.#now < end) {
      this.#now = Math.min(end, this.#now + step);
      for (const timer of this.#timers) {
        if (timer.due > this.#now) continue;
        this.#timers.delete(timer);
        timer.run();
      }
    }
  }

  /** Jumps ahead without running timers, like a machine that slept. Timers that became due run at the next `wind`. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.due <= end && (!first || timer.due < first.due)) first = timer;
    return first;
  }
}
