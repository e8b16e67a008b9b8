/**
 * A log in SQLite, whoever's SQLite it is: libsql's on Node, a Durable Object's own at the edge, with the same statements.
 *
 * A row holds what one commit said to one room, its payloads joined by line feeds (encoded JSON has none of its own): a
 * row each costs four times as much under load. A large commit makes several rows, so that reading a page never means
 * reading much more than the page. Nothing is indexed but the place.
 *
 * No `seq` may come twice under one epoch, and a commit may be lost to a power cut. So a commit
 * is made durable before `SYNC_EVERY` messages could be lost; after a stop that may have lost the newest ones, every room goes on above a
 * floor which nothing lost can have reached.
 */
import { encode } from '../protocol.ts';
import { randomId } from './identity.ts';
import type { Appender, Draft, Log, RoomLog, Stored } from './log.ts';

export type Value = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

/** An SQLite database as a runtime provides it. Every call throws on failure, and a failed transaction leaves no trace. */
export interface Database {
  run(sql: string, ...values: Value[]): void;
  all(sql: string, ...values: Value[]): Row[];
  transaction(work: () => void): void;
  /** A transaction that, with all before it, survives a power cut once this returns. */
  durable(work: () => void): void;
}

export interface SqliteLogOptions {
  /** Messages kept per room, at least; an eighth more may be there before they are trimmed. */
  readonly history: number;
  /** The newest commits may have been lost since this database was last written. */
  readonly interrupted: boolean;
  /** This database is a copy from the past: what came after it may have been read by someone. */
  readonly restored: boolean;
  /** Told of a commit that failed. */
  readonly report: (error: unknown) => void;
}

/** Fewer messages than this, of all rooms together, can be lost to a power cut. */
const SYNC_EVERY = 1024;

/** What a row holds at most: messages, and UTF-16 units of their payloads (one message always fits). */
const MAX_ROW_MESSAGES = 64;
const MAX_ROW_LENGTH = 65_536;
/** Rows read at first; twice as many each time that was not enough. */
const FIRST_ROWS = 4;

const SCHEMA = [
  'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS floors (seq INTEGER PRIMARY KEY)',
  'CREATE TABLE IF NOT EXISTS rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)',
  `CREATE TABLE IF NOT EXISTS batches (
     room INTEGER NOT NULL, last INTEGER NOT NULL, first INTEGER NOT NULL, payloads TEXT NOT NULL,
     PRIMARY KEY (room, last)) WITHOUT ROWID`,
];

/** What the rooms of one log share. */
interface Shared {
  readonly db: Database;
  readonly epoch: string;
  readonly history: number;
  /** Rising; a room never goes on at or below the last one. */
  readonly floors: readonly number[];
  /** Rooms with something to commit. */
  readonly dirty: Uncommitted[];
}

/** A room with drafts, as a commit sees it. */
interface Uncommitted {
  readonly waiting: number;
  write(): void;
  handOver(): void;
  fail(): void;
}

export class SqliteLog implements Log {
  readonly #shared: Shared;
  readonly #report: (error: unknown) => void;
  #sinceDurable = 0;

  constructor(db: Database, options: SqliteLogOptions) {
    let epoch = '';
    db.durable(() => {
      for (const statement of SCHEMA) db.run(statement);
      const known = db.all("SELECT value FROM meta WHERE key = 'epoch'")[0]?.value;
      epoch = typeof known === 'string' && !options.restored ? known : randomId();
      db.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('epoch', ?)", epoch);
      if (options.interrupted) raiseFloor(db);
    });
    const floors = db.all('SELECT seq FROM floors ORDER BY seq').map(row => Number(row.seq));
    this.#shared = { db, epoch, history: options.history, floors, dirty: [] };
    this.#report = options.report;
  }

