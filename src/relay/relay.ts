/**
 * The relay: rooms by name. A connection that the gate admits gets a reader in its room. A room is opened when it is
 * needed and evicted some time after everyone has left.
 */
import {
  CLOSE_FORBIDDEN,
  CLOSE_RESTART,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_LENGTH,
  MAX_PAGE_BYTES,
  MAX_PAGE_ENTRIES,
} from '../protocol/limits.ts';
import { sourceOf } from './access/address.ts';
import type { Bound } from './access/capacity.ts';
import type { ConnectRequest, Gate } from './access/gate.ts';
import type { Sha256 } from './access/identity.ts';
import { ENDED, FENCED } from './access/refusal.ts';
import type { Visit } from './access/visit.ts';
import type { Clock } from './clock.ts';
import { type Connection, RefusedConnection, RoomConnection } from './connection.ts';
import { Committer } from './log/committer.ts';
import type { Log } from './log/log.ts';
import type { Soon } from './log/soon.ts';
import type { DedupWindow, HistoryPage, HistoryPosition, RoomContext } from './room/context.ts';
import { KeyBudget } from './room/key-index.ts';
import { Reader, type ReaderOptions, type ReaderSnapshot, type Socket } from './room/reader.ts';
import { Room } from './room/room.ts';
import { SendBudget } from './room/send-budget.ts';
import type { Scheduler } from './scheduler.ts';
import { SliceQueue } from './slice-queue.ts';
import { Sweep } from './sweep.ts';

/** The parts that a runtime provides. */
export interface RelayOptions {
  /** Asked before a connection joins its room. */
  readonly gate: Gate;
  readonly log: Log;
  readonly clock: Clock;
  readonly sha256: Sha256;
  /** Runs a function at the end of this turn of the event loop, after everything that has arrived has been read. */
  readonly defer: (run: () => void) => void;
  /** Reports a caught bug of ours. */
  readonly report: (error: unknown) => void;
  readonly sendBudget?: SendBudget;
  /** Delivers to large rooms in slices. */
  readonly scheduler?: Scheduler;
  /** Reads what clients request from the log in slices. */
  readonly readScheduler?: Scheduler;
  readonly dedupWindow?: DedupWindow;
  /** The most bytes in a page, if it should be less than the protocol allows. */
  readonly pageBytes?: number;
  /** Time without a frame after which a connection is closed (ms); `Infinity` if the runtime closes it itself. */
  readonly idleMs?: number;
  /** How long nothing may have been written to a room before it is removed (ms); 0 for ever. */
  readonly keepMs?: number;
  /** Told how many rooms were removed, about once a second while any are. */
  readonly onRemoved?: (rooms: number) => void;
  /** Told about once a second which bounds on what the log holds are reached. */
  readonly onBounds?: (reached: readonly Bound[]) => void;
}

const IDLE_MS = 150_000;
/** How long, and how many, empty rooms stay in memory, because opening one again may mean reading much. */
const EMPTY_ROOM_MS = 60_000;
const MAX_EMPTY_ROOMS = 100;
/** Readers that are asked about in one slice when the fence has changed. */
const READERS_IN_SLICE = 100;
/** Keys that are indexed for retries, in all rooms together: 25 MB. */
const MAX_INDEXED_KEYS = 2 ** 21;
/** Pages are never smaller: each that is asked for costs its reader a round trip, and at the edge a request. */
const LEAST_PAGE_BYTES = 32_768;

export class Relay {
  readonly #gate: Gate;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #context: RoomContext;
  readonly #committer: Committer;
  readonly #slices: SliceQueue;
  readonly #sendBudget: SendBudget;
  readonly #sweep: Sweep;
  readonly #keepMs: number;
  readonly #onRemoved: RelayOptions['onRemoved'];
  readonly #onBounds: RelayOptions['onBounds'];
  readonly #rooms = new Map<string, Room>();
  readonly #readers = new Set<Reader>();
  /** Empty rooms, and when the last connection was closed (ms). */
  readonly #leftAt = new Map<Room, number>();
  #dropped = 0;

