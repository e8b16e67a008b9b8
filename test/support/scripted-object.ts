/**
 * A room's object whose platform is a script: it sleeps, answers pings by itself, loses what it should send, and cuts
 * sockets, as the test says. Everything between the platform and a client is the real code of the relay on Workers.
 */
import { createHash } from 'node:crypto';
import { PING } from '../../src/protocol/frames.ts';
import { Gate } from '../../src/relay/access/gate.ts';
import { SqliteLog } from '../../src/relay/log/sqlite-log.ts';
import { Relay } from '../../src/relay/relay.ts';
import { DIALECTS, type DialectName } from '../../src/relay/room/dialect.ts';
import type { Attachment, HibernatingSocket } from '../../src/relay/runtime/workers/attachment.ts';
import { Connections } from '../../src/relay/runtime/workers/connections.ts';
import { StoredDedupWindow } from '../../src/relay/runtime/workers/dedup-window.ts';
import { ReadBudget } from '../../src/relay/runtime/workers/read-budget.ts';
import type { WebSocketLike } from '../../src/web/client/client.ts';
import { HandClock } from './clock.ts';
import { memoryDatabase } from './memory-database.ts';

/** An object without events for so long sleeps, unless it has a timer. */
const AWAKE_MS = 10_000;
const STEP_MS = 1000;

/** The object's end of a connection, and what the network does to it. */
export class ObjectSocket implements HibernatingSocket {
  /** What the platform tells the object. */
  readyState = 1;
  /** Whether everything that is sent is dropped, a close too, while pings are still answered. */
  swallows = false;
  /** Frames that are dropped next. */
  drops = 0;
  /** Whether what is sent waits on the way. */
  stalled = false;
  closedWith: number | undefined;
  attachment: Attachment | null = null;
  /** The times the attachment was stored. */
  stores = 0;
  pingedAt = 0;
  readonly #deliver: (event: () => void) => void;
  readonly #waiting: (() => void)[] = [];

  constructor(deliver: (event: () => void) => void) {
    this.#deliver = deliver;
  }

  /** Where frames and the close go. */
  onFrame: (text: string) => void = () => {};
  onClose: (code: number) => void = () => {};

  send(data: string | Uint8Array): void {
    if (this.swallows) return;
    if (this.drops > 0) {
      this.drops -= 1;
      return;
    }
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
    this.pass(() => this.onFrame(text));
  }

  close(code: number): void {
    if (this.closedWith !== undefined) throw new TypeError('already closed');
    this.closedWith = code;
    this.readyState = 2;
    if (!this.swallows) this.pass(() => this.onClose(code));
  }

  serializeAttachment(attachment: Attachment): void {
    this.stores += 1;
    this.attachment = structuredClone(attachment);
  }

  deserializeAttachment(): Attachment | null {
    return structuredClone(this.attachment);
  }

  /** Everything goes through again, beginning with what waited. */
  heal(): void {
    this.swallows = this.stalled = false;
    this.drops = 0;
    for (const event of this.#waiting.splice(0)) this.#deliver(event);
  }

  /** Sends an event on its way. */
  pass(event: () => void): void {
    if (this.stalled) this.#waiting.push(event);
    else this.#deliver(event);
  }
}

export interface ScriptedOptions {
  readonly rate?: number;
  readonly pageBytes?: number;
  readonly maxPerAddress?: number;
}

export class ScriptedObject {
  readonly clock = new HandClock();
  readonly sockets = new Set<ObjectSocket>();
  readonly faults: unknown[] = [];
  /** Whether the platform answers pings by itself. */
  answersPings = false;
  /** How often the object woke. */
  wakes = 0;
  alarmAt: number | null = null;
  readonly #options: ScriptedOptions;
  readonly #database = memoryDatabase();
  readonly #timers = new Set<unknown>();
  #awake: { readonly relay: Relay; readonly connections: Connections<ObjectSocket> } | undefined;
  #events: (() => void)[] = [];
  #running = false;
  #lastEventAt = 0;

  constructor(options: ScriptedOptions = {}) {
    this.#options = { ...options };
  }

  get asleep(): boolean {
    return this.#awake === undefined;
  }

  /** The texts of all messages in the log. */
  get log(): string[] {
    const page = this.#wake().relay.history('a', { after: 0 }, 1000);
    if (page instanceof Promise) throw new Error('the log answers later');
    return page.payloads.map(payload => String(JSON.parse(payload).message));
  }

  /** Whether a client at this address is answered over HTTP, instead of getting a socket. */
  refuses(address = '192.0.2.1'): boolean {
    return this.#wake().connections.refuse(address) !== undefined;
  }

