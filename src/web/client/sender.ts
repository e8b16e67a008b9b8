/**
 * Sends what was said: an outbox, of which one message at a time is under way, so that they are stored in the order in
 * which they were said; again after a break, a refusal that passes, or when no answer comes.
 */
import type { Message } from '../../protocol/entries.ts';
import type { ClientFrame, Limits, Refused } from '../../protocol/frames.ts';
import { CLOSE_TOO_BIG } from '../../protocol/limits.ts';
import type { Outbox, Outgoing } from './outbox.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { type Clock, createTimers } from './timers.ts';
import type { ClientListener } from './types.ts';

/** No answer to a message for so long, though the connection is alive: it is sent again. */
const ECHO_MS = 10_000;
const TYPING_MS = 3000;

export interface SenderOptions {
  readonly clock: Clock;
  readonly listener: Pick<ClientListener, 'outgoing' | 'sent' | 'discarded'>;
}

export interface Sender {
  /** Takes a message and sends it as soon as that is possible. False if too much waits already: nothing was taken. */
  say(message: string, user: string): boolean;
  /** Sends again what failed or is unknown. */
  resend(id: string): void;
  /** Gives up a message. */
  discard(id: string): void;
  /** Says that something is being written, now and then. */
  typing(): void;
  /** A connection has begun, with the relay's limits. */
  onWelcome(limits: Pick<Limits, 'rate' | 'burst'>): void;
  /** The client is behind. If entries are `missing`, nobody can tell what became of messages that were sent. */
  onPage(missing: boolean): void;
  /** The client is live: what waits may go. */
  onLive(): void;
  /** The connection is gone, by this close code if one came. */
  onDrop(code: number | undefined): void;
  /** A message with one's own `from` is stored. */
  onStored(message: Message): void;
  /** A message was refused. */
  onRefused(frame: Refused): void;
}

export function createSender(
  outbox: Outbox,
  send: (frame: ClientFrame) => void,
  { clock, listener }: SenderOptions,
): Sender {
  const timers = createTimers(clock);
  const rateLimiter = createRateLimiter();
  let live = false;
  /** The id of the message that is under way. */
  let underWay: string | undefined;
  let typedAt: number | undefined;

  const mark = (id: string | undefined, state: Outgoing['state'], code?: Outgoing['code']) => {
    const item = outbox.mark(id, state, code);
    if (item) listener.outgoing?.(item);
  };
  const sendNext = () => {
    const { next } = outbox;
    if (!live || underWay !== undefined || !next) return;
    const waitMs = rateLimiter.take(clock.now());
    if (waitMs > 0) return timers.set('send', waitMs, sendNext);
    const { id, message, user } = next;
    underWay = id;
    timers.set('send', ECHO_MS, () => settle(id));
    send({ type: 'normal', id, message, user, again: outbox.send(id) || undefined });
  };
  /** What was under way has come to an end: the next may go. */
  const settle = (id: string | undefined) => {
    if (id !== underWay) return;
    underWay = undefined;
    sendNext();
  };
  const discard = (id: string | undefined) => {
    if (id === undefined || !outbox.remove(id)) return;
    listener.discarded?.(id);
    settle(id);
  };

  return {
    say(message, user) {
      const item = outbox.add(message, user, clock.now());
      if (!item) return false;
      listener.outgoing?.(item);
      sendNext();
      return true;
    },
    resend(id) {
      mark(id, 'pending');
      sendNext();
    },
    discard,
    typing() {
      const now = clock.now();
      if (!live || (typedAt !== undefined && now - typedAt < TYPING_MS) || rateLimiter.take(now) > 0) return;
      typedAt = now;
      send({ type: 'typing' });
    },
    onWelcome({ rate, burst }) {
      rateLimiter.start(rate, burst, clock.now());
    },
    onPage(missing) {
      live = false;
      if (!missing) return;
      underWay = undefined;
      for (const { id } of outbox.uncertain) mark(id, 'unknown');
    },
    onLive() {
      live = true;
      sendNext();
    },
    onDrop(code) {
      live = false;
      timers.clearAll();
      if (code === CLOSE_TOO_BIG) mark(underWay, 'failed', 'too-big');
      underWay = undefined;
    },
    onStored(message) {
      const { id } = message;
      if (!outbox.remove(id)) return;
      listener.sent?.(id, message);
      settle(id);
    },
    onRefused({ code, retryMs, id = underWay }) {
      if (retryMs !== undefined) {
        if (id === underWay) timers.set('send', retryMs, () => settle(id));
        // It was stored, and has been erased since.
      } else if (code === 'gone') discard(id);
      else {
        mark(id, 'failed', code);
        settle(id);
      }
    },
  };
}
