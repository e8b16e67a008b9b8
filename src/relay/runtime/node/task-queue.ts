/**
 * A queue for work that many clients request at the same time. It runs a few milliseconds of work in each turn of the
 * event loop, so that other work runs in between.
 */

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
  readonly #waiting: (() => void)[] = [];
  #until = 0;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  /** Runs `job` after all earlier jobs. Promises that it awaits within the process count as part of the job. */
  add(job: () => void): void {
    this.#waiting.push(job);
    if (this.#waiting.length === 1) this.#loop.later(() => this.#begin());
  }

  #begin(): void {
    this.#until = this.#loop.now() + TURN_MS;
    this.#run();
  }

  #run(): void {
    const [job] = this.#waiting;
    if (!job) return;
    if (this.#loop.now() >= this.#until) return this.#loop.later(() => this.#begin());
    this.#loop.next(() => {
      this.#waiting.shift();
      this.#run();
    });
    job();
  }
}
