/**
 * The soak test: real clients send messages through proxies that cut and stall their connections. They repeat frames,
 * and their relay is killed with SIGKILL. All clients must end with the same list, which contains each message once,
 * and each client's own messages in the order in which it sent them.
 */
import { WebSocket } from 'ws';
import type { Message } from '../../src/protocol/entries.ts';
import {
  type Client,
  type Clock,
  createClient,
  type OutboxStorage,
  type WebSocketLike,
} from '../../src/web/client/client.ts';
import { TcpProxy } from './proxy.ts';
import { RelayProcess } from './relay-process.ts';

export interface SoakOptions {
  readonly messages: number;
  readonly clients: number;
  /** How many times the relay is killed and started again, spread over the run. */
  readonly kills: number;
  readonly seed: number;
  /** Called with the progress about once a second. */
  readonly progress?: (text: string) => void;
}

/** How long the run took, and how often it disturbed the clients. */
export interface SoakReport {
  readonly seconds: number;
  readonly cuts: number;
  readonly stalls: number;
  readonly repetitions: number;
  readonly kills: number;
}

const ROOM = 'soak';
/** The clients' clocks run this many times as fast, so that the soak does not spend its time waiting for retries. */
const SPEED = 20;
const STEP_MS = 10;
const PROGRESS_MS = 1000;
const STUCK_MS = 60_000;
/** The probability per step, for all clients together. */
const TROUBLE_CHANCE = 0.08;
const REPETITION_CHANCE = 0.05;
const MAX_TROUBLE_MS = 900;
const MAX_WAITING = 20;