  /** Connects a client by a raw socket: it answers no close and does only what the test says. */
  connect(dialect: DialectName = 'v1', address = '192.0.2.1'): ObjectSocket {
    const ws = new ObjectSocket(event => this.#enqueue(event));
    const { connections } = this.#wake();
    void connections.open(ws, { room: 'a', dialect: DIALECTS[dialect], address });
    this.#run();
    return ws;
  }

  /** Opens a socket as a client's platform does. */
  dial(made: (socket: ObjectSocket) => void = () => {}): WebSocketLike {
    const ws = new ObjectSocket(event => this.#enqueue(event));
    made(ws);
    const client: WebSocketLike & { readyState: number } = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      readyState: 0,
      send: text => this.receive(ws, text),
      close: () => {
        if (client.readyState >= 2) return;
        client.readyState = 2;
        this.#enqueue(() => this.hangUp(ws));
      },
    };
    ws.onFrame = text => client.onmessage?.({ data: text });
    ws.onClose = code => {
      if (client.readyState === 3) return;
      client.readyState = 3;
      this.#enqueue(() => this.hangUp(ws));
      client.onclose?.({ code, reason: '' });
    };
    // Not at once: the client has not set its handlers yet.
    this.#events.push(() => {
      if (client.readyState !== 0) return;
      client.readyState = 1;
      void this.#wake().connections.open(ws, { room: 'a', dialect: DIALECTS.v1, address: '192.0.2.1' });
      client.onopen?.();
    });
    return client;
  }

  /** A client sends a frame. */
  receive(ws: ObjectSocket, text: string): void {
    this.#enqueue(() => {
      if (!this.sockets.has(ws)) return;
      if (text === PING && this.answersPings) {
        ws.pingedAt = this.clock.now();
        ws.pass(() => ws.onFrame(PING));
        return;
      }
      this.#wake().connections.onMessage(ws, text);
    });
  }

  /** A client has closed its end. */
  hangUp(ws: ObjectSocket): void {
    if (!this.sockets.delete(ws)) return;
    this.#wake().connections.onClose(ws);
    this.#run();
  }

  /** The network breaks a connection: neither end is told anything else. */
  cut(ws: ObjectSocket): void {
    ws.swallows = true;
    ws.onClose(1006);
    this.hangUp(ws);
  }

  /** Lets time pass. The object sleeps when it has had nothing to do for long enough, and its alarm wakes it. */
  async wind(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.clock.wind(Math.min(STEP_MS, left));
      this.#run();
      await undefined;
      if (this.alarmAt !== null && this.clock.now() >= this.alarmAt) {
        this.alarmAt = null;
        await this.#wake().connections.onAlarm();
        this.#run();
      }
      if (this.clock.now() - this.#lastEventAt >= AWAKE_MS && this.#timers.size === 0) this.sleep();
    }
  }

  /** Forgets everything that is only in memory. What the platform told about its sockets is forgotten too. */
  sleep(): void {
    this.#awake = undefined;
    for (const ws of this.sockets) if (ws.closedWith === undefined) ws.readyState = 1;
  }

  #enqueue(event: () => void): void {
    this.#events.push(event);
    if (!this.#running) this.#run();
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    for (let event = this.#events.shift(); event; event = this.#events.shift()) event();
    this.#running = false;
  }

  #wake() {
    this.#lastEventAt = this.clock.now();
    this.#awake ??= this.#make();
    return this.#awake;
  }

  #make() {
    this.wakes += 1;
    const { rate = 0, pageBytes = 32_768, maxPerAddress = 0 } = this.#options;
    const report = (error: unknown) => void this.faults.push(error);
    const defer = (run: () => void) => void this.#events.unshift(run);
    const { clock } = this;
    const timers = this.#timers;
    const counted = {
      now: clock.now,
      date: clock.now,
      setTimeout(run: () => void, ms: number): unknown {
        const timer = clock.setTimeout(() => {
          timers.delete(timer);
          run();
        }, ms);
        timers.add(timer);
        return timer;
      },
      clearTimeout(timer: unknown): void {
        timers.delete(timer);
        clock.clearTimeout(timer);
      },
    };
    const budget = new ReadBudget(() => relay.connections);
    const gate = new Gate(
      { rate, burst: 20, maxConnections: 0, maxPerAddress, origins: '*', publicOrigin: undefined },
      { minSpreadMs: 1000 },
    );
    const relay: Relay = new Relay({
      gate,
      log: new SqliteLog(this.#database, { history: 10_000, report, now: clock.now(), epoch: 'fixed' }),
      clock: counted,
      sha256: text => createHash('sha256').update(text).digest(),
      defer,
      dedupWindow: new StoredDedupWindow(this.#database, clock),
      report,
      sendBudget: budget,
      pageBytes,
      idleMs: Number.POSITIVE_INFINITY,
    });
    const host = {
      alarm: {
        getAlarm: async () => this.alarmAt,
        setAlarm: async (at: number) => {
          this.alarmAt = at;
        },
      },
      accept: (ws: ObjectSocket) => void this.sockets.add(ws),
      sockets: () => [...this.sockets],
      pingedAt: (ws: ObjectSocket) => ws.pingedAt,
      answerPings: (on: boolean) => {
        this.answersPings = on;
      },
    };
    return { relay, connections: new Connections(host, relay, { gate, budget, clock: counted, defer, report }) };
  }
}
