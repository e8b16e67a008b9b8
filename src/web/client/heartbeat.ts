/**
 * Whether the other end is still there: a ping at every beat, and a deadline for any sign of life. An alarm that comes late
 * means that this machine or tab slept, not that the line is dead, so it is probed first.
 */
import type { Clock, Timers } from './timers.ts';

/** Nothing heard for so long after a ping: dead. */
const DEAD_MS = 10_000;
/** The same, when there is reason to doubt. */
const PROBE_MS = 5000;
/** An alarm that comes later than this was asleep. */
const LATE_MS = 2000;

export class Heartbeat {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #interval: () => number;
  readonly #ping: () => void;
  readonly #dead: () => void;
  /** When the oldest ping without an answer was sent; 0 when there is none. */
  #pingedAt = 0;
  #deadline = Number.POSITIVE_INFINITY;
  /** A deadline came late, and nothing was heard since: the next one counts, or a tab that is always late waits for ever. */
  #probed = false;

  /** `interval` says how many milliseconds lie from beat to beat, 0 for none. */
  constructor(clock: Clock, timers: Timers, interval: () => number, ping: () => void, dead: () => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#interval = interval;
    this.#ping = ping;
    this.#dead = dead;
    this.start();
  }

  /** Begins, or goes on at a changed pace. */
  start(): void {
    const ms = this.#interval();
    if (ms > 0) this.#timers.set('ping', ms, lateMs => this.#sendPing(lateMs > LATE_MS ? PROBE_MS : DEAD_MS));
  }

  /** Something came: it is alive. */
  onMessage(): void {
    this.#timers.clear('dead');
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#probed = false;
  }

  /** A ping came back: the milliseconds it took, `undefined` where it was not the one that is timed. */
  onPong(): number | undefined {
    const askedAt = this.#pingedAt;
    this.#pingedAt = 0;
    return askedAt ? this.#clock.now() - askedAt : undefined;
  }

  /** Asks now whether it is still there. */
  probe(): void {
    this.#sendPing(PROBE_MS);
  }

  #sendPing(waitMs: number): void {
    const now = this.#clock.now();
    this.#pingedAt ||= now;
    // Asking again puts off no deadline that is running.
    if (now + waitMs < this.#deadline) {
      this.#deadline = now + waitMs;
      this.#timers.set('dead', waitMs, lateMs => this.#onDeadline(lateMs));
    }
    this.start();
    this.#ping();
  }

  #onDeadline(lateMs: number): void {
    if (lateMs <= LATE_MS || this.#probed) return this.#dead();
    this.onMessage();
    this.#probed = true;
    this.probe();
  }
}
