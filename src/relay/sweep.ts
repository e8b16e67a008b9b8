/**
 * The sweep: it closes connections that have not sent a hello in time, have been silent for too long, or do not read
 * the bytes queued for them, and it measures how much is queued in all sockets.
 */
import { CLOSE_SILENT } from '../protocol/limits.ts';
import type { Reader } from './room/reader.ts';
import type { SendBudget } from './room/send-budget.ts';

const HELLO_MS = 10_000;
/** If this long passes between two sweeps, the machine slept or its clock was set. */
const LATE_MS = 10_000;

export interface SweepOptions {
  readonly sendBudget: SendBudget;
  /** Milliseconds without a frame after which a connection is closed. */
  readonly idleMs: number;
  /** When sweeping begins (ms). */
  readonly now: number;
}

export class Sweep {
  readonly #readers: ReadonlySet<Reader>;
  readonly #sendBudget: SendBudget;
  readonly #idleMs: number;
  #sweptAt: number;

  constructor(readers: ReadonlySet<Reader>, { sendBudget, idleMs, now }: SweepOptions) {
    this.#readers = readers;
    this.#sendBudget = sendBudget;
    this.#idleMs = idleMs;
    this.#sweptAt = now;
  }

  /** To be called about once a second. `now` is the time (ms). */
  run(now: number): void {
    const late = Math.abs(now - this.#sweptAt) > LATE_MS;
    this.#sweptAt = now;
    for (const reader of this.#readers) {
      // Frames that clients sent in the meantime have not been read yet.
      if (late) reader.resetIdle(now);
      const awaitsHello = reader.dialect.greets && !reader.person;
      const idle = now - reader.lastFrameAt >= this.#idleMs;
      const helloIsLate = awaitsHello && now - reader.openedAt >= HELLO_MS;
      if (idle || helloIsLate || reader.isStuck(now)) reader.close(CLOSE_SILENT);
    }
    this.#sendBudget.weigh(this.#readers);
  }
}
