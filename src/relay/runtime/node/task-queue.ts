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

export class TaskQueue {
  readonly #loop: Loop;
  readonly #waiting = new Rotation<() => void>();
  #running = false;
  #until = 0;

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
