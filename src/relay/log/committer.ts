/**
 * Decides when the log is committed. Everything appended in one turn of the event loop, in all rooms, is committed at
 * its end. Two rules refine that: entries appended to a room while a batch is still being written to its readers wait
 * until that batch is written, because they cannot be sent earlier; and a commit comes before each slice of a long
 * delivery, so that small rooms do not wait for a large one.
 */
import type { Scheduler } from '../scheduler.ts';
import type { Log } from './log.ts';

/** A room that appends, as the committer sees it. */
export interface Appender {
  /** Whether a batch is still being written to its readers. */
  readonly busy: boolean;
}

export interface CommitterOptions {
  /** Runs a function once everything that has arrived in this turn of the event loop has been read. */
  readonly defer: (run: () => void) => void;
  /** The time in milliseconds, which goes on evenly whatever the time of day is set to. */
  readonly now: () => number;
}

/** How long after a failed commit the log counts as failing, if nobody has appended anything since. */
const FAILING_MS = 30_000;

export class Committer {
  readonly #log: Log;
  readonly #defer: (run: () => void) => void;
  /** Rooms whose entries wait until the current batch has been written. */
  readonly #waiting = new Set<Appender>();
  readonly #now: () => number;
  #requested = false;
  /** When the last commit failed (ms). */
  #failedAt: number | undefined;

  constructor(log: Log, { defer, now }: CommitterOptions) {
    this.#log = log;
    this.#defer = defer;
    this.#now = now;
  }

  /** Whether the last commit has failed lately. After a while without another, the next one may well succeed. */
  get failing(): boolean {
    return this.#failedAt !== undefined && Math.abs(this.#now() - this.#failedAt) < FAILING_MS;
  }

  /** The room has appended something. */
  appended(room: Appender): void {
    if (room.busy) this.#waiting.add(room);
    else this.#request();
  }

  /** The room's batch has been written to all of its readers. */
  written(room: Appender): void {
    if (this.#waiting.has(room)) this.#request();
  }

  /** Commits everything appended so far. */
  commit(): void {
    this.#requested = false;
    if (this.#waiting.size > 0) this.#waiting.clear();
    this.#log.commit();
    this.#failedAt = this.#log.failing ? this.#now() : undefined;
  }

  /** The same scheduler, with a commit before each function that it runs later. */
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
