/**
 * Binds a write-ahead log to the state of the database that it continues. The first commit of each log replaces the seal,
 * a random word in a table of its own, and stores the one before beside it. So the database itself holds one of the two
 * that its log names, and an older or newer copy of it holds neither.
 */
import type Libsql from 'libsql';
import { newToken } from './owner.ts';
import { textIn } from './row.ts';

/** Creates the table. Its row holds `[former>current]`. */
export const SEAL_TABLE = 'CREATE TABLE IF NOT EXISTS seal (id INTEGER PRIMARY KEY, value TEXT)';
const WRITE_SEAL = 'INSERT OR REPLACE INTO seal (id, value) VALUES (1, ?)';
/** The former seal of a file's first one. */
export const NO_SEAL = '-'.repeat(16);
const VALUE = /^\[([\w-]{16})>([\w-]{16})\]$/;
const VALUE_BYTES = 35;
/** A leaf of a table, and where its header has the number of its rows and the place of the first (SQLite, 1.6). */
const LEAF = 0x0d;
const ROWS = 3;
const FIRST_ROW = 8;
/** The row before its value: the size, the id 1, the size of the header, a null in place of the id, a text (SQLite, 2.1). */
const ROW = Buffer.from([3 + VALUE_BYTES, 1, 3, 0, 13 + 2 * VALUE_BYTES]);

export interface Seals {
  readonly former: string;
  readonly current: string;
}

/** Reads the row; `undefined` if there is none. */
export function readSeals(sqlite: Libsql.Database): Seals | undefined {
  const [table] = sqlite.prepare("SELECT name FROM sqlite_master WHERE name = 'seal'").all();
  return table === undefined ? undefined : parse(textIn(sqlite.prepare('SELECT value FROM seal').get(), 'value'));
}

/** Replaces the seal. To be called within the first transaction of a log, and for a backup. Returns the new seals. */
export function replaceSeal(sqlite: Libsql.Database, former = NO_SEAL): Seals {
  const current = newToken();
  sqlite.prepare(WRITE_SEAL).run(`[${former}>${current}]`);
  return { former, current };
}

/** Reads the row from the page that holds the table; `undefined` if it is another page. No text of users looks like it. */
export function sealsIn(page: Buffer): Seals | undefined {
  if (page.length < FIRST_ROW + 2 || page[0] !== LEAF || page.readUInt16BE(ROWS) !== 1) return undefined;
  const row = page.readUInt16BE(FIRST_ROW);
  const value = row + ROW.length;
  if (!page.subarray(row, value).equals(ROW)) return undefined;
  return parse(page.toString('latin1', value, value + VALUE_BYTES));
}

/** How a database that holds the seal `current` stores it. */
export function storedSeal(current: string): string {
  return `>${current}]`;
}

function parse(value: string): Seals | undefined {
  const [, former, current] = VALUE.exec(value) ?? [];
  return former === undefined || current === undefined ? undefined : { former, current };
}
