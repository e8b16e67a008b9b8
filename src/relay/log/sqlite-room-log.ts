/**
 * One room's part of a log in SQLite: what is written of it in a commit, and what is read of it again.
 *
 * A row holds what one commit said to the room, its payloads joined by line feeds (encoded JSON has none of its own): a
 * row each costs four times as much under load. A large commit makes several rows, so that reading a page never means
 * reading much more than the page. Nothing is indexed but the place.
 */
import { encode } from '../../protocol/frames.ts';
import type { Entry, LogListener, NewEntry, RoomLog } from './log.ts';

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

/** What the rooms of one log share. */
export interface Shared {
  readonly db: Database;
  readonly epoch: string;
  readonly history: number;
  /** Rising; a room never goes on at or below the last one. */
  readonly floors: readonly number[];
  /** Rooms with something to commit. */
  readonly dirty: Uncommitted[];
}

/** A room with drafts, as a commit sees it. */
export interface Uncommitted {
  readonly waiting: number;
  write(): void;
  handOver(): void;
  fail(): void;
}

/** What a row holds at most: messages, and UTF-16 units of their payloads (one message always fits). */
const MAX_ROW_MESSAGES = 64;
const MAX_ROW_LENGTH = 65_536;
/** Rows read at first; twice as many each time that was not enough. */
const FIRST_ROWS = 4;

export class SqliteRoomLog<D extends NewEntry> implements RoomLog<D>, Uncommitted {
  readonly epoch: string;
  readonly #shared: Shared;
  readonly #name: string;
  readonly #listener: LogListener<D>;
  /** The room's row, made with its first message: visiting a room leaves nothing behind. */
  #id: number | undefined;
  #head = 0;
  #oldest = 1;
  /** Messages held, counted when that is first needed: it means looking at every row. */
  #count: number | undefined;
  #drafts: D[] = [];
  /** What `write` has written, until the transaction around it is known to have held. */
  #written: { id: number; stored: Entry[]; oldest: number; count: number } | undefined;

  constructor(shared: Shared, name: string, listener: LogListener<D>) {
    this.epoch = shared.epoch;
    this.#shared = shared;
    this.#name = name;
    this.#listener = listener;
    const row = shared.db.all('SELECT id FROM rooms WHERE name = ?', name)[0];
    if (!row) return;
    this.#id = Number(row.id);
    const [newest] = shared.db.all('SELECT last FROM batches WHERE room = ? ORDER BY last DESC LIMIT 1', this.#id);
    const [oldest] = shared.db.all('SELECT first FROM batches WHERE room = ? ORDER BY last LIMIT 1', this.#id);
    this.#head = Number(newest?.last ?? 0);
    this.#oldest = Number(oldest?.first ?? 1);
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
    const count = this.#count ?? this.#countRows(id, first);
    const oldest = count === 0 ? first : this.#oldest;
    this.#written = { id, stored, ...this.#trim(id, oldest, count + stored.length) };
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
    this.#listener.stored(written.stored, drafts);
  }

  /** The transaction did not hold: nothing counts. */
  fail(): void {
    this.#written = undefined;
    const drafts = this.#drafts;
    this.#drafts = [];
    this.#listener.failed(drafts);
  }

  after(seq: number, limit: number, maxLength = Number.POSITIVE_INFINITY): Entry[] {
    const messages: Entry[] = [];
    let length = 0;
    const sql = 'SELECT first, last, payloads FROM batches WHERE room = ? AND last > ? ORDER BY last LIMIT ?';
    for (const row of this.#rows(sql, seq, row => Number(row.last))) {
      for (const message of unpack(row)) {
        if (message.seq <= seq) continue;
        messages.push(message);
        length += message.payload.length;
      }
      if (messages.length >= limit || length > maxLength) break;
    }
    return messages.slice(0, limit);
  }

  before(seq: number, limit: number, maxLength = Number.POSITIVE_INFINITY): Entry[] {
    const messages: Entry[] = [];
    let length = 0;
    const { db } = this.#shared;
    const [around] =
      this.#id === undefined
        ? []
        : db.all('SELECT last FROM batches WHERE room = ? AND last >= ? ORDER BY last LIMIT 1', this.#id, seq);
    const from = Math.max(seq, Number(around?.last ?? 0) + 1);
    const sql = 'SELECT first, payloads FROM batches WHERE room = ? AND last < ? ORDER BY last DESC LIMIT ?';
    for (const row of this.#rows(sql, from, row => Number(row.first))) {
      for (const message of unpack(row).reverse()) {
        if (message.seq >= seq) continue;
        messages.push(message);
        length += message.payload.length;
      }
      if (messages.length >= limit || length > maxLength) break;
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

  #countRows(id: number, before: number): number {
    const sql = 'SELECT sum(last - first + 1) AS count FROM batches WHERE room = ? AND last < ?';
    return Number(this.#shared.db.all(sql, id, before)[0]?.count ?? 0);
  }

  /** Removes whole rows from the old end once an eighth too many are held, so that most commits need not look. */
  #trim(id: number, oldest: number, count: number): { oldest: number; count: number } {
    const { db, history } = this.#shared;
    if (count <= history + Math.floor(history / 8)) return { oldest, count };
    let left = count;
    let cut: number | undefined;
    const sql = 'SELECT first, last FROM batches WHERE room = ? AND last > ? ORDER BY last LIMIT ?';
    for (const row of this.#rows(sql, 0, row => Number(row.last))) {
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

/** Messages side by side, as many to a row as it may hold. */
function rowsOf(stored: readonly Entry[]): { first: number; payloads: string[] }[] {
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

function unpack(row: Row): Entry[] {
  const first = Number(row.first);
  return String(row.payloads)
    .split('\n')
    .map((payload, index) => ({ seq: first + index, payload }));
}

/** The payload of a draft in its place. The id index reads how it begins: `type`, `seq`, `id`, `from`. */
export function encodeStored(draft: NewEntry, seq: number): string {
  const { id, from, user, message, at } = draft;
  return encode({ type: 'normal', seq, id, from, user, message, at });
}
