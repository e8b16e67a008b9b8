/**
 * Finds out whether the relay still answers: it sends a ping at each interval, and sets a deadline for the next frame
 * of any type. If a timer fires late, the machine or the tab slept, and the connection is not necessarily dead: it is
 * probed first.
 */
import type { Clock, Timers } from './timers.ts';

/** The connection is dead if nothing arrives this long after a ping. */
const DEAD_MS = 10_000;
/** The same for a probe. */
const PROBE_MS = 5000;
/** If a timer fires later than this, the machine slept. */
const LATE_MS = 2000;

export interface Heartbeat {
  /** Starts, or applies a changed interval. */
  start(): void;
  /** A frame has arrived: the relay is alive. */
  onMessage(): void;
  /** Returns the round-trip time of an answered ping in milliseconds, or `undefined` if it was not timed. */
  onPong(): number | undefined;
  /** Sends a ping now, with a shorter deadline. */
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
  /**
   * Whether a deadline was late and nothing has arrived since. The next deadline then counts, however late it is,
   * because in a background tab every timer may be late.
   */
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
    // Another ping does not extend a running deadline.
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
