/**
 * One line to a relay: connects, beats, reconnects until it succeeds, resumes where it was, and keeps what is said until it
 * is known to be stored. No DOM: its WebSocket, clock, storage and page events are handed in, so a bot can use it and a
 * test winds its clock by hand.
 */
import {
  CLOSE_BUSY,
  CLOSE_CROWDED,
  CLOSE_FORBIDDEN,
  CLOSE_GARBAGE,
  CLOSE_RESTART,
  CLOSE_TOO_BIG,
  CLOSE_UNAUTHORIZED,
  type ClientFrame,
  encode,
  type Message,
  type Page,
  parseRelayFrame,
  REASON_SLOW,
  type Refused,
  type Welcome,
} from '../protocol.ts';
import { Alarm, type Clock } from './alarm.ts';
import { backoff } from './backoff.ts';
import { Heartbeat } from './heartbeat.ts';
import type { LineListener, LineOptions, LineState, PageEvent, Socket } from './line-types.ts';
import { Outbox, type Outgoing, type Store } from './outbox.ts';
import { Pace } from './pace.ts';

export type * from './line-types.ts';
export type { Clock, Outgoing, Store };

const OPEN = 1;
const HEARTBEAT_MS = 3000;
const HIDDEN_HEARTBEAT_MS = 25_000;
const ATTEMPT_MS = 8000;
/** Connected for so long, the line counts as good. */
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
const connectWebSocket = (url: string): Socket => new WebSocket(url) as Socket;

export class Line {
  readonly #url: string;
  readonly #options: LineOptions;
  readonly #listener: LineListener;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #outbox: Outbox;
  readonly #heartbeat: Heartbeat;
  readonly #pace = new Pace();
  /** The end of an attempt, or of the wait for the next. */
  readonly #attemptAlarm: Alarm;
  readonly #stableAlarm: Alarm;
  readonly #tickAlarm: Alarm;
  /** When to see again to what is to be sent. */
  readonly #sendAlarm: Alarm;
  /** When to say a hello or a rename again. */
  readonly #nameAlarm: Alarm;
  readonly #stopListening: (() => void) | undefined;
  #state: LineState = { name: 'closed' };
  #user: string;
  #you = '';
  #socket: Socket | undefined;
  /** Attempts since the line was last good. */
  #attempts = 0;
  /** The name in the hello that was not refused, `''` before there is one. */
  #greeted = '';
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

