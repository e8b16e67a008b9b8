/**
 * Whether the other end is still there: a ping at every beat, and a deadline for any sign of life. The clock is asked when
 * a timer runs: one that comes late means that this machine or tab slept, not that the line is dead, so it is probed first.
 */
import { Alarm, type Clock } from './alarm.ts';

/** Nothing heard for so long after a ping: dead. */
const DEAD_MS = 10_000;
/** The same, when there is reason to doubt. */
const PROBE_MS = 5000;
/** A timer that comes later than this was asleep. */
const LATE_MS = 2000;

export interface HeartbeatParts {
  readonly clock: Clock;
  /** Milliseconds from beat to beat; 0 for none. */
  readonly interval: () => number;
  readonly ping: () => void;
  readonly dead: () => void;
}

export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #alarm: Alarm;
  #nextPing = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #due = 0;
  /** When the oldest ping without an answer was sent; 0 when there is none. */
  #askedAt = 0;
  /** Came late, and nothing was heard since: a second time is no excuse, or a tab that is always late waits for ever. */
  #doubted = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.clock);
  }

  /** Begins, or goes on at a changed pace. */
  start(): void {
    const interval = this.#parts.interval();
    this.#nextPing = interval > 0 ? this.#parts.clock.now() + interval : Number.POSITIVE_INFINITY;
    this.#schedule();
  }

  stop(): void {
    this.#alarm.clear();
    this.heard();
    this.#askedAt = 0;
  }

  /** Something came: it is alive. */
  heard(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#doubted = false;
  }

  /** A ping came back: the milliseconds it took, `undefined` where it was not the one that is timed. */
  answered(): number | undefined {
    const askedAt = this.#askedAt;
    this.#askedAt = 0;
    return askedAt === 0 ? undefined : this.#parts.clock.now() - askedAt;
  }

  /** Asks now whether it is still there. */
  probe(): void {
    this.#ping(PROBE_MS);
  }

  #ping(deadlineMs: number): void {
    const now = this.#parts.clock.now();
    this.#deadline = Math.min(this.#deadline, now + deadlineMs);
    this.#askedAt ||= now;
    this.start();
    this.#parts.ping();
  }

  #run(): void {
    const now = this.#parts.clock.now();
    if (now - this.#due > LATE_MS && !this.#doubted) {
      this.heard();
      this.#doubted = true;
      this.probe();
    } else if (now >= this.#deadline) {
      this.#parts.dead();
    } else if (now >= this.#nextPing) {
      this.#ping(DEAD_MS);
    } else {
      this.#schedule();
    }
  }

  #schedule(): void {
    this.#due = Math.min(this.#nextPing, this.#deadline);
    if (this.#due === Number.POSITIVE_INFINITY) this.#alarm.clear();
    else this.#alarm.set(this.#due - this.#parts.clock.now(), () => this.#run());
  }
}
