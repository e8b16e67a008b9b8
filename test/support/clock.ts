/** A clock wound by hand: time passes only when a test says so, and timers run in the order they are due. */

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

export class HandClock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  readonly setTimeout = (run: () => void, ms: number): unknown => {
    const timer = { due: this.#now + Math.max(0, ms), run };
    this.#timers.add(timer);
    return timer;
  };

  readonly clearTimeout = (timer: unknown): void => {
    this.#timers.delete(timer as Timer);
  };

  /** How many timers are waiting: none may be left behind by something that was closed. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets `ms` milliseconds pass, running what falls due at its own moment. */
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
   * As `wind`, for very many timers: those that are set on the way and fall due within `ms` run once the earlier ones have,
   * so a timer may see a clock that is up to `step` late.
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

  /** Jumps ahead without running anything, as a machine does that slept; what fell due runs at the next `wind`. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.due <= end && (!first || timer.due < first.due)) first = timer;
    return first;
  }
}
