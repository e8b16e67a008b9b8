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
import { type Connection, ReaderConnection } from './connection.ts';
import type { Log } from './log/log.ts';
import type { Slices } from './room/delivery.ts';
import { type Door, Reader, type ReaderMemory, type Socket } from './room/reader.ts';
import { type Doubts, type HistoryPage, Room, type RoomContext } from './room/room.ts';
import { Budget } from './room/send-budget.ts';

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
  readonly budget?: Budget;
  readonly slices?: Slices;
  readonly doubts?: Doubts;
  /** Bytes of messages in one page, where less than the wire allows is wise. */
  readonly pageBytes?: number;
  /** Milliseconds of silence after which a line is closed; `Infinity` where someone else looks after that. */
  readonly silenceMs?: number;
  /** The least milliseconds over which everyone spreads the return. */
  readonly minSpreadMs?: number;
}

const HELLO_MS = 10_000;
const SILENCE_MS = 150_000;
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
  readonly #budget: Budget;
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
    this.#budget = parts.budget ?? new Budget();
    this.#context = {
      log: parts.log,
      clock: parts.clock,
      sha256: parts.sha256,
      slices: parts.slices && this.#commitBefore(parts.slices),
      doubts: parts.doubts,
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

  /** Frames dropped at the tutorial's door, where nobody can be told. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes in a socket that has been upgraded. Who may not come in is told by a close code. */
  connect(socket: Socket, roomName: string, door: Door, address: string): Connection {
    const rejection = this.#admission.enter(address, door);
    const leave = () => this.#admission.leave(address, door, rejection !== undefined);
    if (this.#draining) {
      return this.#turnAway(socket, { code: CLOSE_RESTART, delayMs: 0 }, this.#spread().toString(), leave);
    }
    if (rejection) return this.#turnAway(socket, rejection, '', leave);
    const room = this.#tryOpen(roomName, leave);
    const reader = this.#makeReader(socket, door, this.#parts.clock.now());
    room.join(reader);
    return new ReaderConnection(room, reader, address, false, this.#left);
  }

  /** Takes back a line that was open before the relay slept, as its memory says; nobody is told of it. */
  restore(socket: Socket, roomName: string, door: Door, address: string, memory: ReaderMemory): Connection {
    const rejection = this.#admission.enter(address, door);
    const room = this.#open(roomName);
    const reader = this.#makeReader(socket, door, memory.openedAt);
    reader.recall(memory);
    room.restore(reader);
    return new ReaderConnection(room, reader, address, rejection !== undefined, this.#left);
  }

  #makeReader(socket: Socket, door: Door, openedAt: number): Reader {
    const { rate, burst } = this.#parts.config;
    const reader = new Reader(socket, door, this.#budget, rate, burst, openedAt);
    this.#readers.add(reader);
    return reader;
  }

  readonly #left = ({ room, reader, address, rejected }: ReaderConnection): void => {
    this.#readers.delete(reader);
    this.#admission.leave(address, reader.door, rejected);
    if (room.readers.size === 0) this.#leftAt.set(room, this.#parts.clock.now());
  };

  /** Messages of a room, whether anyone is in it or not. */
  history(roomName: string, place: { after: number } | { before: number } | undefined, limit: number): HistoryPage {
    const room = this.#rooms.get(roomName) ?? new Room(roomName, this.#context);
    return room.history(place, limit);
  }

  /** Looks for who said no hello in time, was not heard of, or takes nothing. To be called about once a second. */
  sweep(): void {
    const { silenceMs = SILENCE_MS } = this.#parts;
    const now = this.#parts.clock.now();
    const late = Math.abs(now - this.#sweptAt) > LATE_SWEEP_MS;
    this.#sweptAt = now;
    for (const reader of this.#readers) {
      // The machine slept, or its clock was set: what they sent meanwhile has not been read yet.
      if (late) reader.forgive(now);
      const greeting = reader.door === 'room' && !reader.person;
      const silent = now - reader.heardAt >= silenceMs || (greeting && now - reader.openedAt >= HELLO_MS);
      if (silent || reader.isStuck(now)) {
        reader.close(CLOSE_SILENT);
      }
    }
    this.#budget.weigh(this.#readers);
    for (const room of this.#rooms.values()) room.forgetPages();
    for (const [room, leftAt] of this.#leftAt) {
      if (room.readers.size > 0) this.#leftAt.delete(room);
      else if (room.idle && (this.#leftAt.size > MAX_EMPTY_ROOMS || now - leftAt >= EMPTY_ROOM_MS)) this.#letGo(room);
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
  #commitBefore(slices: Slices): Slices {
    return {
      now: () => slices.now(),
      later: run =>
        slices.later(() => {
          try {
            this.#commitNow();
          } finally {
            run();
          }
        }),
    };
  }

  /** Lets an unwelcome socket wait, so that a client which dials again at once does so less often, and closes it. */
  #turnAway(socket: Socket, { code, delayMs }: Rejection, reason: string, leave: () => void): Connection {
    const { clock } = this.#parts;
    const timer = delayMs > 0 ? clock.setTimeout(() => socket.close(code, reason), delayMs) : undefined;
    if (delayMs === 0) socket.close(code, reason);
    return {
      memory: () => undefined,
      receive() {},
      drained() {},
      closed() {
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

  #letGo(room: Room): void {
    room.close();
    this.#leftAt.delete(room);
    this.#rooms.delete(room.name);
  }
}
