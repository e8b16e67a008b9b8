/**
 * Sends the messages of the outbox, one at a time, so that they are stored in the order in which they were written. It
 * retries after a disconnect, after a refusal with `retryMs`, and if no answer comes.
 */
import type { Message } from '../../protocol/entries.ts';
import type { ClientFrame, Refused, Welcome } from '../../protocol/frames.ts';
import { CLOSE_TOO_BIG } from '../../protocol/limits.ts';
import type { Outbox, Outgoing } from './outbox.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { type Clock, createTimers } from './timers.ts';
import type { ClientListener } from './types.ts';

/**
 * A message is sent again if it is not answered within this time although the connection is alive; if that is not
 * answered either, the connection is lost.
 */
const ECHO_MS = 10_000;
const TYPING_MS = 3000;

export interface SenderOptions {
  readonly clock: Clock;
  readonly listener: Pick<ClientListener, 'outgoing' | 'sent' | 'discarded'>;
  /** This connection brings no answers: a new one must be made. */
  lost(): void;
}

export interface Sender {
  /**
   * Takes a message and sends it as soon as possible. Returns false if the outbox is full: the message was not taken.
   */
  say(message: string, user: string): boolean;
  /** Reads the outbox's storage, to which someone else has added messages, and sends them. */
  load(): void;
  /** Sends a failed or unknown message again. */
  resend(id: string): void;
  /** Gives up a message. */
  discard(id: string): void;
  /** Tells the others that the user is typing, at most every {@link TYPING_MS}. */
  typing(): void;
  /** A connection has begun, with the relay's limits and the user's public id. */
  onWelcome(frame: Pick<Welcome, 'limits' | 'you'>): void;
  /** The client is behind. If entries are `missing`, whether sent messages were stored cannot be known. */
  onPage(missing: boolean): void;
  /** The client is live: waiting messages may be sent. */
  onLive(): void;
  /** The connection is closed, with this close code if there was one. */
  onDrop(code: number | undefined): void;
  /** A message of the user is stored. */
  onStored(message: Message): void;
  /** A message was refused. */
  onRefused(frame: Refused): void;
}

export function createSender(
  outbox: Outbox,
  send: (frame: ClientFrame) => void,
  { clock, listener, lost }: SenderOptions,
): Sender {
  const timers = createTimers(clock);
  const rateLimiter = createRateLimiter();
  let live = false;
  let you = '';
  /** The id of the message that is under way. */
  let underWay: string | undefined;
  let typedAt: number | undefined;

  const mark = (id: string | undefined, change: Partial<Outgoing>) => {
    const item = outbox.mark(id, change);
    if (item) listener.outgoing?.(item);
  };
  /** `unanswered`: the last sending brought no answer. */
  const sendNext = (unanswered?: boolean) => {
    const next = outbox.items.find(isPending);
    if (!live || underWay !== undefined || !next) return;
    const { id, message, user, sentAs } = next;
    if (sentAs && sentAs !== you) {
      // The relay stores a message once for each public id: sent under another one, it may be there twice.
      mark(id, { state: 'unknown' });
      return sendNext();
    }
    const waitMs = rateLimiter.take(clock.now());
    if (waitMs > 0) return timers.set('send', waitMs, () => sendNext(unanswered));
    underWay = id;
    outbox.mark(id, { sentAs: you });
    timers.set('send', ECHO_MS, () => (unanswered ? lost() : settle(id, true)));
    send({ type: 'normal', id, message, user, again: sentAs !== undefined || undefined });
  };
  /** The message that was under way is answered, or is to be sent again: sends the next. */
  const settle = (id: string | undefined, unanswered?: boolean) => {
    if (id !== underWay) return;
    underWay = undefined;
    sendNext(unanswered);
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
    load() {
      outbox.load();
      sendNext();
    },
    resend(id) {
      mark(id, { state: 'pending', code: undefined, sentAs: you });
      sendNext();
    },
    discard,
    typing() {
      const now = clock.now();
      if (!live || (typedAt !== undefined && now - typedAt < TYPING_MS) || rateLimiter.take(now) > 0) return;
      typedAt = now;
      send({ type: 'typing' });
    },
    onWelcome(frame) {
      ({ you } = frame);
      rateLimiter.start(frame.limits.rate, frame.limits.burst, clock.now());
    },
    onPage(missing) {
      live = false;
      if (!missing) return;
      underWay = undefined;
      for (const item of outbox.items) {
        if (isPending(item) && item.sentAs !== undefined) mark(item.id, { state: 'unknown' });
      }
    },
    onLive() {
      live = true;
      sendNext();
    },
    onDrop(code) {
      live = false;
      timers.clearAll();
      if (code === CLOSE_TOO_BIG) mark(underWay, { state: 'failed', code: 'too-big' });
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
        mark(id, { state: 'failed', code });
        settle(id);
      }
    },
  };
}

function isPending({ state }: Outgoing): boolean {
  return state === 'pending';
}
