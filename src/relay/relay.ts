/**
 * The relay: rooms by name. A connection is taken in, is given a reader in its room, and is counted out again; a room is
 * opened when somebody needs it and evicted some time after everyone has left.
 */
import {
  CLOSE_RESTART,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_LENGTH,
  MAX_PAGE_BYTES,
  MAX_PAGE_MESSAGES,
} from '../protocol/limits.ts';
import { Admission, type Rejection } from './access/admission.ts';
import type { Sha256 } from './access/identity.ts';
import { RateLimiter } from './access/rate-limiter.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { type Connection, RoomConnection } from './connection.ts';
import { Committer } from './log/committer.ts';
import type { Log } from './log/log.ts';
import type { DedupWindow, HistoryPage, RoomContext } from './room/context.ts';
import type { Dialect } from './room/dialect.ts';
import { Reader, type ReaderSnapshot, type Socket } from './room/reader.ts';
import { Room } from './room/room.ts';
import { SendBudget } from './room/send-budget.ts';
import type { Scheduler } from './scheduler.ts';
import { Sweep } from './sweep.ts';

/** What a runtime brings. */
export interface RelayOptions {
  readonly config: Pick<Config, 'rate' | 'burst' | 'maxConnections' | 'maxPerAddress'>;
  readonly log: Log;
  readonly clock: Clock;
  readonly sha256: Sha256;
  /** Runs something once everything that has arrived was read: the end of this turn of the event loop. */
  readonly defer: (run: () => void) => void;
  /** Reports a fault of ours that was caught. */
  readonly report: (error: unknown) => void;
  readonly sendBudget?: SendBudget;
  readonly scheduler?: Scheduler;
  readonly dedupWindow?: DedupWindow;
  /** Bytes of messages in one page, where less than the protocol allows is wise. */
  readonly pageBytes?: number;
  /** Milliseconds without a frame after which a connection is closed; `Infinity` where the runtime looks after that. */
  readonly idleMs?: number;
  /** The least milliseconds over which everyone spreads their return. */
  readonly minSpreadMs?: number;
}

/** Where a connection leads, and where it comes from. */
export interface ConnectRequest {
  readonly room: string;
  readonly dialect: Dialect;
  /** The client's address, as far as it is known. */
  readonly address: string;
}

const IDLE_MS = 150_000;
/** How long a room stays when everyone has left, because opening it again may mean reading much; and how many may. */
const EMPTY_ROOM_MS = 60_000;
const MAX_EMPTY_ROOMS = 100;
const MIN_SPREAD_MS = 500;

export class Relay {
  readonly #config: RelayOptions['config'];
  readonly #clock: Clock;
  readonly #minSpreadMs: number;
  readonly #context: RoomContext;
  readonly #committer: Committer;
  readonly #admission: Admission;
  readonly #sendBudget: SendBudget;
  readonly #sweep: Sweep;
  readonly #rooms = new Map<string, Room>();
  readonly #readers = new Set<Reader>();
  /** Rooms that everyone has left, and when. */
  readonly #leftAt = new Map<Room, number>();
  #draining = false;
  #dropped = 0;

