/**
 * Whether the other end is still there: a ping at every beat, and a deadline for any sign of life. An alarm that comes late
 * means that this machine or tab slept, not that the line is dead, so it is probed first.
 */
import type { Alarms, Clock } from './timers.ts';

/** Nothing heard for so long after a ping: dead. */
const DEAD_MS = 10_000;
/** The same, when there is reason to doubt. */
const PROBE_MS = 5000;
/** An alarm that comes later than this was asleep. */
const LATE_MS = 2000;

export class Heartbeat {
  readonly #clock: Clock;
  readonly #alarms: Alarms;
  readonly #interval: () => number;
  readonly #ping: () => void;
  readonly #dead: () => void;
  /** When the oldest ping without an answer was sent; 0 when there is none. */
  #askedAt = 0;
  #deadline = Number.POSITIVE_INFINITY;
  /** A deadline came late, and nothing was heard since: the next one counts, or a tab that is always late waits for ever. */
  #doubted = false;

  /** `interval` says how many milliseconds lie from beat to beat, 0 for none. */
  constructor(clock: Clock, alarms: Alarms, interval: () => number, ping: () => void, dead: () => void) {
    this.#clock = clock;
    this.#alarms = alarms;
    this.#interval = interval;
    this.#ping = ping;
    this.#dead = dead;
    this.start();
  }

  /** Begins, or goes on at a changed pace. */
  start(): void {
    const ms = this.#interval();
    if (ms > 0) this.#alarms.set('beat', ms, lateMs => this.#ask(lateMs > LATE_MS ? PROBE_MS : DEAD_MS));
  }

  /** Something came: it is alive. */
  heard(): void {
    this.#alarms.clear('dead');
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#doubted = false;
  }

  /** A ping came back: the milliseconds it took, `undefined` where it was not the one that is timed. */
  answered(): number | undefined {
    const askedAt = this.#askedAt;
    this.#askedAt = 0;
    return askedAt ? this.#clock.now() - askedAt : undefined;
  }

  /** Asks now whether it is still there. */
  probe(): void {
    this.#ask(PROBE_MS);
  }

  #ask(waitMs: number): void {
    const now = this.#clock.now();
    this.#askedAt ||= now;
    // Asking again puts off no deadline that is running.
    if (now + waitMs < this.#deadline) {
      this.#deadline = now + waitMs;
      this.#alarms.set('dead', waitMs, lateMs => this.#judge(lateMs));
    }
    this.start();
    this.#ping();
  }

  #judge(lateMs: number): void {
    if (lateMs <= LATE_MS || this.#doubted) return this.#dead();
    this.heard();
    this.#doubted = true;
    this.probe();
  }
}
