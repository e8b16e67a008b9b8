/**
 * A connection to one room that lasts: connects, beats, reconnects until it succeeds, resumes where it was, and holds what
 * is said until it is known to be stored. It needs no DOM: its WebSocket, fetch, clock, storage and page lifecycle may be
 * handed in, so a bot can use it and a test winds its clock by hand.
 */
import type { Edited, EntryFrame, Erased } from '../../protocol/entries.ts';
import { type ClientFrame, encode } from '../../protocol/frames.ts';
import { parseRelayFrame } from '../../protocol/from-relay.ts';
import { createDialer, type Dialer } from './dialer.ts';
import { createMessages } from './messages.ts';
import { createOutbox, type OutboxStorage, type Outgoing } from './outbox.ts';
import { systemClock } from './platform.ts';
import { createSender } from './sender.ts';
import { createSession } from './session.ts';
import type { Clock } from './timers.ts';
import type { ClientListener, ClientOptions, ConnectionState } from './types.ts';

export type * from './types.ts';
export type { Clock, OutboxStorage, Outgoing };

export interface Client {
  readonly state: ConnectionState;
  readonly user: string;
  /** One's own public id, `''` before the first welcome. */
  readonly you: string;
  /** The log that is read, an opaque name; `undefined` before the first welcome. */
  readonly epoch: string | undefined;
  /** What was said and is not known to be stored, in order. */
  readonly outgoing: readonly Outgoing[];
  /** Connects, for the first time or after `close`. Throws a `TypeError` if there is no WebSocket to use. */
  open(): void;
  /** Closes and stays closed until `open`, whatever happens to the page. */
  close(): void;
  /** Does not wait for the next attempt. */
  retry(): void;
  /** Says something, as soon as that is possible. False if too much waits already: nothing was taken. */
  say(message: string): boolean;
  /** Sends again what failed or is unknown. */
  resend(id: string): void;
  /** Gives up what was not sent. */
  discard(id: string): void;
  /** Takes another name from now on; what was said already keeps its own. */
  rename(user: string): void;
  /** Lets the others know that something is being written, now and then. */
  typing(): void;
  /**
   * The edits and erasures above `head`, in the order of `seq`; `undefined` if not all of them are known. They bring an
   * answer over HTTP up to date: see history.ts.
   */
  changesAfter(head: number): readonly (Edited | Erased)[] | undefined;
  /** Leaves no timer, listener or socket behind; what was not sent stays in the storage. */
  dispose(): void;
}

/** A client of the room at `url`, such as `wss://relay.example/rooms/x`. It connects when it is opened. */
export function createClient(url: string, options: ClientOptions, listener: ClientListener): Client {
  const { clock = systemClock, instance = '', storage } = options;
  const send = (frame: ClientFrame) => dialer.send(encode(frame));
  const outbox = createOutbox(storage, `heartline-outbox:${url}:${instance}`);
  const messages = createMessages(listener);
  const sender = createSender(outbox, send, { clock, listener });
  const session = createSession(
    clock,
    { send, live: sender.onLive, lost: () => dialer.redial(), refused: frame => listener.refused?.(frame) },
    options,
  );

  const onEntry = (entry: EntryFrame) => {
    const { replaying } = session;
    const place = session.advance(entry.seq);
    if (place === 'gap') return dialer.redial();
    // An acknowledgement may come out of turn, when the cursor has passed it.
    if (entry.type === 'normal' && entry.from === session.you) sender.onStored(entry);
    if (place === 'new') messages.take(entry, replaying);
    session.count();
  };
  const receive = (text: string) => {
    const frame = parseRelayFrame(text);
    switch (frame?.type) {
      case 'page':
        listener.page?.(frame);
        if (session.joining || frame.missed !== 0) messages.skip(frame.head);
        sender.onPage(frame.missed !== 0);
        return session.onPage(frame);
      case 'welcome': {
        sender.onWelcome(frame.limits);
        const isOther = session.onWelcome(frame);
        // Before the listener is told anything, so that it may close the client.
        dialer.onWelcome(frame.limits.spread);
        if (isOther) {
          messages.skip(Number.POSITIVE_INFINITY);
          listener.reset?.();
        }
        return listener.welcome?.(frame);
      }
      case 'refused':
        return frame.of === 'normal' ? sender.onRefused(frame) : session.onRefused(frame);
      case 'people':
        return listener.people?.(frame);
      case 'typing':
        return listener.typing?.(frame);
      case 'ping': {
        const roundTripMs = dialer.onPong();
        if (roundTripMs !== undefined) listener.pong?.(roundTripMs);
        return;
      }
      default:
        if (frame) onEntry(frame);
    }
  };
  const dialer: Dialer = createDialer(
    url,
    {
      state: state => listener.state?.(state),
      opened: session.onOpen,
      received: receive,
      dropped(code) {
        session.onDrop();
        sender.onDrop(code);
      },
    },
    { ...options, clock },
  );

  return {
    get state() {
      return dialer.state;
    },
    get user() {
      return session.user;
    },
    get you() {
      return session.you;
    },
    get epoch() {
      return session.epoch;
    },
    get outgoing() {
      return outbox.items;
    },
    open: dialer.open,
    close: dialer.close,
    retry: dialer.retry,
    say: message => sender.say(message, session.user),
    resend: sender.resend,
    discard: sender.discard,
    rename(user) {
      session.rename(user);
      listener.renamed?.(user);
    },
    typing: sender.typing,
    changesAfter: messages.changesAfter,
    dispose: dialer.dispose,
  };
}