  constructor({ config, log, clock, sha256, defer, report, scheduler, dedupWindow, ...options }: RelayOptions) {
    const { sendBudget = new SendBudget(), pageBytes = MAX_PAGE_BYTES } = options;
    const { idleMs = IDLE_MS, minSpreadMs = MIN_SPREAD_MS } = options;
    this.#config = config;
    this.#clock = clock;
    this.#minSpreadMs = minSpreadMs;
    this.#admission = new Admission(config);
    this.#sendBudget = sendBudget;
    this.#committer = new Committer(log, { defer });
    this.#sweep = new Sweep(this.#readers, { sendBudget, idleMs, now: clock.now() });
    this.#context = {
      log,
      clock,
      committer: this.#committer,
      sha256,
      scheduler: scheduler && this.#committer.commitFirst(scheduler),
      dedupWindow,
      report,
      pageBytes,
      limits: () => ({
        message: MAX_MESSAGE_LENGTH,
        frame: MAX_FRAME_BYTES,
        rate: config.rate,
        burst: config.burst,
        page: MAX_PAGE_MESSAGES,
        spread: this.#spread(),
      }),
      dropped: () => {
        this.#dropped += 1;
      },
    };
  }

  /** Whether it is shutting down. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Open connections, those that wait to be rejected included. */
  get connections(): number {
    return this.#admission.count;
  }

  /** Rooms in memory. */
  get rooms(): number {
    return this.#rooms.size;
  }

  /** Frames dropped because their client cannot be told why. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes in a socket that has been upgraded. A client that may not enter is told so by a close code. */
  connect(socket: Socket, { room: name, dialect, address }: ConnectRequest): Connection {
    const rejection = this.#admission.enter(address, dialect);
    const leave = () => this.#admission.leave(address, dialect, rejection !== undefined);
    if (this.#draining) {
      return this.#reject(socket, { code: CLOSE_RESTART, delayMs: 0, reason: this.#spread().toString() }, leave);
    }
    if (rejection) return this.#reject(socket, rejection, leave);
    const room = this.#tryOpen(name, leave);
    const reader = this.#makeReader(socket, dialect, this.#clock.now());
    room.join(reader);
    return new RoomConnection(room, reader, { address, rejected: false, onLeft: this.#onLeft });
  }

  /** Takes back a connection that was open before the relay slept, as it was then; nobody is told of it. */
  restore(socket: Socket, { room: name, dialect, address }: ConnectRequest, snapshot: ReaderSnapshot): Connection {
    const rejection = this.#admission.enter(address, dialect);
    const room = this.#open(name);
    const reader = this.#makeReader(socket, dialect, snapshot.openedAt);
    reader.restore(snapshot);
    room.restore(reader);
    return new RoomConnection(room, reader, { address, rejected: rejection !== undefined, onLeft: this.#onLeft });
  }

  /** Messages of a room, whether anyone is in it or not. */
  history(roomName: string, place: { after: number } | { before: number } | undefined, limit: number): HistoryPage {
    const room = this.#rooms.get(roomName) ?? new Room(roomName, this.#context);
    return room.history(place, limit);
  }

  /** Closes connections that are gone or never came alive, and evicts empty rooms. To be called about once a second. */
  sweep(): void {
    const now = this.#clock.now();
    this.#sweep.run(now);
    for (const room of this.#rooms.values()) room.forgetPages();
    for (const [room, leftAt] of this.#leftAt) {
      if (room.readers.size > 0) this.#leftAt.delete(room);
      else if (room.idle && (this.#leftAt.size > MAX_EMPTY_ROOMS || now - leftAt >= EMPTY_ROOM_MS)) this.#evict(room);
    }
  }

  /** Begins to shut down: commits what was said, and tells everyone when to come back. */
  drain(): void {
    this.#draining = true;
    this.#committer.commit();
    for (const room of this.#rooms.values()) room.finish();
    const reason = this.#spread().toString();
    for (const reader of this.#readers) reader.close(CLOSE_RESTART, reason);
  }

  #makeReader(socket: Socket, dialect: Dialect, openedAt: number): Reader {
    const { rate, burst } = this.#config;
    const limiter = new RateLimiter(rate, burst);
    const reader = new Reader(socket, dialect, { sendBudget: this.#sendBudget, limiter, openedAt });
    this.#readers.add(reader);
    return reader;
  }

  readonly #onLeft = ({ room, reader, address, rejected }: RoomConnection): void => {
    this.#readers.delete(reader);
    this.#admission.leave(address, reader.dialect, rejected);
    if (room.readers.size === 0) this.#leftAt.set(room, this.#clock.now());
  };

  /** Closes a socket that may not enter, after a delay where its client would dial again at once. */
  #reject(socket: Socket, rejection: Rejection & { readonly reason?: string }, leave: () => void): Connection {
    const { code, delayMs, reason = '' } = rejection;
    const clock = this.#clock;
    const timer = delayMs > 0 ? clock.setTimeout(() => socket.close(code, reason), delayMs) : undefined;
    if (delayMs === 0) socket.close(code, reason);
    return {
      snapshot: () => undefined,
      onMessage() {},
      onDrain() {},
      onClose() {
        clock.clearTimeout(timer);
        leave();
      },
    };
  }

  /** Milliseconds over which everyone should spread their return: one connection a millisecond. */
  #spread(): number {
    return Math.max(this.#minSpreadMs, this.#admission.admitted);
  }

  /** A log that cannot be read throws; then the connection is counted out again. */
  #tryOpen(name: string, leave: () => void): Room {
    try {
      return this.#open(name);
    } catch (error) {
      leave();
      throw error;
    }
  }

  #open(name: string): Room {
    let room = this.#rooms.get(name);
    if (!room) {
      room = new Room(name, this.#context);
      this.#rooms.set(name, room);
    }
    return room;
  }

  #evict(room: Room): void {
    room.close();
    this.#leftAt.delete(room);
    this.#rooms.delete(room.name);
  }
}
