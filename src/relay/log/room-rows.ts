/**
 * The rows of one room. A row holds the entries that one commit appended to the room: a row for each entry costs four
 * times as much under load. A large commit makes several rows, so that reading a page never means reading much more
 * than the page. The only index is by `seq`.
 */
import type { Database, Row } from './database.ts';
import type { Entry } from './entry.ts';
import type { KnownKey } from './log.ts';
import { EditableRow, keysOf, pack, unpack } from './row.ts';
import { INSERT_ROW, MAX_SEQ, STATEMENTS, type Statements, WITH_OLD } from './statements.ts';

/** The most a row holds: entries, and UTF-16 units of their payloads (one entry always fits). */
const MAX_ROW_ENTRIES = 64;
const MAX_ROW_LENGTH = 65_536;
/** Rows read at first; the number doubles each time it was not enough, up to `MAX_ROWS`. */
const FIRST_ROWS = 4;
/** The most rows with payloads that are read at once, so that little more is read than fits. */
const MAX_ROWS = 16;
/** The most rows whose extents or keys are read at once; for the keys of format 1 the payloads are parsed. */
const MAX_NARROW_ROWS = 64;
const MAX_OLD_KEY_ROWS = 4;

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
  /** The number of rows that may still be wanted, at most. To be asked before each read. */
  readonly wanted: () => number;
  /** The most rows to read at once. */
  readonly atOnce?: number;
}

/** The entries found so far, and whether they are enough. */
class Found {
  readonly entries: Entry[] = [];
  readonly #limit: number;
  readonly #maxBytes: number;
  #bytes = 0;
  #rows = 0;

  /** Enough are `limit` entries, or as many as exceed `maxBytes` in UTF-8. */
  constructor(limit: number, maxBytes: number) {
    this.#limit = limit;
    this.#maxBytes = maxBytes;
  }

  get enough(): boolean {
    return this.entries.length >= this.#limit || this.#bytes > this.#maxBytes;
  }

