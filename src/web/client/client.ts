/**
 * One line to a relay: connects, beats, reconnects until it succeeds, resumes where it was, and keeps what is said until it
 * is known to be stored. No DOM: its WebSocket, clock, storage and page events are handed in, so a bot can use it and a
 * test winds its clock by hand.
 */
import type { Message } from '../../protocol/entries.ts';
import { type ClientFrame, encode, type PageFrame, type Refused, type Welcome } from '../../protocol/frames.ts';
import { parseRelayFrame } from '../../protocol/from-relay.ts';
import {
  CLOSE_BUSY,
  CLOSE_CROWDED,
  CLOSE_FORBIDDEN,
  CLOSE_GARBAGE,
  CLOSE_RESTART,
  CLOSE_TOO_BIG,
  CLOSE_UNAUTHORIZED,
  REASON_SLOW,
} from '../../protocol/limits.ts';
import { backoff } from './backoff.ts';
import { Heartbeat } from './heartbeat.ts';
import { Outbox, type OutboxStorage, type Outgoing } from './outbox.ts';
import { RateLimiter } from './rate-limiter.ts';
import { type Clock, Timers } from './timers.ts';
import type { ClientListener, ClientOptions, ConnectionState, PageEvent, WebSocketLike } from './types.ts';

export type * from './types.ts';
export type { Clock, OutboxStorage, Outgoing };

const OPEN = 1;
const STOP_CODES = [CLOSE_GARBAGE, CLOSE_UNAUTHORIZED, CLOSE_FORBIDDEN];
const HEARTBEAT_MS = 3000;
const HIDDEN_HEARTBEAT_MS = 25_000;
const ATTEMPT_MS = 8000;
/** Connected for so long, the line was good. */
const STABLE_MS = 5000;
const TICK_MS = 5000;
/** A tick so late means that the machine slept. */
const SLEPT_MS = 20_000;
/** Without limits of a relay's yet. */
const SPREAD_MS = 500;
/** No answer to what was said, though the line is alive. */
const ECHO_MS = 10_000;
const TYPING_MS = 3000;

const BROWSER_CLOCK: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  // What comes back is what our own setTimeout gave.
  clearTimeout: timer => clearTimeout(timer as number),
};

// A browser gives its handlers more than these take.
const connectWebSocket = (url: string): WebSocketLike => new WebSocket(url) as WebSocketLike;

export class Client {
  readonly #url: string;
  readonly #options: ClientOptions;
  readonly #listener: ClientListener;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #outbox: Outbox;
  readonly #timers: Timers;
  readonly #rateLimiter = new RateLimiter();
  readonly #stopListening: (() => void) | undefined;
  #state: ConnectionState = { name: 'closed' };
  #user: string;
  #you = '';
  #socket: WebSocketLike | undefined;
  /** While connected. */
  #heartbeat: Heartbeat | undefined;
  #connectedAt = 0;
  /** Attempts since the line was last good. */
  #attempts = 0;
  /** The name in the hello that was not refused, `''` before there is one. */
  #helloUser = '';
  #spread = SPREAD_MS;
  #epoch = '';
  /** The last seq, -1 before there is a place to resume from. */
  #since = -1;
  /** The newest page: how much of it is to come, and whether there is more after it. */
  #replay = 0;
  #more = false;
  /** Caught up, so that what was said can be sent. */
  #live = false;
  #underWay = '';
  #typedAt = 0;

  constructor(url: string, options: ClientOptions, listener: ClientListener) {
    this.#url = url;
    this.#options = options;
    this.#listener = listener;
    this.#user = options.user;
    this.#clock = options.clock ?? BROWSER_CLOCK;
    this.#random = options.random ?? Math.random;
    this.#timers = new Timers(this.#clock);
    this.#outbox = new Outbox(options.storage, `heartline-outbox:${url}:${options.instance ?? ''}`);
    this.#stopListening = options.lifecycle?.listen(event => this.#onPageEvent(event));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get user(): string {
    return this.#user;
  }

  /** One's own public id, `''` before the first welcome. */
  get you(): string {
    return this.#you;
  }

  /** What was said and is not known to be stored, in order. */
  get outgoing(): readonly Outgoing[] {
    return this.#outbox.items;
  }

