/** A client whose sockets are fakes: the test plays the relay, frame by frame, and advances the clock. */
import type { Edited, EntryFrame, Erased, Message } from '../../src/protocol/entries.ts';
import type { Limits, PageFrame, RelayFrame } from '../../src/protocol/frames.ts';
import {
  type Client,
  type ClientOptions,
  type ConnectionState,
  createClient,
  type OutboxStorage,
  type Outgoing,
  type PageEvent,
  type PageLifecycle,
  type WebSocketLike,
} from '../../src/web/client/client.ts';
import { HandClock } from './clock.ts';

export const LIMITS: Limits = { message: 4096, frame: 65536, rate: 0, burst: 20, page: 200, spread: 500 };

/** A socket whose other end is the test. */
export class FakeSocket implements WebSocketLike {
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onclose: WebSocketLike['onclose'] = null;
  onerror: WebSocketLike['onerror'] = null;
  readyState = 0;
  /** Every frame that was sent. */
  readonly sent: Record<string, unknown>[] = [];
  closedWith: { code: number | undefined } | undefined;
  #read = 0;

  send(text: string): void {
    if (this.readyState !== 1) throw new Error('not open');
    const frame: Record<string, unknown> = JSON.parse(text);
    this.sent.push(frame);
  }

  close(code?: number): void {
    this.closedWith ??= { code };
    this.readyState = 2;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  /** The relay or the network closes the socket. */
  end(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** The relay sends a frame. */
  hear(frame: RelayFrame | object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** Frames sent since the last call, without pings. */
  read(): Record<string, unknown>[] {
    const fresh = this.sent.slice(this.#read).filter(({ type }) => type !== 'ping');
    this.#read = this.sent.length;
    return fresh;
  }

  get pings(): number {
    return this.sent.filter(({ type }) => type === 'ping').length;
  }

  /** Answers the hello. */
  welcome(more: { epoch?: string; you?: string; limits?: Partial<Limits> } = {}): void {
    const { epoch = 'E', you = 'me', limits = {} } = more;
    const people = { count: 1, list: [] };
    this.hear({ type: 'welcome', v: 1, room: 'r', you, epoch, limits: { ...LIMITS, ...limits }, people });
  }

  /** Sends a page of these entries; its `head` is the seq of the last, unless told otherwise. */
  page(entries: readonly EntryFrame[], more: Partial<PageFrame> = {}): void {
    const head = entries.at(-1)?.seq ?? 0;
    this.hear({ type: 'page', replay: entries.length, head, missed: 0, more: false, ...more });
    for (const entry of entries) this.hear(entry);
  }
}

/** A page whose lifecycle events come from the test. */
export class FakeLifecycle implements PageLifecycle {
  hidden = false;
  #listener: ((event: PageEvent) => void) | undefined;

  get listening(): boolean {
    return this.#listener !== undefined;
  }

  listen(listener: (event: PageEvent) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  tell(event: PageEvent): void {
    if (event === 'hidden' || event === 'visible') this.hidden = event === 'hidden';
    this.#listener?.(event);
  }
}

export class FakeStorage implements OutboxStorage {
  readonly kept = new Map<string, string>();
  readonly getItem = (name: string) => this.kept.get(name) ?? null;
  readonly setItem = (name: string, value: string) => void this.kept.set(name, value);
  readonly removeItem = (name: string) => void this.kept.delete(name);
}

export class Pair {
  readonly clock: HandClock;
  readonly lifecycle = new FakeLifecycle();
  readonly storage: FakeStorage;
  readonly sockets: FakeSocket[] = [];
  readonly states: ConnectionState[] = [];
  readonly messages: Message[] = [];
  readonly replayed: boolean[] = [];
  readonly changed: Edited[] = [];
  readonly erased: number[][] = [];
  readonly sent: string[] = [];
  readonly outgoing: Outgoing[] = [];
  /** Other events, as text. */
  readonly events: string[] = [];
  readonly pongs: number[] = [];
  readonly client: Client;
  #shown: Message[] = [];
  random = 0.5;

  constructor(options: Partial<ClientOptions> & { clock?: HandClock; storage?: FakeStorage } = {}) {
    this.clock = options.clock ?? new HandClock();
    this.storage = options.storage ?? new FakeStorage();
    this.client = createClient(
      'wss://relay.example/rooms/r',
      {
        user: 'xs',
        key: 'a-key-of-sixteen-or-more',
        random: () => this.random,
        lifecycle: this.lifecycle,
        connect: () => {
          const socket = new FakeSocket();
          this.sockets.push(socket);
          return socket;
        },
        ...options,
        clock: this.clock,
        storage: this.storage,
      },
      {
        state: state => this.states.push(state),
        message: (message, replayed) => {
          this.messages.push(message);
          this.replayed.push(replayed);
          this.#shown.push(message);
        },
        changed: edit => {
          this.changed.push(edit);
          const { seq: rev, of, message, edited } = edit;
          this.#shown = this.#shown.map(shown =>
            shown.seq === of && rev > (shown.rev ?? 0) ? { ...shown, message, edited, rev } : shown,
          );
        },
        erased: seqs => {
          this.erased.push([...seqs]);
          this.#shown = this.#shown.filter(({ seq }) => !seqs.includes(seq));
        },
        sent: id => this.sent.push(id),
        outgoing: item => this.outgoing.push(item),
        reset: () => this.events.push('reset'),
        page: page => this.events.push(`page missed ${page.missed}`),
        refused: ({ of, code }) => this.events.push(`refused ${of} ${code}`),
        discarded: id => this.events.push(`discarded ${id}`),
        renamed: user => this.events.push(`renamed ${user}`),
        pong: ms => this.pongs.push(ms),
      },
    );
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('there is no socket yet');
    return socket;
  }

  /** Opens the client's connection, if need be, and makes it live: welcomed, with a first page. */
  live(entries: readonly EntryFrame[] = [], welcome: Parameters<FakeSocket['welcome']>[0] = {}): this {
    this.client.open();
    this.socket.open();
    this.socket.welcome(welcome);
    this.socket.page(entries);
    this.socket.read();
    return this;
  }

  /** Loses the connection and is live on the next, with these entries in its first page. */
  relive(entries: readonly EntryFrame[] = [], page: Partial<PageFrame> = {}): this {
    if (this.client.state.name === 'connected') this.socket.end();
    this.clock.wind(this.waiting);
    this.socket.open();
    this.socket.welcome();
    this.socket.page(entries, page);
    return this;
  }

  /** Shows older messages, which came over HTTP. */
  show(older: readonly Message[]): void {
    this.#shown.unshift(...older);
  }

  /** The messages that a page would show by now, oldest first. */
  get shown(): readonly Message[] {
    return this.#shown;
  }

  /** Milliseconds until the next attempt, NaN if none is planned. */
  get waiting(): number {
    const { state } = this.client;
    return state.name === 'waiting' ? state.until - this.clock.now() : Number.NaN;
  }
}

export function message(seq: number, more: Partial<Message> = {}): Message {
  return { type: 'normal', seq, id: `id-${seq}`, from: 'them', user: '他', message: `${seq}`, at: 0, ...more };
}

/** The edit with this seq, which gives message `of` the text `edit SEQ`. */
export function edited(seq: number, of: number, more: Partial<Edited> = {}): Edited {
  const { id: _, ...fields } = message(of);
  return { ...fields, type: 'edited', seq, id: `id-${seq}`, of, message: `edit ${seq}`, edited: seq, ...more };
}

export function erased(seq: number, of: number | readonly number[]): Erased {
  return { type: 'erased', seq, id: `id-${seq}`, from: 'them', of, at: 0, by: 'author' };
}