  constructor({ gate, log, clock, sha256, defer, report, scheduler, dedupWindow, ...options }: RelayOptions) {
    const {
      readScheduler,
      sendBudget = new SendBudget(),
      pageBytes = MAX_PAGE_BYTES,
      idleMs = IDLE_MS,
      keepMs = 0,
      onRemoved,
      onBounds,
    } = options;
    this.#gate = gate;
    this.#log = log;
    this.#clock = clock;
    this.#sendBudget = sendBudget;
    this.#keepMs = keepMs;
    this.#onRemoved = onRemoved;
    this.#onBounds = onBounds;
    this.#committer = new Committer(log, { defer, now: () => clock.now() });
    this.#sweep = new Sweep(this.#readers, { sendBudget, idleMs, now: clock.now(), report });
    this.#slices = new SliceQueue({ scheduler: readScheduler && this.#committer.commitFirst(readScheduler), report });
    this.#context = {
      log,
      clock,
      committer: this.#committer,
      sha256,
      scheduler: scheduler && this.#committer.commitFirst(scheduler),
      dedupWindow,
      slices: this.#slices,
      keyBudget: new KeyBudget(MAX_INDEXED_KEYS),
      report,
      // While the process holds too much for its readers, they get less at once.
      pageBytes: () => Math.min(pageBytes, Math.max(LEAST_PAGE_BYTES, sendBudget.bound)),
      limits: () => ({
        message: MAX_MESSAGE_LENGTH,
        frame: MAX_FRAME_BYTES,
        rate: gate.rate,
        burst: gate.burst,
        page: MAX_PAGE_ENTRIES,
        spread: gate.spreadMs,
      }),
      dropped: () => {
        this.#dropped += 1;
      },
    };
    this.#measure();
  }

  /** Whether the relay is shutting down. */
  get draining(): boolean {
    return this.#gate.draining;
  }

  /** Whether messages cannot be stored at present. */
  get failing(): boolean {
    return this.#committer.failing;
  }

  /** Open connections, including those waiting to be rejected. */
  get connections(): number {
    return this.#gate.connections;
  }

  /** Rooms in memory. */
  get rooms(): number {
    return this.#rooms.size;
  }

  /** Frames that were dropped because their client cannot be told why. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Connects an upgraded socket. A client that is not admitted is closed with a code. */
  connect(socket: Socket, request: ConnectRequest): Connection {
    const visit = this.#gate.open(request);
    if (visit.refusal) {
      return new RefusedConnection(socket, visit, { refusal: visit.refusal, clock: this.#clock });
    }
    const room = this.#tryOpen(request.room, visit);
    const reader = this.#makeReader(socket, request, { allowance: visit, openedAt: this.#clock.now() });
    room.join(reader);
    return new RoomConnection(room, reader, { visit, onLeft: this.#onLeft });
  }

  /**
   * Restores a connection that was open before the relay slept, without announcing it. It is admitted even if the relay
   * is full, because it was connected before, but not if the operator's fence has changed meanwhile. Without a snapshot it
   * was refused or is being closed: it is closed, and counted until then.
   */
  restore(socket: Socket, request: ConnectRequest, snapshot: ReaderSnapshot | undefined): Connection {
    const visit = this.#gate.open(request);
    const isFenced = snapshot !== undefined && !visit.allows(snapshot.person?.from);
    if (!snapshot || isFenced) {
      return new RefusedConnection(socket, visit, { refusal: isFenced ? FENCED : ENDED, clock: this.#clock });
    }
    const room = this.#tryOpen(request.room, visit);
    const reader = this.#makeReader(socket, request, { allowance: visit, openedAt: snapshot.openedAt });
    reader.restore(snapshot);
    room.restore(reader);
    return new RoomConnection(room, reader, { visit, onLeft: this.#onLeft });
  }

  /** Reads messages of a room, whether or not anyone is in it. */
  history(roomName: string, position: HistoryPosition | undefined, limit: number, address = ''): Soon<HistoryPage> {
    // The room is looked up when the turn comes, because another one may be open under its name by then.
    const read = () => (this.#rooms.get(roomName) ?? new Room(roomName, this.#context)).history(position, limit);
    return this.#slices.answer(read, sourceOf(address));
  }

  /** Closes dead connections and evicts empty rooms. To be called about once a second. */
  sweep(): void {
    const now = this.#clock.now();
    this.#sweep.run(now);
    const date = this.#clock.date();
    this.#attempt(() => this.#log.scrub?.(date, this.connections));
    if (this.#keepMs > 0) this.#attempt(() => this.#removeUntouched(date));
    this.#attempt(() => this.#measure());
    for (const room of this.#rooms.values()) room.forget();
    for (const [room, leftAt] of this.#leftAt) {
      const isOld = Math.abs(now - leftAt) >= EMPTY_ROOM_MS;
      if (room.readers.size > 0) this.#leftAt.delete(room);
      else if (room.idle && (isOld || this.#leftAt.size > MAX_EMPTY_ROOMS)) this.#evict(room);
    }
  }

  /** Starts to shut down: commits and delivers what was appended, and tells all clients when to reconnect. */
  drain(): void {
    this.#gate.drain();
    this.#attempt(() => this.#committer.commit());
    for (const room of this.#rooms.values()) this.#attempt(() => room.finish());
    const reason = `${this.#gate.spreadMs}`;
    for (const reader of this.#readers) this.#attempt(() => reader.close(CLOSE_RESTART, reason));
  }

  /** Takes one of several steps. A bug of ours in it is reported, and the other steps are taken all the same. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#context.report(error);
    }
  }

  /** Closes the connections that the operator's fence no longer allows. To be called when it has changed. */
  enforceFence(): void {
    const readers = this.#readers.values();
    this.#slices.add(() => {
      for (let count = 0; count < READERS_IN_SLICE; count++) {
        const { done, value: reader } = readers.next();
        if (done) return false;
        if (!reader.allowance.allows(reader.person?.from)) this.#attempt(() => reader.close(CLOSE_FORBIDDEN));
      }
      return true;
    }, this);
  }

  #removeUntouched(now: number): void {
    const removed = this.#log.removeUntouched?.({ now, keepMs: this.#keepMs, isOpen: this.#isOpen }) ?? 0;
    if (removed > 0) this.#onRemoved?.(removed);
  }

  #measure(): void {
    const usage = this.#gate.isBounded ? this.#log.usage?.() : undefined;
    if (usage) this.#onBounds?.(this.#gate.measure(usage));
  }

  #makeReader(socket: Socket, { dialect }: ConnectRequest, options: Omit<ReaderOptions, 'sendBudget'>): Reader {
    const reader = new Reader(socket, dialect, { sendBudget: this.#sendBudget, ...options });
    this.#readers.add(reader);
    return reader;
  }

  readonly #isOpen = (room: string): boolean => this.#rooms.has(room);

  readonly #onLeft = ({ room, reader, visit }: RoomConnection): void => {
    this.#readers.delete(reader);
    visit.end();
    // Its reader left when it ended, so the room may have been evicted since, and another one opened under its name.
    if (room.readers.size === 0 && this.#rooms.get(room.name) === room) this.#leftAt.set(room, this.#clock.now());
  };

  /** Throws if the log cannot be read, in which case the connection is no longer counted. */
  #tryOpen(name: string, visit: Visit): Room {
    try {
      return this.#open(name);
    } catch (error) {
      visit.end();
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
