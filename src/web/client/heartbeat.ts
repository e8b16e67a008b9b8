/**
 * Finds out whether the other end is still there: a ping at every beat, and a deadline for any frame after it. A timer
 * that fires late means that this machine or tab slept, not that the connection is dead, so it is probed first.
 */
import type { Clock, Timers } from './timers.ts';

/** Nothing received for so long after a ping: dead. */
const DEAD_MS = 10_000;
/** The same, when there is reason to doubt. */
const PROBE_MS = 5000;
/** If a timer fires later than this, the machine slept. */
const LATE_MS = 2000;

export interface Heartbeat {
  /** Begins, or goes on at a changed interval. */
  start(): void;
  /** A frame has come: the other end is alive. */
  onMessage(): void;
  /** The milliseconds that the answer to a ping took, `undefined` if that ping is not the one that is timed. */
  onPong(): number | undefined;
  /** Asks now whether the other end is still there. */
  probe(): void;
}

export interface HeartbeatOptions {
  /** Milliseconds between pings, 0 for none. */
  interval(): number;
  ping(): void;
  dead(): void;
}

export function createHeartbeat(clock: Clock, timers: Timers, { interval, ping, dead }: HeartbeatOptions): Heartbeat {
  /** When the oldest unanswered ping was sent. */
  let pingedAt: number | undefined;
  let deadline: number | undefined;
  /** A deadline came late, and nothing was received since: the next one counts, or a tab that is always late never ends. */
  let probed = false;

  const start = () => {
    const ms = interval();
    if (ms > 0) timers.set('ping', ms, lateMs => sendPing(lateMs > LATE_MS ? PROBE_MS : DEAD_MS));
  };
  const onMessage = () => {
    timers.clear('dead');
    deadline = undefined;
    probed = false;
  };
  const sendPing = (waitMs: number) => {
    const now = clock.now();
    pingedAt ??= now;
    // Asking again never puts off a deadline that is running.
    if (deadline === undefined || now + waitMs < deadline) {
      deadline = now + waitMs;
      timers.set('dead', waitMs, onDeadline);
    }
    start();
    ping();
  };
  const probe = () => sendPing(PROBE_MS);
  const onDeadline = (lateMs: number) => {
    if (lateMs <= LATE_MS || probed) return dead();
    onMessage();
    probed = true;
    probe();
  };

  start();
  return {
    start,
    onMessage,
    onPong() {
      const askedAt = pingedAt;
      pingedAt = undefined;
      return askedAt === undefined ? undefined : clock.now() - askedAt;
    },
    probe,
  };
}