  constructor(url: string, options: LineOptions, listener: LineListener) {
    this.#url = url;
    this.#options = options;
    this.#listener = listener;
    this.#user = options.user;
    const clock = options.clock ?? BROWSER_CLOCK;
    this.#clock = clock;
    this.#random = options.random ?? Math.random;
    this.#outbox = new Outbox(options.store, `heartline-outbox:${url}:${options.instance ?? ''}`);
    this.#heartbeat = new Heartbeat({
      clock,
      interval: () => {
        const { heartbeatMs = HEARTBEAT_MS } = options;
        return this.#hidden && heartbeatMs > 0 ? HIDDEN_HEARTBEAT_MS : heartbeatMs;
      },
      ping: () => this.#send({ type: 'ping' }),
      dead: () => this.#break(0, ''),
    });
    this.#attemptAlarm = new Alarm(clock);
    this.#stableAlarm = new Alarm(clock);
    this.#tickAlarm = new Alarm(clock);
    this.#sendAlarm = new Alarm(clock);
    this.#nameAlarm = new Alarm(clock);
    this.#stopListening = options.page?.listen(event => this.#hearPage(event));
  }

  get state(): LineState {
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
    this.#enter({ name: 'closed' });
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
    if (!this.#live || now - this.#typedAt < TYPING_MS || this.#pace.take(now) > 0) return;
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
    return this.#options.page?.hidden ?? false;
  }

  /** Whether nothing but `open` makes it try again. */
  get #resting(): boolean {
    return this.#state.name === 'closed' || this.#state.name === 'stopped';
  }

  #enter(state: LineState): void {
    this.#state = state;
    this.#listener.state?.(state);
  }

  #dial(): void {
    this.#drop();
    this.#attempts++;
    this.#tick();
    this.#attemptAlarm.set(ATTEMPT_MS, () => this.#break(0, ''));
    try {
      const socket = (this.#options.connect ?? connectWebSocket)(this.#url);
      this.#socket = socket;
      socket.onopen = () => this.#sendName();
      socket.onmessage = ({ data }) => this.#receive(String(data));
      socket.onclose = ({ code, reason }) => this.#break(code, reason);
      // A close follows; but outside a browser, an error that nobody hears ends the process.
      socket.onerror = () => {};
    } catch {
      return this.#break(0, '');
    }
    // Last, for whoever hears it may close the line.
    this.#enter({ name: 'connecting' });
  }

  /** Lets go of the socket at once, without waiting for it to close, and of everything that hangs on it. */
  #drop(code?: number): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#live = false;
    this.#underWay = this.#greeted = '';
    this.#replay = 0;
    this.#heartbeat.stop();
    for (const alarm of [this.#attemptAlarm, this.#stableAlarm, this.#tickAlarm, this.#sendAlarm, this.#nameAlarm]) {
      alarm.clear();
    }
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  /** The line is broken, by this close code (0 for none): when to try again, or not at all. */
  #break(code: number, reason: string): void {
    const wasConnected = this.#state.name === 'connected';
    const underWay = this.#underWay;
    this.#drop();
    if (code === CLOSE_TOO_BIG) this.#mark(underWay, 'failed', 'too-big');
    if (code === CLOSE_GARBAGE || code === CLOSE_UNAUTHORIZED || code === CLOSE_FORBIDDEN) {
      return this.#enter({ name: 'stopped', code });
    }
    this.#wait(this.#delay(code, reason, wasConnected));
  }

  #delay(code: number, reason: string, wasConnected: boolean): number {
    const share = this.#random();
    if (code === CLOSE_RESTART && reason && Number(reason) >= 0) return share * Number(reason);
    if (code === CLOSE_BUSY && reason === REASON_SLOW) return 0;
    if (code === CLOSE_BUSY || code === CLOSE_CROWDED) return 5000 + share * 25_000;
    if (wasConnected && this.#attempts === 0) return share * this.#spread;
    const wait = backoff(Math.max(0, this.#attempts - 1), this.#hidden, this.#random);
    return wasConnected ? Math.max(wait, share * this.#spread) : wait;
  }

  #wait(ms: number): void {
    this.#tick();
    this.#attemptAlarm.set(ms, () => this.#dial());
    this.#enter({ name: 'waiting', until: this.#clock.now() + ms });
  }

  /** Comes by every now and then, only to see whether the machine slept. */
  #tick(): void {
    const due = this.#clock.now() + TICK_MS;
    this.#tickAlarm.set(TICK_MS, () => {
      this.#tick();
      if (this.#clock.now() - due > SLEPT_MS) this.#wake();
    });
  }

  /** Something says that the line may be broken, or may be had again: never trusts that it is open. */
  #wake(): void {
    if (this.#state.name === 'connected') this.#heartbeat.probe();
    else this.retry();
  }

  #hearPage(event: PageEvent): void {
    if (this.#resting) return;
    if (event === 'pagehide') {
      // Into the back/forward cache, perhaps, where an open socket may not go.
      this.#drop();
      return this.#enter({ name: 'waiting', until: this.#clock.now() });
    }
    const connected = this.#state.name === 'connected';
    if (connected && event !== 'offline') this.#heartbeat.start();
    if (event === 'offline' ? connected : event !== 'hidden') this.#wake();
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(encode(frame));
  }

  /** Says hello, or once welcomed the new name; while a hello is being answered, the name waits for the welcome. */
  #sendName(): void {
    const user = this.#user;
    if (this.#state.name === 'connected') return this.#send({ type: 'rename', user });
    if (this.#greeted || this.#socket?.readyState !== OPEN) return;
    this.#greeted = user;
    const { key, token } = this.#options;
    const resume = this.#since >= 0 && { epoch: this.#epoch, since: this.#since };
    this.#send({ type: 'hello', user, key, ...resume, ...(token !== undefined && { token }) });
  }

  #receive(text: string): void {
    const frame = parseRelayFrame(text);
    this.#heartbeat.heard();
    const listener = this.#listener;
    switch (frame?.type) {
      case 'normal':
        return this.#read(frame);
      case 'page':
        return this.#turnPage(frame);
      case 'welcome':
        return this.#greet(frame);
      case 'refused':
        return this.#hearRefusal(frame);
      case 'people':
        return listener.people?.(frame);
      case 'typing':
        return listener.typing?.(frame);
      case 'ping': {
        const roundTripMs = this.#heartbeat.answered();
        if (roundTripMs !== undefined) listener.beat?.(roundTripMs);
      }
    }
  }

  #greet(frame: Welcome): void {
    this.#you = frame.you;
    this.#spread = frame.limits.spread;
    this.#pace.start(frame.limits.rate, frame.limits.burst, this.#clock.now());
    if (frame.epoch !== this.#epoch) {
      if (this.#epoch) this.#listener.reset?.();
      this.#epoch = frame.epoch;
      this.#since = -1;
    }
    this.#attemptAlarm.clear();
    this.#stableAlarm.set(STABLE_MS, () => {
      this.#attempts = 0;
    });
    this.#heartbeat.start();
    this.#enter({ name: 'connected' });
    this.#listener.welcome?.(frame);
    if (this.#user !== this.#greeted) this.#sendName();
  }

  #turnPage(page: Page): void {
    this.#live = false;
    this.#replay = page.replay;
    this.#more = page.more;
    this.#listener.page?.(page);
    if (page.missed !== 0) {
      this.#underWay = '';
      for (const item of this.#outbox.doubt()) this.#listener.outgoing?.(item);
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

  #read(message: Message): void {
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

  #hearRefusal(frame: Refused): void {
    const { code, of, retryMs, id = this.#underWay } = frame;
    const passing = code === 'too-fast' || code === 'unavailable';
    if (of !== 'normal') {
      if (of === 'hello') this.#greeted = '';
      if (passing && of !== 'typing') this.#nameAlarm.set(retryMs ?? 1000, () => this.#sendName());
      else if (of === 'hello' || of === 'rename') this.#listener.refused?.(frame);
    } else if (!passing) {
      this.#mark(id, 'failed', code);
      this.#settle(id);
    } else if (id === this.#underWay) {
      this.#sendAlarm.set(retryMs ?? 1000, () => this.#settle(id));
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
    const waitMs = this.#pace.take(this.#clock.now());
    if (waitMs > 0) return this.#sendAlarm.set(waitMs, () => this.#sendNext());
    const { id, message, user } = next;
    this.#underWay = id;
    this.#sendAlarm.set(ECHO_MS, () => this.#settle(id));
    this.#send({ type: 'normal', id, message, user, ...(this.#outbox.send(id) && { again: true }) });
  }

  #mark(id: string, state: Outgoing['state'], code?: Outgoing['code']): void {
    const item = this.#outbox.mark(id, state, code);
    if (item) this.#listener.outgoing?.(item);
  }
}
