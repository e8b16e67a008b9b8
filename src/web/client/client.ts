/**
 * A lasting connection to one room. It sends heartbeats, reconnects until it succeeds, resumes from its cursor, and
 * keeps outgoing messages until they are known to be stored. It needs no DOM: WebSocket, clock, storage and page
 * lifecycle can be passed in, so that a bot can use it and a test can control its clock.
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
  /** The user's public id, `''` before the first welcome. */
  readonly you: string;
  /** The epoch of the room's log, an opaque string; `undefined` before the first welcome. */
  readonly epoch: string | undefined;
  /** The messages that are not known to be stored, in order. */
  readonly outgoing: readonly Outgoing[];
  /**
   * Connects, for the first time or after `close`. Throws a `TypeError` if the runtime has no WebSocket and none was
   * passed.
   */
  open(): void;
  /** Closes the connection. It stays closed until `open`, whatever happens to the page. */
  close(): void;
  /** Makes the next attempt now. */
  retry(): void;
  /**
   * Takes a message and sends it as soon as possible. Returns false if the outbox is full: the message was not taken.
   */
  say(message: string): boolean;
  /**
   * Reads the outbox's storage, to which someone else has added messages, such as those of a closed tab, and sends them.
   * The listener is not told; `outgoing` has them.
   */
  load(): void;
  /** Sends a failed or unknown message again. */
  resend(id: string): void;
  /** Gives up an outgoing message. */
  discard(id: string): void;
  /** Changes the user's name for later messages; earlier ones keep theirs. */
  rename(user: string): void;
  /** Tells the others that the user is typing, at most every few seconds. */
  typing(): void;
  /**
   * The edits and erasures above `head`, in the order of `seq`; `undefined` if not all of them are known. They bring an
   * answer over HTTP up to date: see history.ts.
   */
  changesAfter(head: number): readonly (Edited | Erased)[] | undefined;
  /** Leaves no timer, listener or socket behind; outgoing messages stay in the storage. */
  dispose(): void;
}

/** A client of the room at `url`, such as `wss://relay.example/rooms/x`. It connects when it is opened. */
export function createClient(url: string, options: ClientOptions, listener: ClientListener): Client {
  const { clock = systemClock, instance = '', storage } = options;
  const send = (frame: ClientFrame) => dialer.send(encode(frame));
  const outbox = createOutbox(storage, `heartline-outbox:${url}:${instance}`);
  const messages = createMessages(listener);
  const lost = () => dialer.redial();
  const sender = createSender(outbox, send, { clock, listener, lost });
  const session = createSession(
    clock,
    { send, live: sender.onLive, lost, refused: frame => listener.refused?.(frame) },
    options,
  );

  const onEntry = (entry: EntryFrame) => {
    const { replaying } = session;
    const isNew = session.advance(entry.seq);
    if (isNew === undefined) return;
    // An acknowledgement may arrive out of order, after the cursor has passed its entry.
    if (entry.type === 'normal' && entry.from === session.you) sender.onStored(entry);
    if (isNew) messages.take(entry, replaying);
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
        sender.onWelcome(frame);
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
    load: sender.load,
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
