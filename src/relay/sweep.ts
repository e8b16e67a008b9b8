/**
 * The sweep: it closes connections that have not sent a hello in time, have been silent for too long, or do not read
 * the bytes queued for them, and it measures how much is queued in all sockets.
 */
import { CLOSE_SILENT } from '../protocol/limits.ts';
import type { Reader } from './room/reader.ts';
import type { SendBudget } from './room/send-budget.ts';

const HELLO_MS = 10_000;
/** If this long passes between two sweeps, the process did not run meanwhile, or the clock was set. */
const LATE_MS = 10_000;

export interface SweepOptions {
  readonly sendBudget: SendBudget;
  /** Milliseconds without a frame after which a connection is closed. */
  readonly idleMs: number;
  /** When sweeping begins (ms). */
  readonly now: number;
  /** Reports a caught bug of ours. */
  readonly report: (error: unknown) => void;
}

export class Sweep {
  readonly #readers: ReadonlySet<Reader>;
  readonly #sendBudget: SendBudget;
  readonly #idleMs: number;
  readonly #report: (error: unknown) => void;
  #sweptAt: number;

  constructor(readers: ReadonlySet<Reader>, { sendBudget, idleMs, now, report }: SweepOptions) {
    this.#readers = readers;
    this.#sendBudget = sendBudget;
    this.#idleMs = idleMs;
    this.#report = report;
    this.#sweptAt = now;
  }

  /** To be called about once a second. `now` is the time (ms). */
  run(now: number): void {
    const late = Math.abs(now - this.#sweptAt) > LATE_MS;
    this.#sweptAt = now;
    for (const reader of this.#readers) {
      // A bug of ours at one reader does not affect the others.
      try {
        // Frames that clients sent in the meantime have not been read yet.
        if (late) reader.resetIdle(now);
        if (this.#isGone(reader, now)) reader.close(CLOSE_SILENT);
      } catch (error) {
        this.#report(error);
      }
    }
    this.#sendBudget.weigh(this.#readers);
  }

  #isGone(reader: Reader, now: number): boolean {
    const awaitsHello = reader.dialect.greets && !reader.person;
    const helloIsLate = awaitsHello && Math.abs(now - reader.openedAt) >= HELLO_MS;
    return helloIsLate || now - reader.lastFrameAt >= this.#idleMs || reader.isStuck(now);
  }
}
