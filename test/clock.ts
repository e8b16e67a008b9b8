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
    for (const known of this.#timers) if (known === timer) this.#timers.delete(known);
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
