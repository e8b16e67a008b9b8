/**
 * Work that many clients may request at once, such as pages, shares each turn of the event loop: a few milliseconds of
 * it run per turn, in turns over those who requested it, and everything else runs in between.
 */
import type { Soon } from './log/soon.ts';
import { Rotation } from './rotation.ts';
import type { Scheduler } from './scheduler.ts';

/** How long the queue works in one turn; the slice that is running then is finished. */
const TURN_MS = 2;

/** Does a bounded part of some work. Returns whether more of it is left. */
export type Slice = () => boolean;

export interface SliceQueueOptions {
  /** Without a scheduler, everything is done at once. */
  readonly scheduler: Scheduler | undefined;
  /** Reports a caught bug of ours. */
  readonly report: (error: unknown) => void;
}

export class SliceQueue {
  readonly #scheduler: Scheduler | undefined;
  readonly #report: (error: unknown) => void;
  readonly #waiting = new Rotation<Slice>();
  /** When this turn's share ends; `undefined` if nothing was done in this turn. */
  #until: number | undefined;

  constructor({ scheduler, report }: SliceQueueOptions) {
    this.#scheduler = scheduler;
    this.#report = report;
  }

  /**
   * Runs a slice, and again as long as it returns true. The first time is within this call, if nothing waits and this
   * turn has time left; then it throws what the slice throws. `source` is what it takes turns with others for, such as
   * an address or a room.
   */
  add(slice: Slice, source: unknown): void {
    if (!this.#scheduler) {
      while (slice());
      return;
    }
    if (!this.#waiting.isEmpty || !this.#hasTime(this.#scheduler) || slice()) this.#waiting.add(slice, source);
  }

  /** Makes an answer in one slice: within this call if this turn has time left. */
  answer<T>(make: () => Soon<T>, source: unknown): Soon<T> {
    if (!this.#scheduler || (this.#waiting.isEmpty && this.#hasTime(this.#scheduler))) return make();
    return new Promise((resolve, reject) => {
      this.add(() => {
        try {
          resolve(make());
        } catch (error) {
          reject(error);
        }
        return false;
      }, source);
    });
  }

  #hasTime(scheduler: Scheduler): boolean {
    if (this.#until !== undefined) return scheduler.now() < this.#until;
    this.#begin(scheduler);
    return true;
  }

  #begin(scheduler: Scheduler): void {
    this.#until = scheduler.now() + TURN_MS;
    scheduler.later(() => this.#turn(scheduler));
  }

  #turn(scheduler: Scheduler): void {
    this.#until = undefined;
    if (this.#waiting.isEmpty) return;
    this.#begin(scheduler);
    do this.#run();
    while (!this.#waiting.isEmpty && this.#hasTime(scheduler));
  }

  #run(): void {
    const next = this.#waiting.take();
    try {
      if (next?.work()) this.#waiting.add(next.work, next.source);
    } catch (error) {
      this.#report(error);
    }
  }
}
