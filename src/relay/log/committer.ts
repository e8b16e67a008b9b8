/**
 * When the log is committed. Everything that is appended in one turn of the event loop, to whichever rooms, is committed
 * at its end. Two rules refine that: what is appended to a room while a batch is still being written to its readers waits
 * until that batch is out, because it cannot go out earlier; and a commit comes before each slice of a long delivery, so
 * that small rooms do not wait for a large one.
 */
import type { Scheduler } from '../scheduler.ts';
import type { Log } from './log.ts';

/** A room that appends, as the committer sees it. */
export interface Appender {
  /** Whether a batch is still being written to its readers. */
  readonly busy: boolean;
}

export interface CommitterOptions {
  /** Runs something once everything that has arrived in this turn of the event loop was read. */
  readonly defer: (run: () => void) => void;
}

export class Committer {
  readonly #log: Log;
  readonly #defer: (run: () => void) => void;
  /** Rooms whose entries wait until their batch has been written. */
  readonly #waiting = new Set<Appender>();
  #requested = false;

  constructor(log: Log, { defer }: CommitterOptions) {
    this.#log = log;
    this.#defer = defer;
  }

  /** The room has appended something. */
  appended(room: Appender): void {
    if (room.busy) this.#waiting.add(room);
    else this.#request();
  }

  /** The room's batch has been written to all its readers. */
  written(room: Appender): void {
    if (this.#waiting.has(room)) this.#request();
  }

  /** Commits everything that was appended so far. */
  commit(): void {
    this.#requested = false;
    this.#waiting.clear();
    this.#log.commit();
  }

  /** The same scheduler, with a commit before everything that it runs later. */
  commitFirst(scheduler: Scheduler): Scheduler {
    return {
      now: () => scheduler.now(),
      later: run =>
        scheduler.later(() => {
          try {
            this.#commitRequested();
          } finally {
            run();
          }
        }),
    };
  }

  #request(): void {
    if (this.#requested) return;
    this.#requested = true;
    this.#defer(() => this.#commitRequested());
  }

  #commitRequested(): void {
    if (this.#requested) this.commit();
  }
}