  open<D extends Draft>(room: string, appender: Appender<D>): RoomLog<D> {
    return new SqliteRoomLog(this.#shared, room, appender);
  }

  commit(): void {
    const rooms = this.#shared.dirty.splice(0);
    if (rooms.length === 0) return;
    const write = () => {
      for (const room of rooms) room.write();
    };
    const sinceDurable = rooms.reduce((sum, room) => sum + room.waiting, this.#sinceDurable);
    try {
      if (sinceDurable < SYNC_EVERY) {
        this.#shared.db.transaction(write);
        this.#sinceDurable = sinceDurable;
      } else {
        this.#shared.db.durable(write);
        this.#sinceDurable = 0;
      }
    } catch (error) {
      this.#report(error);
      for (const room of rooms) room.fail();
      return;
    }
    for (const room of rooms) room.handOver();
  }
}

class SqliteRoomLog<D extends Draft> implements RoomLog<D>, Uncommitted {
  readonly epoch: string;
  readonly #shared: Shared;
  readonly #name: string;
  readonly #appender: Appender<D>;
  /** The room's row, made with its first message: visiting a room leaves nothing behind. */
  #id: number | undefined;
  #head = 0;
  #oldest = 1;
  #count = 0;
  #drafts: D[] = [];
  /** What `write` has written, until the transaction around it is known to have held. */
  #written: { id: number; stored: Stored[]; oldest: number; count: number } | undefined;

  constructor(shared: Shared, name: string, appender: Appender<D>) {
    this.epoch = shared.epoch;
    this.#shared = shared;
    this.#name = name;
    this.#appender = appender;
    const row = shared.db.all('SELECT id FROM rooms WHERE name = ?', name)[0];
    if (!row) return;
    this.#id = Number(row.id);
    const held = shared.db.all(
      'SELECT max(last) AS head, min(first) AS oldest, sum(last - first + 1) AS count FROM batches WHERE room = ?',
      this.#id,
    )[0];
    this.#head = Number(held?.head ?? 0);
    this.#oldest = Number(held?.oldest ?? 1);
    this.#count = Number(held?.count ?? 0);
  }

  get head(): number {
    return this.#head;
  }

  get oldest(): number {
    return this.#oldest;
  }

  get waiting(): number {
    return this.#drafts.length;
  }

  append(draft: D): void {
    if (this.#drafts.length === 0) this.#shared.dirty.push(this);
    this.#drafts.push(draft);
  }

  /** Writes the drafts, inside a transaction of the log's. */
  write(): void {
    const { db, floors } = this.#shared;
    const id = this.#id ?? this.#create();
    let seq = Math.max(this.#head, floors.at(-1) ?? 0);
    const first = seq + 1;
    const stored = this.#drafts.map(draft => {
      seq += 1;
      return { seq, payload: encodeStored(draft, seq) };
    });
    for (const row of rowsOf(stored)) {
      const last = row.first + row.payloads.length - 1;
      const payloads = row.payloads.join('\n');
      db.run('INSERT INTO batches (room, last, first, payloads) VALUES (?, ?, ?, ?)', id, last, row.first, payloads);
    }
    const oldest = this.#count === 0 ? first : this.#oldest;
    this.#written = { id, stored, ...this.#trim(id, oldest, this.#count + stored.length) };
  }

  /** The transaction held: what was written counts, and is handed over. */
  handOver(): void {
    const written = this.#written;
    if (!written) return;
    this.#written = undefined;
    const drafts = this.#drafts;
    this.#drafts = [];
    this.#id = written.id;
    this.#oldest = written.oldest;
    this.#count = written.count;
    this.#head = written.stored.at(-1)?.seq ?? this.#head;
    this.#appender.stored(written.stored, drafts);
  }

  /** The transaction did not hold: nothing counts. */
  fail(): void {
    this.#written = undefined;
    const drafts = this.#drafts;
    this.#drafts = [];
    this.#appender.failed(drafts);
  }

  after(seq: number, limit: number): Stored[] {
    const messages: Stored[] = [];
    const sql = 'SELECT first, last, payloads FROM batches WHERE room = ? AND last > ? ORDER BY last LIMIT ?';
    for (const row of this.#rows(sql, seq, row => Number(row.last))) {
      for (const message of unpack(row)) if (message.seq > seq) messages.push(message);
      if (messages.length >= limit) break;
    }
    return messages.slice(0, limit);
  }

  before(seq: number, limit: number): Stored[] {
    const messages: Stored[] = [];
    const { db } = this.#shared;
    const [around] =
      this.#id === undefined
        ? []
        : db.all('SELECT last FROM batches WHERE room = ? AND last >= ? ORDER BY last LIMIT 1', this.#id, seq);
    const from = Math.max(seq, Number(around?.last ?? 0) + 1);
    const sql = 'SELECT first, payloads FROM batches WHERE room = ? AND last < ? ORDER BY last DESC LIMIT ?';
    for (const row of this.#rows(sql, from, row => Number(row.first))) {
      for (const message of unpack(row).reverse()) if (message.seq < seq) messages.push(message);
      if (messages.length >= limit) break;
    }
    return messages.slice(0, limit).reverse();
  }

  /** Rows from a place on, a few at a time, each time from the place that `next` sees in the last one. */
  *#rows(sql: string, place: number, next: (row: Row) => number): Generator<Row> {
    if (this.#id === undefined) return;
    let from = place;
    for (let count = FIRST_ROWS; ; count *= 2) {
      const rows = this.#shared.db.all(sql, this.#id, from, count);
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < count) return;
      from = next(last);
    }
  }

  missed(since: number, next: number): number | null {
    // A room crosses a floor only by a jump, and what a power cut took below it was perhaps read by someone.
    const jumped = this.#shared.floors.some(floor => since <= floor && floor < next);
    return jumped ? null : next - 1 - since;
  }

  #create(): number {
    const { db } = this.#shared;
    db.run('INSERT OR IGNORE INTO rooms (name) VALUES (?)', this.#name);
    return Number(db.all('SELECT id FROM rooms WHERE name = ?', this.#name)[0]?.id);
  }

  /** Removes whole rows from the old end once an eighth too many are held, so that most commits need not look. */
  #trim(id: number, oldest: number, count: number): { oldest: number; count: number } {
    const { db, history } = this.#shared;
    if (count <= history + Math.floor(history / 8)) return { oldest, count };
    let left = count;
    let cut: number | undefined;
    for (const row of db.all('SELECT first, last FROM batches WHERE room = ? ORDER BY last', id)) {
      const size = Number(row.last) - Number(row.first) + 1;
      if (left - size < history) {
        if (cut !== undefined) db.run('DELETE FROM batches WHERE room = ? AND last <= ?', id, cut);
        return { oldest: Number(row.first), count: left };
      }
      left -= size;
      cut = Number(row.last);
    }
    return { oldest, count };
  }
}

/** From here on every room goes on above anything that can have been said before, kept or lost. */
function raiseFloor(db: Database): void {
  const [floor] = db.all('SELECT max(seq) AS seq FROM floors');
  const heads = db.all('SELECT (SELECT max(last) FROM batches WHERE room = rooms.id) AS head FROM rooms');
  const highest = heads.reduce((high, row) => Math.max(high, Number(row.head ?? 0)), Number(floor?.seq ?? 0));
  db.run('INSERT INTO floors (seq) VALUES (?)', highest + SYNC_EVERY);
}

/** Messages side by side, as many to a row as it may hold. */
function rowsOf(stored: readonly Stored[]): { first: number; payloads: string[] }[] {
  const rows: { first: number; payloads: string[] }[] = [];
  let length = 0;
  for (const { seq, payload } of stored) {
    const row = rows.at(-1);
    length += payload.length;
    if (row && row.payloads.length < MAX_ROW_MESSAGES && length <= MAX_ROW_LENGTH) {
      row.payloads.push(payload);
    } else {
      rows.push({ first: seq, payloads: [payload] });
      length = payload.length;
    }
  }
  return rows;
}

function unpack(row: Row): Stored[] {
  const first = Number(row.first);
  return String(row.payloads)
    .split('\n')
    .map((payload, index) => ({ seq: first + index, payload }));
}

/** The payload of a draft in its place. The id index reads how it begins: `type`, `seq`, `id`, `from`. */
export function encodeStored(draft: Draft, seq: number): string {
  const { id, from, user, message, at } = draft;
  return encode({ type: 'normal', seq, id, from, user, message, at });
}
