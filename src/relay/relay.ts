/**
 * The relay: which rooms are open, who may come in, and the beat to which everything runs. All that arrived in a turn of
 * the event loop is committed at once at its end, and what was stored is written once to each reader.
 */
import {
  CLOSE_RESTART,
  CLOSE_SILENT,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_LENGTH,
  MAX_PAGE_BYTES,
  MAX_PAGE_MESSAGES,
} from '../protocol/limits.ts';
import { Admission, type Rejection } from './access/admission.ts';
import type { Sha256 } from './access/identity.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { type Connection, RoomConnection } from './connection.ts';
import type { Log } from './log/log.ts';
import type { Scheduler } from './room/delivery.ts';
import { type DialectName, Reader, type ReaderSnapshot, type Socket } from './room/reader.ts';
import { type DedupWindow, type HistoryPage, Room, type RoomContext } from './room/room.ts';
import { SendBudget } from './room/send-budget.ts';

/** What a runtime brings. */
export interface RelayParts {
  readonly config: Pick<Config, 'rate' | 'burst' | 'maxConnections' | 'maxPerAddress'>;
  readonly log: Log;
  readonly clock: Clock;
  readonly sha256: Sha256;
  /** Runs something once everything that has arrived was read: the end of this turn of the event loop. */
  readonly defer: (run: () => void) => void;
  /** Told of a fault of ours that was caught. */
  readonly report: (error: unknown) => void;
  readonly budget?: SendBudget;
  readonly scheduler?: Scheduler;
  readonly dedupWindow?: DedupWindow;
  /** Bytes of messages in one page, where less than the wire allows is wise. */
  readonly pageBytes?: number;
  /** Milliseconds of silence after which a line is closed; `Infinity` where someone else looks after that. */
  readonly idleMs?: number;
  /** The least milliseconds over which everyone spreads the return. */
  readonly minSpreadMs?: number;
}

const HELLO_MS = 10_000;
const IDLE_MS = 150_000;
/** A sweep that comes so much later than the last one tells of a sleep. */
const LATE_SWEEP_MS = 10_000;
/** How long a room stays when everyone has left, since opening it again may mean reading much; and how many may. */
const EMPTY_ROOM_MS = 60_000;
const MAX_EMPTY_ROOMS = 100;
const MIN_SPREAD_MS = 500;