/** Runs the soak. Rejects with a description of what was lost, duplicated, out of order or stuck. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const relay = new RelayProcess({ RATE: '0', MAX_PER_ADDRESS: '0', HISTORY: `${Math.max(10_000, options.messages)}` });
  const run = new Soak(relay, options);
  try {
    await relay.start();
    return await run.finish();
  } finally {
    await run.close();
    await relay.dispose();
  }
}

class Soak {
  readonly #relay: RelayProcess;
  readonly #options: SoakOptions;
  readonly #random: () => number;
  readonly #clients: SoakClient[] = [];
  readonly #began = Date.now();
  #cuts = 0;
  #stalls = 0;
  #kills = 0;
  #killing: Promise<void> | undefined;

  constructor(relay: RelayProcess, options: SoakOptions) {
    this.#relay = relay;
    this.#options = options;
    this.#random = seeded(options.seed);
  }

  async finish(): Promise<SoakReport> {
    const { messages, clients, progress = () => {} } = this.#options;
    for (let index = 0; index < clients; index++) {
      const share = Math.floor(messages / clients) + (index < messages % clients ? 1 : 0);
      this.#clients.push(await SoakClient.start(index, share, messages, () => this.#relay.port, this.#random));
    }
    // All clients connect first, because a client that joins later correctly receives only the newest messages.
    while (!this.#clients.every(client => client.connected)) await step();
    let [moved, told, read] = [Date.now(), Date.now(), -1];
    while (!this.#clients.every(client => client.done)) {
      this.#step();
      await step();
      for (const client of this.#clients) if (client.failure !== undefined) throw new Error(client.failure);
      if (this.#read > read) [read, moved] = [this.#read, Date.now()];
      if (Date.now() - moved > STUCK_MS) throw new Error(this.#stuck());
      if (Date.now() - told < PROGRESS_MS) continue;
      told = Date.now();
      progress(this.#state());
    }
    await this.#killing;
    progress(this.#state());
    await this.#compare();
    const seconds = (Date.now() - this.#began) / 1000;
    const repetitions = this.#clients.reduce((sum, client) => sum + client.repetitions, 0);
    return { seconds, cuts: this.#cuts, stalls: this.#stalls, repetitions, kills: this.#kills };
  }

  async close(): Promise<void> {
    await this.#killing;
    await Promise.all(this.#clients.map(client => client.close()));
  }

  /** The number of messages read by all clients together. */
  get #read(): number {
    return this.#clients.reduce((sum, client) => sum + client.list.length, 0);
  }

  #step(): void {
    const { messages, kills } = this.#options;
    for (const client of this.#clients) if (this.#random() < 0.5) client.sayMore();
    const stored = Math.max(...this.#clients.map(client => client.list.length));
    if (this.#kills < kills && !this.#killing && stored >= ((this.#kills + 0.5) * messages) / kills) this.#kill();
    if (stored < messages && this.#random() < TROUBLE_CHANCE) this.#trouble();
  }

  #kill(): void {
    this.#kills += 1;
    const wait = this.#random() * 300;
    const killed = async () => {
      await this.#relay.kill();
      await new Promise(resolve => setTimeout(resolve, wait));
      await this.#relay.start();
    };
    this.#killing = killed().finally(() => {
      this.#killing = undefined;
    });
  }

  #trouble(): void {
    const client = this.#clients[Math.floor(this.#random() * this.#clients.length)];
    const kind = this.#random();
    const ms = this.#random() ** 2 * MAX_TROUBLE_MS;
    if (!client) return;
    if (kind < 0.75) this.#cuts += 1;
    else this.#stalls += 1;
    if (kind < 0.45) client.proxy.cut();
    else if (kind < 0.6) client.blockFor(ms);
    else if (kind < 0.75) client.reconnect(ms);
    else client.stallFor(ms);
  }

  #stuck(): string {
    const waiting = this.#clients.filter(client => !client.done).map(client => client.toString());
    return `no progress for ${STUCK_MS / 1000} s: ${this.#state()}\n${waiting.join('\n')}`;
  }

  #state(): string {
    const { messages, clients } = this.#options;
    const seconds = ((Date.now() - this.#began) / 1000).toFixed(0).padStart(4);
    const stored = Math.max(0, ...this.#clients.map(client => client.list.length));
    const share = ((100 * this.#read) / (messages * clients)).toFixed(1);
    return `${seconds} s  ${stored}/${messages} stored, ${share} % read; ${this.#cuts} cuts, ${this.#stalls} stalls, ${this.#kills} kills`;
  }

  /** Compares every client's list with the log over HTTP, and its own messages with those it sent. */
  async #compare(): Promise<void> {
    const logged: string[] = [];
    for (let after = 0; ; ) {
      const url = `http://${this.#relay.host}/rooms/${ROOM}/messages?after=${after}&limit=200`;
      const { messages }: { messages: Message[] } = await (await fetch(url)).json();
      logged.push(...messages.map(({ seq, message }) => `${seq} ${message}`));
      const last = messages.at(-1);
      if (!last) break;
      after = last.seq;
    }
    for (const client of this.#clients) {
      const list = client.list.map(({ seq, message }) => `${seq} ${message}`);
      const differs = list.findIndex((entry, at) => entry !== logged[at]);
      if (differs >= 0 || list.length !== logged.length) {
        throw new Error(`client ${client.index} has ${list[differs]} where the log has ${logged[differs]}`);
      }
      const own = client.list.filter(({ message }) => message.startsWith(`${client.index}:`));
      const wrong = own.findIndex(({ message }, at) => message !== `${client.index}:${at}`);
      if (wrong >= 0 || own.length !== client.share) {
        throw new Error(`of client ${client.index}, message ${wrong} is ${own[wrong]?.message}, ${own.length} in all`);
      }
    }
  }
}

class SoakClient {
  readonly index: number;
  /** How many messages it must send. */
  readonly share: number;
  readonly proxy: TcpProxy;
  /** The messages that it has read. */
  readonly list: Message[] = [];
  /** The first failure, if any. */
  failure: string | undefined;
  repetitions = 0;
  readonly #all: number;
  readonly #client: Client;
  readonly #sockets = new Set<WebSocket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #random: () => number;
  readonly #sent: string[] = [];
  /** The `seq` of each text that it has read. */
  readonly #places = new Map<string, number>();
  #said = 0;

  private constructor(index: number, share: number, all: number, proxy: TcpProxy, random: () => number) {
    this.index = index;
    this.share = share;
    this.proxy = proxy;
    this.#all = all;
    this.#random = random;
    this.#client = createClient(
      `ws://${proxy.host}/rooms/${ROOM}`,
      {
        user: `client ${index}`,
        key: `soak-client-${index}-0123456789`,
        clock: fastClock(),
        random,
        storage: memoryStorage(),
        lifecycle: { hidden: false, listen: () => () => {} },
        connect: url => this.#connect(url),
      },
      {
        message: message => this.#take(message),
        page: ({ missed }) => {
          if (missed !== 0) this.fail(`was told that ${missed} are missing`);
        },
        reset: () => this.fail('was given another epoch'),
        outgoing: ({ id, state, code }) => {
          if (state !== 'pending') this.fail(`was told that ${id} is ${state} (${code})`);
        },
        refused: ({ code, of }) => this.fail(`had its ${of} refused: ${code}`),
      },
    );
  }

  static async start(
    index: number,
    share: number,
    all: number,
    port: () => number,
    random: () => number,
  ): Promise<SoakClient> {
    const proxy = await new TcpProxy(port).start();
    const client = new SoakClient(index, share, all, proxy, random);
    client.#client.open();
    return client;
  }

  get connected(): boolean {
    return this.#client.state.name === 'connected';
  }

  /** Whether it has sent and read everything. */
  get done(): boolean {
    return this.#said === this.share && this.list.length >= this.#all && this.#client.outgoing.length === 0;
  }

  toString(): string {
    const { outgoing, state } = this.#client;
    const waits = outgoing.map(({ message, state }) => `${message} ${state}`).join(', ');
    return `client ${this.index} is ${state.name}, said ${this.#said}, read ${this.list.length}, has waiting: ${waits}`;
  }

  fail(what: string): void {
    this.failure ??= `client ${this.index} ${what}`;
  }

  sayMore(): void {
    if (this.#said >= this.share || this.#client.outgoing.length >= MAX_WAITING) return;
    if (this.#client.say(`${this.index}:${this.#said}`)) this.#said += 1;
  }

  blockFor(ms: number): void {
    this.proxy.block();
    this.#later(() => this.proxy.allow(), ms);
  }

  stallFor(ms: number): void {
    this.proxy.stall();
    this.#later(() => this.proxy.resume(), ms);
  }

  /** Acts like an impatient user: retries at once (立即重连), or disconnects (手动关闭) and reconnects. */
  reconnect(ms: number): void {
    if (this.#random() < 0.5) return this.#client.retry();
    this.#client.close();
    this.#later(() => this.#client.open(), ms / 10);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#client.dispose();
    for (const socket of this.#sockets) socket.terminate();
    await this.proxy.stop();
  }

  #take(message: Message): void {
    const last = this.list.at(-1);
    if (last && message.seq <= last.seq) this.fail(`read ${message.seq} after ${last.seq}`);
    const before = this.#places.get(message.message);
    if (before !== undefined) this.fail(`read "${message.message}" twice, at ${before} and at ${message.seq}`);
    this.#places.set(message.message, message.seq);
    this.list.push(message);
  }

  #connect(url: string): WebSocketLike {
    const ws = new WebSocket(url, { perMessageDeflate: false });
    this.#sockets.add(ws);
    const socket: WebSocketLike = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      get readyState() {
        return ws.readyState;
      },
      send: text => {
        ws.send(text);
        this.#repeat(ws, text);
      },
      close: code => ws.close(code),
    };
    ws.on('open', () => socket.onopen?.());
    ws.on('message', data => socket.onmessage?.({ data: data.toString() }));
    ws.on('error', () => socket.onerror?.());
    ws.on('close', (code, reason) => {
      this.#sockets.delete(ws);
      socket.onclose?.({ code, reason: reason.toString() });
    });
    return socket;
  }

  /** At random, repeats a frame that this client has sent: the last one or an old one. */
  #repeat(ws: WebSocket, text: string): void {
    if (!text.startsWith('{"type":"normal"')) return;
    this.#sent.push(text);
    if (this.#random() >= REPETITION_CHANCE) return;
    const { length } = this.#sent;
    const back = this.#random() < 0.7 ? 1 : 1 + Math.floor(this.#random() * length);
    const again = JSON.stringify({ ...JSON.parse(this.#sent[length - back] ?? text), again: true });
    this.#later(() => {
      if (ws.readyState !== WebSocket.OPEN) return;
      this.repetitions += 1;
      ws.send(again);
    }, this.#random() * 20);
  }

  #later(run: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}

function step(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, STEP_MS));
}

function fastClock(): Clock {
  const began = Date.now();
  return {
    now: () => began + (Date.now() - began) * SPEED,
    setTimeout: (run, ms) => setTimeout(run, ms / SPEED),
    // The client only passes timers that the function above returned.
    clearTimeout: timer => clearTimeout(timer as NodeJS.Timeout),
  };
}

function memoryStorage(): OutboxStorage {
  const kept = new Map<string, string>();
  return {
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: key => void kept.delete(key),
  };
}

/** A seeded random number generator (mulberry32): numbers from 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