  /** Connects, for the first time or after `close`. */
  open(): void {
    if (this.#resting) this.#dial();
  }

  /** Closes and stays closed until `open`, whatever the page hears. */
  close(): void {
    this.#drop(1000);
    this.#setState({ name: 'closed' });
  }

  /** Does not wait for the next attempt. */
  retry(): void {
    if (this.#state.name === 'waiting') this.#dial();
  }

  /** Says something, as soon as that is possible. False when too much waits already: nothing was taken. */
  say(message: string): boolean {
    const item = this.#outbox.add(message, this.#user, this.#clock.now());
    if (!item) return false;
    this.#listener.outgoing?.(item);
    this.#sendNext();
    return true;
  }

  /** Gives what failed, or is unknown, another turn. */
  resend(id: string): void {
    this.#mark(id, 'pending');
    this.#sendNext();
  }

  /** Gives up what was not sent. */
  discard(id: string): void {
    if (!this.#outbox.remove(id)) return;
    this.#listener.discarded?.(id);
    this.#settle(id);
  }

  /** Is known by another name from now on; what was said already keeps its own. */
  rename(user: string): void {
    this.#user = user;
    this.#sendName();
    this.#listener.renamed?.(user);
  }

  /** Lets the others know that something is being written, now and then. */
  typing(): void {
    const now = this.#clock.now();
    if (!this.#live || now - this.#typedAt < TYPING_MS || this.#rateLimiter.take(now) > 0) return;
    this.#typedAt = now;
    this.#send({ type: 'typing' });
  }

  /** Leaves no timer, listener or socket behind; what was not sent stays in the store. */
  dispose(): void {
    this.#stopListening?.();
    this.#drop();
    this.#state = { name: 'closed' };
  }

  get #hidden(): boolean {
    return this.#options.lifecycle?.hidden ?? false;
  }

  /** Whether nothing but `open` makes it try again. */
  get #resting(): boolean {
    return this.#state.name === 'closed' || this.#state.name === 'stopped';
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#listener.state?.(state);
  }

  #dial(): void {
    this.#drop();
    this.#attempts++;
    this.#tick();
    this.#timers.set('attempt', ATTEMPT_MS, () => this.#onBroken());
    try {
      const socket = (this.#options.connect ?? connectWebSocket)(this.#url);
      this.#socket = socket;
      socket.onopen = () => this.#sendName();
      socket.onmessage = ({ data }) => this.#receive(String(data));
      socket.onclose = ({ code, reason }) => this.#onBroken(code, reason);
      // A close follows; but outside a browser, an error that nobody hears ends the process.
      socket.onerror = () => {};
    } catch {
      return this.#onBroken();
    }
    this.#setState({ name: 'connecting' });
  }

  /** Lets go of the socket at once, without waiting for it to close, and of everything that hangs on it. */
  #drop(code?: number): void {
    const socket = this.#socket;
    this.#socket = this.#heartbeat = undefined;
    this.#live = false;
    this.#underWay = this.#helloUser = '';
    this.#replay = 0;
    this.#timers.clearAll();
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  /** The line is broken, by this close code (0 for none): when to try again, or not at all. */
  #onBroken(code = 0, reason = ''): void {
    const wasConnected = this.#heartbeat !== undefined;
    const underWay = this.#underWay;
    this.#drop();
    if (wasConnected && this.#clock.now() - this.#connectedAt >= STABLE_MS) this.#attempts = 0;
    if (code === CLOSE_TOO_BIG) this.#mark(underWay, 'failed', 'too-big');
    if (STOP_CODES.includes(code)) return this.#setState({ name: 'stopped', code });
    const ms = this.#delay(code, reason, wasConnected);
    this.#tick();
    this.#timers.set('attempt', ms, () => this.#dial());
    this.#setState({ name: 'waiting', until: this.#clock.now() + ms });
  }

  #delay(code: number, reason: string, wasConnected: boolean): number {
    const share = this.#random();
    if (code === CLOSE_RESTART && Number(reason) > 0) return share * Number(reason);
    if (code === CLOSE_BUSY && reason === REASON_SLOW) return 0;
    if (code === CLOSE_BUSY || code === CLOSE_CROWDED) return 5000 + share * 25_000;
    return Math.max(
      wasConnected ? share * this.#spread : 0,
      this.#attempts > 0 ? backoff(this.#attempts - 1, this.#hidden, this.#random()) : 0,
    );
  }

  /** Comes by every now and then, only to see whether the machine slept. */
  #tick(): void {
    this.#timers.set('tick', TICK_MS, lateMs => {
      this.#tick();
      if (lateMs > SLEPT_MS) this.#wake();
    });
  }

  /** Something says that the line may be broken, or may be had again: never trusts that it is open. */
  #wake(): void {
    if (this.#heartbeat) this.#heartbeat.probe();
    else this.retry();
  }

  #onPageEvent(event: PageEvent): void {
    if (event === 'hidden') return this.#heartbeat?.start();
    if (event === 'offline') return this.#heartbeat?.probe();
    if (event !== 'pagehide') return this.#wake();
    if (this.#resting) return;
    // Into the back/forward cache, perhaps, where an open socket may not go.
    this.#drop();
    this.#setState({ name: 'waiting', until: this.#clock.now() });
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(encode(frame));
  }

  /** Says hello, or once welcomed the new name; while a hello is being answered, the name waits for the welcome. */
  #sendName(): void {
    const user = this.#user;
    if (this.#heartbeat) return this.#send({ type: 'rename', user });
    if (this.#helloUser || this.#socket?.readyState !== OPEN) return;
    this.#helloUser = user;
    const { key, token } = this.#options;
    const resume = this.#since >= 0 && { epoch: this.#epoch, since: this.#since };
    this.#send({ type: 'hello', user, key, token, ...resume });
  }

  #receive(text: string): void {
    const frame = parseRelayFrame(text);
    this.#heartbeat?.onMessage();
    const listener = this.#listener;
    switch (frame?.type) {
      case 'normal':
        return this.#onEntry(frame);
      case 'page':
        return this.#startPage(frame);
      case 'welcome':
        return this.#onWelcome(frame);
      case 'refused':
        return this.#onRefused(frame);
      case 'people':
        return listener.people?.(frame);
      case 'typing':
        return listener.typing?.(frame);
      case 'ping': {
        const roundTripMs = this.#heartbeat?.onPong();
        if (roundTripMs !== undefined) listener.pong?.(roundTripMs);
      }
    }
  }

  #onWelcome(frame: Welcome): void {
    this.#you = frame.you;
    this.#spread = frame.limits.spread;
    this.#rateLimiter.start(frame.limits.rate, frame.limits.burst, this.#clock.now());
    if (frame.epoch !== this.#epoch) {
      if (this.#epoch) this.#listener.reset?.();
      this.#epoch = frame.epoch;
      this.#since = -1;
    }
    this.#timers.clear('attempt');
    this.#connectedAt = this.#clock.now();
    this.#heartbeat = new Heartbeat(
      this.#clock,
      this.#timers,
      () => {
        const { heartbeatMs = HEARTBEAT_MS } = this.#options;
        return this.#hidden && heartbeatMs > 0 ? HIDDEN_HEARTBEAT_MS : heartbeatMs;
      },
      () => this.#send({ type: 'ping' }),
      () => this.#onBroken(),
    );
    this.#setState({ name: 'connected' });
    this.#listener.welcome?.(frame);
    if (this.#user !== this.#helloUser) this.#sendName();
  }

  #startPage(page: PageFrame): void {
    this.#live = false;
    this.#replay = page.replay;
    this.#more = page.more;
    this.#listener.page?.(page);
    if (page.missed !== 0) {
      this.#underWay = '';
      for (const { id } of this.#outbox.uncertain) this.#mark(id, 'unknown');
    }
    if (page.replay > 0) return;
    this.#since = Math.max(this.#since, page.head);
    this.#endPage(this.#since);
  }

  /** The page has come whole: asks for the next, or is live. */
  #endPage(after: number): void {
    if (this.#more) return this.#send({ type: 'more', after });
    this.#live = true;
    this.#sendNext();
  }

  #onEntry(message: Message): void {
    const { id, seq } = message;
    if (message.from === this.#you && this.#outbox.remove(id)) {
      this.#listener.sent?.(id, message);
      this.#settle(id);
    }
    const replayed = this.#replay > 0;
    if (seq > this.#since) {
      // An acknowledgement has been passed, so it is never above.
      this.#since = seq;
      this.#listener.message?.(message, replayed);
    }
    if (replayed && --this.#replay === 0) this.#endPage(seq);
  }

  #onRefused(frame: Refused): void {
    const { code, of, retryMs, id = this.#underWay } = frame;
    if (of === 'normal') {
      if (retryMs === undefined) this.#mark(id, 'failed', code);
      else if (id === this.#underWay) return this.#timers.set('send', retryMs, () => this.#settle(id));
      this.#settle(id);
    } else if (of === 'more' && retryMs !== undefined) {
      this.#timers.set('page', retryMs, () => this.#endPage(this.#since));
    } else if (of === 'hello' || of === 'rename') {
      this.#helloUser = '';
      if (retryMs === undefined) this.#listener.refused?.(frame);
      else this.#timers.set('name', retryMs, () => this.#sendName());
    }
  }

  /** What was under way has come to an end: the next may go. */
  #settle(id: string): void {
    if (id !== this.#underWay) return;
    this.#underWay = '';
    this.#sendNext();
  }

  /** Sends the first that waits, one under way at a time, so that they are stored in the order in which they were said. */
  #sendNext(): void {
    const { next } = this.#outbox;
    if (!this.#live || this.#underWay || !next) return;
    const waitMs = this.#rateLimiter.take(this.#clock.now());
    if (waitMs > 0) return this.#timers.set('send', waitMs, () => this.#sendNext());
    const { id, message, user } = next;
    this.#underWay = id;
    this.#timers.set('send', ECHO_MS, () => this.#settle(id));
    this.#send({ type: 'normal', id, message, user, again: this.#outbox.send(id) || undefined });
  }

  #mark(id: string, state: Outgoing['state'], code?: Outgoing['code']): void {
    const item = this.#outbox.mark(id, state, code);
    if (item) this.#listener.outgoing?.(item);
  }
}
