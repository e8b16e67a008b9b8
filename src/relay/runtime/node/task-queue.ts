/**
 * A queue for work that many clients request at the same time. It runs a few milliseconds of work in each turn of the
 * event loop, so that other work runs in between, and takes turns over those it works for, so that each delays only
 * itself.
 */

import { Rotation } from '../../rotation.ts';

/** The parts of the event loop that the queue needs. */
export interface Loop {
  /** Milliseconds of a clock that advances while code runs. */
  now(): number;
  /** Runs a function in the next turn. */
  later(run: () => void): void;
  /** Runs a function in this turn, after the reactions of all settled promises. */
  next(run: () => void): void;
}

const TURN_MS = 2;
/** The cost of work at once in one turn, and from when on the end of the turn is looked for. */
const MAX_AT_ONCE = 2_000_000;
const MANY_AT_ONCE = 250_000;

export class TaskQueue {
  readonly #loop: Loop;
  readonly #waiting = new Rotation<() => void>();
  #running = false;
  #until = 0;
  /** The cost of the work at once, in this turn and in those before it in which there was little. */
  #atOnce = 0;
  #clears = false;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  /**
   * Runs `job` after all earlier jobs of the same source, such as a network, and after at most one of each other
   * source for each of these. Promises that the job awaits within the process count as part of it.
   */
  add(job: () => void, source = ''): void {
    this.#waiting.add(job, source);
    if (this.#running) return;
    this.#running = true;
    this.#loop.later(() => this.#begin());
  }

  /**
   * Counts work that is so small that it need not wait for a turn. Returns whether it must wait all the same, because
   * there has been much of it in this turn, from many connections. `cost` is about 15 ns each.
   */
  mustWait(cost: number): boolean {
    this.#atOnce += cost;
    if (this.#atOnce > MANY_AT_ONCE && !this.#clears) {
      this.#clears = true;
      this.#loop.later(() => {
        this.#atOnce = 0;
        this.#clears = false;
      });
    }
    return this.#atOnce > MAX_AT_ONCE;
  }

  #begin(): void {
    this.#until = this.#loop.now() + TURN_MS;
    this.#run();
  }

  #run(): void {
    if (this.#waiting.isEmpty) {
      this.#running = false;
      return;
    }
    if (this.#loop.now() >= this.#until) return this.#loop.later(() => this.#begin());
    const next = this.#waiting.take();
    this.#loop.next(() => this.#run());
    next?.work();
  }
}
