/**
 * The rows of one room. A row holds the entries that one commit appended to the room: a row for each entry costs four
 * times as much under load. A large commit makes several rows, so that reading a page never means reading much more
 * than the page. The only index is by `seq`.
 */
import type { Database, Row } from './database.ts';
import type { Entry } from './entry.ts';
import { EditableRow, keysOf, pack, unpack } from './row.ts';
import { INSERT_ROW, MAX_SEQ, STATEMENTS, type Statements, WITH_OLD } from './statements.ts';

/** The most a row holds: entries, and UTF-16 units of their payloads (one entry always fits). */
const MAX_ROW_ENTRIES = 64;
const MAX_ROW_LENGTH = 65_536;
/** Rows read at first; the number doubles each time it was not enough. */
const FIRST_ROWS = 4;

/** The contents of rows in numbers: entries, the messages among them, and UTF-8 bytes of payloads. */
export interface Sums {
  readonly entries: number;
  readonly messages: number;
  readonly bytes: number;
}

/** A row without its content. */
export interface Extent extends Sums {
  readonly first: number;
  readonly last: number;
}

interface Reading {
  /** The seq at which to continue after a row. */
  readonly next: (row: Row) => number;
  /** The number of entries wanted: no more rows than that are read at first. */
  readonly limit: number;
}

export class RoomRows {
  readonly #db: Database;
  readonly #room: number;
  readonly #hasOld: boolean;
  readonly #sql: Statements;

  /** `hasOld`: the database may hold rows of format 1. */
  constructor(db: Database, { room, hasOld }: { room: number; hasOld: boolean }) {
    this.#db = db;
    this.#room = room;
    this.#hasOld = hasOld;
    this.#sql = hasOld ? WITH_OLD : STATEMENTS;
  }

  /** The newest and the oldest `seq` in the rows. */
  bounds(): { head: number; oldest: number } | undefined {
    const [newest] = this.#rows(this.#sql.extentsUpTo, MAX_SEQ, 1);
    const [oldest] = this.#rows(this.#sql.extentsAfter, 0, 1);
    return newest && oldest && { head: Number(newest.last), oldest: Number(oldest.first) };
  }

  /** At most `limit` entries after `seq`; fewer once they exceed `maxLength` UTF-16 units. */
  after(seq: number, limit: number, maxLength: number, messagesOnly: boolean): Entry[] {
    const found: Entry[] = [];
    let length = 0;
    const sql = messagesOnly ? this.#sql.messagesAfter : this.#sql.after;
    for (const row of this.#read(sql, seq, { next: lastOf, limit })) {
      for (const entry of unpack(row)) {
        if (entry.seq <= seq || (messagesOnly && entry.type !== 'normal')) continue;
        found.push(entry);
        length += entry.payload.length;
      }
      if (found.length >= limit || length > maxLength) break;
    }
    return found.slice(0, limit);
  }

  /** The newest messages before `seq` and not before `oldest`, within the same bounds, oldest first. */
  messagesBefore(seq: number, limit: number, maxLength: number, oldest: number): Entry[] {
    const found: Entry[] = [];
    if (seq <= 1) return found;
    let length = 0;
    // The row that holds `seq - 1` may reach beyond it.
    const [around] = this.#rows(this.#sql.extentsAfter, seq - 2, 1);
    const from = Math.max(seq - 1, Number(around?.last ?? 0));
    for (const row of this.#read(this.#sql.messagesUpTo, from, { next: row => lastOf(row) - 1, limit })) {
      for (const entry of unpack(row).reverse()) {
        if (entry.seq >= seq || entry.seq < oldest || entry.type !== 'normal') continue;
        found.push(entry);
        length += entry.payload.length;
      }
      if (found.length >= limit || length > maxLength || Number(row.first) <= oldest) break;
    }
    return found.slice(0, limit).reverse();
  }

  /** The keys of entries after `seq`, row by row until `limit` is reached. */
  keysAfter(seq: number, limit: number): { seq: number; key: string }[] {
    const found: { seq: number; key: string }[] = [];
    for (const row of this.#read(this.#sql.keysAfter, seq, { next: lastOf, limit })) {
      const first = Number(row.first);
      for (const [index, key] of keysOf(row).split('\n').entries()) {
        if (first + index > seq && found.length < limit) found.push({ seq: first + index, key });
      }
      if (found.length >= limit) break;
    }
    return found;
  }

