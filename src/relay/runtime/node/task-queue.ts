/**
 * A queue for work that many clients ask for at once. It does a few milliseconds of it in each turn of the event loop, so
 * that everyone else has a turn in between. What fits into the turn in which it was asked for is done in that turn.
 */

/** The event loop, as far as this needs it. */
export interface Loop {
  /** Milliseconds of a clock that runs while code does. */
  now(): number;
  /** Runs something in the next turn. */
  later(run: () => void): void;
  /** Runs something in this turn, once all promises that are settled have been handled. */
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

  /** Does `job` after all jobs before it. What it awaits within the process counts as part of it. */
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
