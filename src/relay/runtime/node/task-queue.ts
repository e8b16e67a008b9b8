/**
 * Work that many ask for at once, done a few milliseconds to a turn of the event loop, so that the others have their turn
 * in between. Nothing is put off while there is time: what fits is done in the turn in which it was asked for.
 */

/** The event loop, as far as this needs it. */
export interface Loop {
  /** Milliseconds of a clock that runs while code does. */
  now(): number;
  /** Runs something in the next turn. */
  later(run: () => void): void;
  /** Runs something in this turn, once everything that was promised has been done. */
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

  /** Does `job` in its turn, after what was asked for before. What it awaits, but for the outside, counts as its own. */
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
