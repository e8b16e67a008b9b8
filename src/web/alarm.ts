/** A clock, as the line is given it, and an alarm on it: one thing to do later, set anew or called off. */

export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export class Alarm {
  readonly #clock: Clock;
  #timer: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs something in `ms` milliseconds, instead of whatever it was set to. */
  set(ms: number, run: () => void): void {
    this.clear();
    this.#timer = this.#clock.setTimeout(run, ms);
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}