  /** The extents of rows after `seq`, oldest first. */
  *extentsAfter(seq: number): Generator<Extent> {
    for (const row of this.#read(this.#sql.extentsAfter, seq, { next: lastOf, limit: FIRST_ROWS })) {
      const [first, last] = [Number(row.first), Number(row.last)];
      yield { first, last, entries: last - first + 1, messages: Number(row.messages), bytes: Number(row.bytes) };
    }
  }

  /** The sums over the rows after `seq`. Their text is not read. */
  sumsAfter(seq: number): Sums {
    const [row] = this.#rows(this.#sql.sumsAfter, seq, MAX_SEQ);
    return { entries: Number(row?.entries), messages: Number(row?.messages), bytes: Number(row?.bytes) };
  }

  /** The row that holds `seq`, to be changed and written back with {@link replace}. */
  find(seq: number): EditableRow | undefined {
    const [row] = this.#rows(this.#sql.wholeAfter, seq - 1, 1);
    return row && Number(row.first) <= seq ? new EditableRow(row) : undefined;
  }

  /** Writes new, consecutive entries: those from the index `first` on. */
  insert(entries: readonly Entry[], first: number): void {
    let start = first;
    let length = 0;
    for (let index = first; index < entries.length; index++) {
      const size = entries[index]?.payload.length ?? 0;
      length += size;
      if (index > start && (index - start === MAX_ROW_ENTRIES || length > MAX_ROW_LENGTH)) {
        this.#insertRow(entries, start, index);
        start = index;
        length = size;
      }
    }
    this.#insertRow(entries, start, entries.length);
  }

  /** Writes back a row that was changed. A row of format 1 becomes one of format 2. */
  replace(row: EditableRow): void {
    const { first, last, messages, types, payloads } = row;
    if (!row.old) {
      const sql = 'UPDATE entries SET messages = ?3, types = ?4, payloads = ?5 WHERE id = ((?1 << 32) | ?2)';
      return this.#db.run(sql, this.#room, last, messages, types, payloads);
    }
    this.#db.run('DELETE FROM batches WHERE room = ? AND last = ?', this.#room, last);
    this.#db.run(INSERT_ROW, this.#room, last, first, row.at, messages, types, row.keys, payloads);
  }

  /** Removes every row up to the one that ends at `last`. */
  deleteUpTo(last: number): void {
    this.#db.run('DELETE FROM entries WHERE id > (?1 << 32) AND id <= ((?1 << 32) | ?2)', this.#room, last);
    if (this.#hasOld) this.#db.run('DELETE FROM batches WHERE room = ? AND last <= ?', this.#room, last);
  }

  /** Writes the entries from index `start` to before `end` as one row. */
  #insertRow(entries: readonly Entry[], start: number, end: number): void {
    const oldest = entries[start];
    const newest = entries[end - 1];
    if (!oldest || !newest) return;
    const at = newest.origin?.at ?? 0;
    const { messages, types, keys, payloads } = pack(entries, start, end);
    this.#db.run(INSERT_ROW, this.#room, newest.seq, oldest.seq, at, messages, types, keys, payloads);
  }

  /** Rows from a seq on, a few at a time; the next ones are read from the seq that `next` returns for the last row. */
  *#read(sql: string, seq: number, { next, limit }: Reading): Generator<Row> {
    let from = seq;
    for (let count = Math.min(FIRST_ROWS, limit); ; count *= 2) {
      const rows = this.#rows(sql, from, count);
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < count) return;
      from = next(last);
    }
  }

  /** At most `count` rows from a seq on. A seq that does not fit beside the room's id would read other rooms' rows. */
  #rows(sql: string, seq: number, count: number): Row[] {
    return this.#db.all(sql, this.#room, Math.min(Math.max(seq, 0), MAX_SEQ), count);
  }
}

function lastOf(row: Row): number {
  return Number(row.last);
}
