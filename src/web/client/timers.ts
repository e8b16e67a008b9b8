/** A clock, as the line is given it, and timers on it: one thing to do later under each name, set anew or called off. */

export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export class Timers {
  readonly #clock: Clock;
  readonly #timers = new Map<string, unknown>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs something in `ms` milliseconds, instead of what had this name; it is told by how many it comes too late. */
  set(name: string, ms: number, run: (lateMs: number) => void): void {
    this.clear(name);
    const due = this.#clock.now() + ms;
    const timer = this.#clock.setTimeout(() => run(this.#clock.now() - due), ms);
    this.#timers.set(name, timer);
  }

  clear(name: string): void {
    this.#clock.clearTimeout(this.#timers.get(name));
  }

  clearAll(): void {
    for (const name of this.#timers.keys()) this.clear(name);
  }
}
