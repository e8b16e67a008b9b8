/**
 * A relay in memory: its sockets record what is written, and the test controls the clock and the turns of the event
 * loop.
 */
import { createHash } from 'node:crypto';
import type { RelayFrame } from '../../src/protocol/frames.ts';
import { parseRelayFrame } from '../../src/protocol/from-relay.ts';
import type { Bound } from '../../src/relay/access/capacity.ts';
import { Fence } from '../../src/relay/access/fence.ts';
import { Gate } from '../../src/relay/access/gate.ts';
import type { Connection } from '../../src/relay/connection.ts';
import type { Log, RoomLog } from '../../src/relay/log/log.ts';
import { Relay } from '../../src/relay/relay.ts';
import type { Batch } from '../../src/relay/room/batch.ts';
import type { Allowance, DedupWindow, HistoryPage, HistoryPosition } from '../../src/relay/room/context.ts';
import { DIALECTS, type DialectName } from '../../src/relay/room/dialect.ts';
import type { ReaderSnapshot, Socket } from '../../src/relay/room/reader.ts';
import type { SendBudget } from '../../src/relay/room/send-budget.ts';
import { LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import type { Scheduler } from '../../src/relay/scheduler.ts';
import { HandClock } from './clock.ts';
import type { TestEdit, TestErasure } from './entries.ts';
import { Answer, LateLog } from './late-log.ts';

/** Allows every frame. */
export const UNLIMITED: Allowance = {
  source: '',
  waitMs: 0,
  count: () => undefined,
  uncount() {},
  take: () => undefined,
  takeMessage: () => undefined,
  store: () => undefined,
  allows: () => true,
};

/** A socket that accepts everything. While `stuck`, it keeps everything queued. */
export class FakeSocket implements Socket {
  readonly payloads: string[] = [];
  /** The number of writes: batches, not frames. */
  writes = 0;
  buffered = 0;
  flushed = 0;
  stuck = false;
  broken = false;
  paused = false;
  closedWith: { code: number; reason: string } | undefined;
  #onFlushed: (() => void)[] = [];

  write(batch: Batch, onFlushed?: () => void): void {
    if (this.closedWith) return;
    if (this.broken) throw new Error('a bug');
    this.writes += 1;
    this.payloads.push(...batch.payloads);
    if (onFlushed) this.#onFlushed.push(onFlushed);
    if (this.stuck) this.buffered += batch.payloads.reduce((sum, payload) => sum + Buffer.byteLength(payload), 0);
    else this.#flush();
  }

  close(code: number, reason: string): void {
    this.closedWith ??= { code, reason };
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  /** Flushes some of the queued bytes. */
  trickle(bytes: number): void {
    this.buffered -= bytes;
    this.flushed += bytes;
  }

  /** Flushes everything. */
  unstick(): void {
    this.stuck = false;
    this.trickle(this.buffered);
    this.#flush();
  }

  #flush(): void {
    for (const onFlushed of this.#onFlushed.splice(0)) onFlushed();
  }
}

export interface FakeClientOptions {
  readonly room: string;
  readonly dialect: DialectName;
  readonly address: string;
  readonly snapshot?: ReaderSnapshot | undefined;
}

/** A client at the other end of a fake socket. */
export class FakeClient {
  readonly socket = new FakeSocket();
  readonly #rig: Rig;
  readonly #connection: Connection;
  #read = 0;

  constructor(rig: Rig, { room, dialect, address, snapshot }: FakeClientOptions) {
    const request = { room, dialect: DIALECTS[dialect], address };
    const { relay } = rig;
    this.#rig = rig;
    this.#connection = snapshot ? relay.restore(this.socket, request, snapshot) : relay.connect(this.socket, request);
  }

  get snapshot(): ReaderSnapshot | undefined {
    return this.#connection.snapshot();
  }

  /** Sends a frame, a text unchanged, or a binary frame (`undefined`). */
  send(frame: object | string | undefined): void {
    this.#connection.onMessage(typeof frame === 'object' ? JSON.stringify(frame) : frame);
  }

  hello(user: string, more: object = {}): void {
    this.send({ type: 'hello', user, ...more });
  }

  /** Sends a ping or pong of the WebSocket protocol. */
  control(): void {
    this.#connection.onControl();
  }

  /** The frames received since the last call. */
  read(): RelayFrame[] {
    this.#rig.answer();
    const fresh = this.socket.payloads.slice(this.#read);
    this.#read = this.socket.payloads.length;
    return fresh.map(payload => {
      const frame = parseRelayFrame(payload);
      if (!frame) throw new Error(`no frame of a relay: ${payload}`);
      return frame;
    });
  }

  /** The frames of one type among those. */
  readOf<T extends RelayFrame['type']>(type: T): Extract<RelayFrame, { type: T }>[] {
    return this.read().filter((frame): frame is Extract<RelayFrame, { type: T }> => frame.type === type);
  }

  /** The texts of the messages received since the last call. */
  said(): string[] {
    return this.readOf('normal').map(frame => frame.message);
  }

  /** A runtime that cannot tell what its socket holds lets it catch up, however much it has not read. */
  goOn(): void {
    this.#connection.onDrain();
  }

  drain(): void {
    this.socket.unstick();
    this.#connection.onDrain();
  }

  /** Its connection is being closed, but its socket is not closed yet: it does not answer the close. */
  ended(): void {
    this.#connection.onEnd();
  }

  gone(): void {
    this.#connection.onClose();
  }
}

export interface RigOptions {
  readonly rate?: number;
  readonly burst?: number;
  readonly maxConnections?: number;
  readonly maxPerAddress?: number;
  readonly history?: number;
  readonly sendBudget?: SendBudget;
  readonly log?: Log;
  readonly dedupWindow?: DedupWindow;
  readonly scheduler?: Scheduler;
  readonly readScheduler?: Scheduler;
  readonly keepMs?: number;
  readonly maxRooms?: number;
  readonly maxDisk?: number;
  readonly fence?: Fence;
  /** Whether the relay has no clock but the time of day, as on Workers. */
  readonly onlyDate?: boolean;
}

export class Rig {
  /** Whether the logs of new rigs answer later; see twice.ts. */
  static late = false;
  readonly clock = new HandClock();
  readonly relay: Relay;
  /** Our own bugs that were caught. */
  readonly faults: unknown[] = [];
  /** The bounds on what the log holds that were reached at the last sweep. */
  bounds: readonly Bound[] = [];
  /** How many messages were refused because their address has begun too many rooms. */
  newRoomsRefused = 0;
  /** Rooms that were removed because nobody wrote to them. */
  removed = 0;
  readonly #deferred: (() => void)[] = [];
  readonly #late: LateLog | undefined;
  readonly #opened = new Map<string, RoomLog>();
  #log: Log | undefined;

  constructor(options: RigOptions = {}) {
    const { rate = 0, burst = 20, maxConnections = 0, maxPerAddress = 0, history = 10_000, sendBudget } = options;
    const log = this.#watched(options.log ?? memoryLog(history));
    this.#late = Rig.late ? new LateLog(log) : undefined;
    const { maxRooms = 0, maxDisk = 0, fence = new Fence() } = options;
    const bounds = { rate, burst, maxConnections, maxPerAddress, maxRooms, maxDisk };
    this.relay = new Relay({
      gate: new Gate(
        { ...bounds, origins: '*', publicOrigin: undefined },
        {
          fence,
          onNewRoomsRefused: () => {
            this.newRoomsRefused += 1;
          },
        },
      ),
      log: this.#late ?? log,
      clock: options.onlyDate ? { ...this.clock, now: this.clock.date } : this.clock,
      sha256: text => createHash('sha256').update(text).digest(),
      defer: run => this.#deferred.push(run),
      report: error => this.faults.push(error),
      keepMs: options.keepMs ?? 0,
      onBounds: reached => {
        this.bounds = reached;
      },
      onRemoved: rooms => {
        this.removed += rooms;
      },
      ...(sendBudget && { sendBudget }),
      ...(options.scheduler && { scheduler: options.scheduler }),
      ...(options.readScheduler && { readScheduler: options.readScheduler }),
      ...(options.dedupWindow && { dedupWindow: options.dedupWindow }),
    });
  }

  connect(room = 'lobby', dialect: DialectName = 'v1', address = '192.0.2.1'): FakeClient {
    return new FakeClient(this, { room, dialect, address });
  }

  /** Restores the connection of a client after a sleep of the relay. */
  restore(client: FakeClient, room = 'lobby', dialect: DialectName = 'v1'): FakeClient {
    return new FakeClient(this, { room, dialect, address: '192.0.2.1', snapshot: client.snapshot });
  }

  /** A client that has read its welcome, its first page and its own announcement. */
  join(user: string, room = 'lobby'): FakeClient {
    const client = this.connect(room);
    client.hello(user, { key: `${user}-0123456789abcdef` });
    this.clock.wind(1000);
    client.read();
    return client;
  }

  /** Ends the turn of the event loop, which commits what was appended. */
  turn(): void {
    for (const run of this.#deferred.splice(0)) run();
  }

  /** Appends an edit or an erasure to an open room, because no client can request one, and commits it. */
  change(entry: TestEdit | TestErasure, room = 'lobby'): void {
    this.#opened.get(room)?.append(entry);
    this.#log?.commit();
  }

  /** The log. It records which rooms are opened. */
  #watched(log: Log): Log {
    this.#log = log;
    return {
      open: (name, listener) => {
        const room = log.open(name, listener);
        this.#opened.set(name, room);
        return room;
      },
      commit: () => log.commit(),
      removeUntouched: request => log.removeUntouched?.(request) ?? 0,
      usage: () => log.usage?.() ?? { rooms: 0, bytes: 0 },
    };
  }

  /** The log if it answers later; `undefined` if it answers at once. */
  get late(): LateLog | undefined {
    return this.#late;
  }

  /** Makes a log that answers later answer. */
  answer(): void {
    this.#late?.answer();
  }

  history(room: string, position: HistoryPosition | undefined, limit: number): HistoryPage {
    const found = this.relay.history(room, position, limit);
    this.answer();
    const page = found instanceof Answer ? found.value : found;
    if (page === undefined || page instanceof Promise) throw new Error('the log did not answer');
    return page;
  }
}

export function memoryLog(history = 10_000): Log {
  const file = openLogFile({ data: ':memory:', durability: 'normal', history }, error => {
    throw error;
  });
  if (file instanceof LogFileError) throw new Error(file.message);
  return file.log;
}
