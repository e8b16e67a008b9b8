/** One room's part of a log in SQLite: it queues entries for the next commit, reports the result, and reads entries. */
import type { Database } from './database.ts';
import type { Entry, NewEntry } from './entry.ts';
import type { ErasureRecord } from './erasure-journal.ts';
import type { KnownKey, LogListener, RoomLog, Selection } from './log.ts';
import { readCounts } from './room-counts.ts';
import { RoomRows } from './room-rows.ts';
import { type RoomState, RoomWrite } from './room-write.ts';
import { Speakers } from './speakers.ts';

/** The state that the rooms of one log share. */
export interface Shared {
  readonly db: Database;
  /** Identifies the log. */
  readonly epoch: string;
  readonly history: number;
  /** Ascending; a new `seq` is always above the last one. */
  readonly seqFloors: readonly number[];
  /** Rooms with entries to commit. */
  readonly dirty: Uncommitted[];
  /** Whether the tables exist. If not, nothing was ever appended. */
  made: boolean;
  /** Whether there may be rows of format 1. */
  readonly hasOld: boolean;
  /** The generation of a room that has no row. */
  generation: number;
  /** The number of rooms that hold something. */
  rooms: number;
}

/** A room with pending entries, as a commit sees it. */
export interface Uncommitted {
  readonly waiting: number;
  /** Whether an erasure is pending. */
  readonly erases: boolean;
  /** Whether an edit or an erasure is pending. */
  readonly changes: boolean;
  /** Writes the pending entries, inside a transaction. Returns when (ms since 1970) text was erased, if any was. */
  write(): number | undefined;
  /** What `write` has erased. */
  erasures(): ErasureRecord[];
  /** Notes outside the database that it contains what `write` has written. To be called once that is committed. */
  note(): void;
  /** The transaction was committed. */
  handOver(): void;
  /** The transaction was rolled back. */
  fail(): void;
}

/** A room's row in the database. */
interface Stored {
  readonly id: number;
  readonly generation: number;
  readonly rows: RoomRows;
  readonly speakers: Speakers;
}

export class SqliteRoomLog implements RoomLog, Uncommitted {
  erases = false;
  changes = false;
  readonly #shared: Shared;
  readonly #name: string;
  readonly #listener: LogListener;
  /** Created with the room's first entry: visiting a room stores nothing. */
  #stored: Stored | undefined;
  /** Kept from the beginning, so that an empty room's epoch does not change under its readers. */
  readonly #generation: number;
  #head = 0;
  #oldest = 1;
  /** Counted when it is first needed. */
  #state: RoomState | undefined;
  #waiting: NewEntry[] = [];
  /** The result of `write`, until the transaction around it is committed or rolled back. */
  #written: { stored: Stored; write: RoomWrite } | undefined;

  constructor(shared: Shared, { name, listener }: { readonly name: string; readonly listener: LogListener }) {
    this.#shared = shared;
    this.#name = name;
    this.#listener = listener;
    this.#stored = shared.made ? this.#find() : undefined;
    this.#generation = this.#stored?.generation ?? shared.generation;
    const bounds = this.#stored?.rows.bounds();
    if (!bounds) return;
    this.#head = bounds.head;
    this.#oldest = bounds.oldest;
  }

  get epoch(): string {
    return `${this.#shared.epoch}.${this.#generation}`;
  }

  get head(): number {
    return this.#head;
  }

  get seqFloor(): number {
    return Math.max(this.#head, this.#shared.seqFloors.at(-1) ?? 0);
  }

  get oldest(): number {
    return this.#oldest;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  isEpoch(epoch: string): boolean {
    return epoch === this.epoch || (epoch === this.#shared.epoch && this.#generation === 0);
  }

  append(entry: NewEntry): void {
    if (this.#waiting.length === 0) {
      this.#shared.dirty.push(this);
      this.erases = false;
      this.changes = false;
    }
    if (entry.type !== 'normal') {
      this.changes = true;
      if (entry.type === 'erased') this.erases = true;
    }
    this.#waiting.push(entry);
  }

  write(): number | undefined {
    const { db, seqFloors, history } = this.#shared;
    const stored = this.#stored ?? this.#create();
    const { id: room, rows, speakers } = stored;
    const state = this.#state ?? {
      head: this.#head,
      oldest: this.#oldest,
      counts: readCounts(db, room, { rows, all: this.changes }),
    };
    const write = new RoomWrite(state, { db, room, rows, speakers, history, seqFloor: seqFloors.at(-1) ?? 0 });
    write.run(this.#waiting);
    this.#written = { stored, write };
    return write.erased ? this.#waiting.at(-1)?.at : undefined;
  }

  erasures(): ErasureRecord[] {
    const applied = this.#written?.write.erasures ?? [];
    return applied.map(({ erasure: { at, id, from, by }, erased }) => ({ room: this.#name, at, id, from, by, erased }));
  }

  note(): void {
    if (this.#written) this.#shared.db.note?.(this.#written.stored.id, this.#written.write.head);
  }

  handOver(): void {
    if (!this.#written) return;
    const { stored, write } = this.#written;
    this.#written = undefined;
    this.#waiting = [];
    this.#stored = stored;
    if (this.#head === 0 && write.state.head > 0) this.#shared.rooms += 1;
    this.#state = write.isCounted ? write.state : undefined;
    this.#head = write.state.head;
    this.#oldest = write.state.oldest;
    for (const { entry, code } of write.rejected) entry.onRejected(code);
    const rewritten = write.rewritten();
    if (rewritten.length > 0) this.#listener.rewritten(rewritten);
    if (write.stored.length === 0) return;
    this.#listener.stored(write.stored);
    for (const entry of write.stored) entry.origin = undefined;
  }

  fail(): void {
    this.#written = undefined;
    this.#stored?.speakers.forget();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const entry of waiting) entry.onFailed();
  }

  after(seq: number, limit: number, maxBytes = Number.POSITIVE_INFINITY, selection: Selection = 'entries'): Entry[] {
    return this.#stored?.rows.after(seq, limit, maxBytes, selection === 'messages') ?? [];
  }

  messagesBefore(seq: number, limit: number, maxBytes = Number.POSITIVE_INFINITY, oldest = 0): Entry[] {
    return this.#stored?.rows.messagesBefore(seq, limit, maxBytes, oldest) ?? [];
  }

  keysBefore(seq: number, limit: number): KnownKey[] {
    return this.#stored?.rows.keysBefore(seq, limit) ?? [];
  }

  missed(since: number, next: number): number | null {
    // A room passes a seqFloor only by a jump, and a client may have read the entries below it that a power cut lost. A
    // room whose next entry will be the first above a seqFloor has lost them as well.
    const isNewest = next > this.#head;
    const jumped = this.#shared.seqFloors.some(seqFloor => since < seqFloor && (isNewest || seqFloor < next));
    return jumped ? null : Math.max(0, next - 1 - since);
  }

  #find(): Stored | undefined {
    const { db, hasOld } = this.#shared;
    const [row] = db.all('SELECT id, generation FROM rooms WHERE name = ?', this.#name);
    if (!row) return undefined;
    const id = Number(row.id);
    const rows = new RoomRows(db, { room: id, hasOld });
    return { id, generation: Number(row.generation), rows, speakers: new Speakers(db, id) };
  }

  #create(): Stored {
    const sql = 'INSERT OR IGNORE INTO rooms (name, generation) VALUES (?, ?)';
    this.#shared.db.run(sql, this.#name, this.#generation);
    const stored = this.#find();
    if (!stored) throw new Error('a room that was inserted is not there');
    return stored;
  }
}
