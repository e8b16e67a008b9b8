import type { Scheduler } from '../../src/relay/scheduler.ts';

/** A scheduler whose clock advances each time it is read, and which runs slices when the test says so. */
export class HandScheduler implements Scheduler {
  readonly #waiting: (() => void)[] = [];
  #now = 0;

  now(): number {
    this.#now += 1;
    return this.#now;
  }

  later(run: () => void): void {
    this.#waiting.push(run);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs the next slice. */
  turn(): void {
    this.#waiting.shift()?.();
  }

  /** Runs every slice that is left. */
  finish(): void {
    while (this.waiting > 0) this.turn();
  }
}