  /** At most as many more rows as are enough if they are like those so far. */
  readonly wanted = (): number => {
    const entries = this.#limit - this.entries.length;
    if (this.#bytes === 0) return entries;
    return Math.min(entries, Math.ceil((this.#maxBytes - this.#bytes + 1) / (this.#bytes / this.#rows)));
  };

  /** Takes the entries of a row, which has `bytes` of payloads if `all` of them are taken. */
  take(taken: readonly Entry[], bytes: number, all: boolean): void {
    this.#rows += 1;
    for (const entry of taken) {
      this.entries.push(entry);
      // A lower bound: a UTF-16 unit has at least one byte.
      if (!all) this.#bytes += entry.payload.length;
    }
    // The payloads of a row are joined by line feeds.
    if (all) this.#bytes += bytes - taken.length + 1;
  }
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

  /** At most `limit` entries after `seq`; fewer once they exceed `maxBytes` in UTF-8. */
  after(seq: number, limit: number, maxBytes: number, messagesOnly: boolean): Entry[] {
    const found = new Found(limit, maxBytes);
    const sql = messagesOnly ? this.#sql.messagesAfter : this.#sql.after;
    for (const row of this.#read(sql, seq, { next: lastOf, wanted: found.wanted })) {
      const entries = unpack(row);
      const taken = entries.filter(entry => entry.seq > seq && (!messagesOnly || entry.type === 'normal'));
      found.take(taken, Number(row.bytes), taken.length === entries.length);
      if (found.enough) break;
    }
    return found.entries.slice(0, limit);
  }

  /** The newest messages before `seq` and not before `oldest`, within the same bounds, oldest first. */
  messagesBefore(seq: number, limit: number, maxBytes: number, oldest: number): Entry[] {
    const found = new Found(limit, maxBytes);
    if (seq <= 1) return [];
    const from = this.#lastOfRowWith(seq - 1);
    for (const row of this.#read(this.#sql.messagesUpTo, from, { next: beforeRow, wanted: found.wanted })) {
      const entries = unpack(row).reverse();
      const taken = entries.filter(entry => entry.seq < seq && entry.seq >= oldest && entry.type === 'normal');
      found.take(taken, Number(row.bytes), taken.length === entries.length);
      if (found.enough || Number(row.first) <= oldest) break;
    }
    return found.entries.slice(0, limit).reverse();
  }

  /** The keys of at most `limit` entries before `seq`, newest first; fewer if they stand in too many rows. */
  keysBefore(seq: number, limit: number): KnownKey[] {
    const found: KnownKey[] = [];
    if (seq <= 1) return found;
    const count = Math.min(limit, this.#hasOld ? MAX_OLD_KEY_ROWS : MAX_NARROW_ROWS);
    for (const row of this.#rows(this.#sql.keysUpTo, this.#lastOfRowWith(seq - 1), count)) {
      const first = Number(row.first);
      const keys = keysOf(row).split('\n');
      for (let index = keys.length - 1; index >= 0; index--) {
        const [place, key] = [first + index, keys[index]];
        if (place < seq && key !== undefined && found.length < limit) found.push({ seq: place, key });
      }
    }
    return found;
  }

  /** The extents of rows after `seq`, oldest first. */
  *extentsAfter(seq: number): Generator<Extent> {
    const reading = { next: lastOf, wanted: () => Number.POSITIVE_INFINITY, atOnce: MAX_NARROW_ROWS };
    for (const row of this.#read(this.#sql.extentsAfter, seq, reading)) {
      const [first, last] = [Number(row.first), Number(row.last)];
      yield { first, last, entries: last - first + 1, messages: Number(row.messages), bytes: Number(row.bytes) };
    }
  }

  /** The sums over at most `count` rows after `seq`, how many these are, and where they end. Their text is not read. */
  sumsAfter(seq: number, count = MAX_SEQ): Sums & { readonly rows: number; readonly last: number } {
    const [row] = this.#rows(this.#sql.sumsAfter, seq, count);
    return {
      rows: Number(row?.rows),
      last: Number(row?.last),
      entries: Number(row?.entries),
      messages: Number(row?.messages),
      bytes: Number(row?.bytes),
    };
  }

  /** The row that holds `seq`, to be changed and written back with {@link replace}. */
  find(seq: number): EditableRow | undefined {
    const [row] = this.#rows(this.#sql.wholeAfter, seq - 1, 1);
    return row && Number(row.first) <= seq ? new EditableRow(row) : undefined;
  }

  /** Writes new, consecutive entries: those from the index `first` on. Returns the number of rows. */
  insert(entries: readonly Entry[], first: number): number {
    let start = first;
    let rows = 1;
    let length = 0;
    for (let index = first; index < entries.length; index++) {
      const size = entries[index]?.payload.length ?? 0;
      length += size;
      if (index > start && (index - start === MAX_ROW_ENTRIES || length > MAX_ROW_LENGTH)) {
        this.#insertRow(entries, start, index);
        rows += 1;
        start = index;
        length = size;
      }
    }
    this.#insertRow(entries, start, entries.length);
    return rows;
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

  /** The last seq of the row that holds `seq`; `seq` itself if it is in no row. */
  #lastOfRowWith(seq: number): number {
    const [row] = this.#rows(this.#sql.extentsAfter, seq - 1, 1);
    return row && Number(row.first) <= seq ? Number(row.last) : seq;
  }

  /** Rows from a seq on, a few at a time; the next ones are read from the seq that `next` returns for the last row. */
  *#read(sql: string, seq: number, { next, wanted, atOnce = MAX_ROWS }: Reading): Generator<Row> {
    let from = seq;
    for (let most = FIRST_ROWS; ; most = Math.min(2 * most, atOnce)) {
      const count = Math.max(1, Math.min(most, wanted()));
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

function beforeRow(row: Row): number {
  return Number(row.last) - 1;
}