export class Relay {
  readonly #parts: RelayParts;
  readonly #context: RoomContext;
  readonly #admission: Admission;
  readonly #budget: SendBudget;
  readonly #rooms = new Map<string, Room>();
  readonly #readers = new Set<Reader>();
  /** Rooms that everyone has left, and when. */
  readonly #leftAt = new Map<Room, number>();
  #sweptAt: number;
  #committing = false;
  #draining = false;
  #dropped = 0;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#sweptAt = parts.clock.now();
    this.#admission = new Admission(parts.config);
    this.#budget = parts.budget ?? new SendBudget();
    this.#context = {
      log: parts.log,
      clock: parts.clock,
      sha256: parts.sha256,
      scheduler: parts.scheduler && this.#commitBefore(parts.scheduler),
      dedupWindow: parts.dedupWindow,
      report: parts.report,
      pageBytes: parts.pageBytes ?? MAX_PAGE_BYTES,
      limits: () => ({
        message: MAX_MESSAGE_LENGTH,
        frame: MAX_FRAME_BYTES,
        rate: parts.config.rate,
        burst: parts.config.burst,
        page: MAX_PAGE_MESSAGES,
        spread: this.#spread(),
      }),
      commitSoon: () => this.#commitSoon(),
      dropped: () => {
        this.#dropped += 1;
      },
    };
  }

  /** Whether it is shutting down. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Open connections, those that wait to be turned away included. */
  get connections(): number {
    return this.#admission.count;
  }

  /** Rooms in memory. */
  get rooms(): number {
    return this.#rooms.size;
  }

  /** Frames dropped in the tutorial's dialect, where nobody can be told. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes in a socket that has been upgraded. Who may not come in is told by a close code. */
  connect(socket: Socket, roomName: string, dialect: DialectName, address: string): Connection {
    const rejection = this.#admission.enter(address, dialect);
    const leave = () => this.#admission.leave(address, dialect, rejection !== undefined);
    if (this.#draining) {
      return this.#reject(socket, { code: CLOSE_RESTART, delayMs: 0 }, this.#spread().toString(), leave);
    }
    if (rejection) return this.#reject(socket, rejection, '', leave);
    const room = this.#tryOpen(roomName, leave);
    const reader = this.#makeReader(socket, dialect, this.#parts.clock.now());
    room.join(reader);
    return new RoomConnection(room, reader, address, false, this.#left);
  }

  /** Takes back a line that was open before the relay slept, as its memory says; nobody is told of it. */
  restore(
    socket: Socket,
    roomName: string,
    dialect: DialectName,
    address: string,
    snapshot: ReaderSnapshot,
  ): Connection {
    const rejection = this.#admission.enter(address, dialect);
    const room = this.#open(roomName);
    const reader = this.#makeReader(socket, dialect, snapshot.openedAt);
    reader.restore(snapshot);
    room.restore(reader);
    return new RoomConnection(room, reader, address, rejection !== undefined, this.#left);
  }

  #makeReader(socket: Socket, dialect: DialectName, openedAt: number): Reader {
    const { rate, burst } = this.#parts.config;
    const reader = new Reader(socket, dialect, this.#budget, rate, burst, openedAt);
    this.#readers.add(reader);
    return reader;
  }

  readonly #left = ({ room, reader, address, rejected }: RoomConnection): void => {
    this.#readers.delete(reader);
    this.#admission.leave(address, reader.dialect, rejected);
    if (room.readers.size === 0) this.#leftAt.set(room, this.#parts.clock.now());
  };

  /** Messages of a room, whether anyone is in it or not. */
  history(roomName: string, place: { after: number } | { before: number } | undefined, limit: number): HistoryPage {
    const room = this.#rooms.get(roomName) ?? new Room(roomName, this.#context);
    return room.history(place, limit);
  }

  /** Looks for who said no hello in time, was not heard of, or takes nothing. To be called about once a second. */
  sweep(): void {
    const { idleMs: silenceMs = IDLE_MS } = this.#parts;
    const now = this.#parts.clock.now();
    const late = Math.abs(now - this.#sweptAt) > LATE_SWEEP_MS;
    this.#sweptAt = now;
    for (const reader of this.#readers) {
      // The machine slept, or its clock was set: what they sent meanwhile has not been read yet.
      if (late) reader.resetIdle(now);
      const greeting = reader.dialect === 'v1' && !reader.person;
      const silent = now - reader.lastFrameAt >= silenceMs || (greeting && now - reader.openedAt >= HELLO_MS);
      if (silent || reader.isStuck(now)) {
        reader.close(CLOSE_SILENT);
      }
    }
    this.#budget.weigh(this.#readers);
    for (const room of this.#rooms.values()) room.forgetPages();
    for (const [room, leftAt] of this.#leftAt) {
      if (room.readers.size > 0) this.#leftAt.delete(room);
      else if (room.idle && (this.#leftAt.size > MAX_EMPTY_ROOMS || now - leftAt >= EMPTY_ROOM_MS)) this.#evict(room);
    }
  }

  /** Begins to shut down: commits what was said, and tells everyone when to come back. */
  drain(): void {
    this.#draining = true;
    this.#parts.log.commit();
    for (const room of this.#rooms.values()) room.finish();
    const reason = this.#spread().toString();
    for (const reader of this.#readers) reader.close(CLOSE_RESTART, reason);
  }

  #commitSoon(): void {
    if (this.#committing) return;
    this.#committing = true;
    this.#parts.defer(() => this.#commitNow());
  }

  #commitNow(): void {
    if (!this.#committing) return;
    this.#committing = false;
    this.#parts.log.commit();
  }

  /** What was said in a turn is committed before a large room writes on, so that small rooms do not wait for it. */
  #commitBefore(scheduler: Scheduler): Scheduler {
    return {
      now: () => scheduler.now(),
      later: run =>
        scheduler.later(() => {
          try {
            this.#commitNow();
          } finally {
            run();
          }
        }),
    };
  }

  /** Lets an unwelcome socket wait, so that a client which dials again at once does so less often, and closes it. */
  #reject(socket: Socket, { code, delayMs }: Rejection, reason: string, leave: () => void): Connection {
    const { clock } = this.#parts;
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

  /** Milliseconds over which everyone should spread the return: one a millisecond. */
  #spread(): number {
    return Math.max(this.#parts.minSpreadMs ?? MIN_SPREAD_MS, this.#admission.admitted);
  }

  /** A log that cannot be read throws; then nobody has come in. */
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
