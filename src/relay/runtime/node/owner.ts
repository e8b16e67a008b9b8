/**
 * Says which start of a relay a database belongs to. Each start writes a new random token into the row of this table, so
 * a process can tell that no other relay has taken the file, and a later start that it is not an older copy.
 */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import type Libsql from 'libsql';
import { isRow, textIn } from './row.ts';

/** Creates the table. `former` is the token of the start before, and `path` the real path of the file. */
export const OWNER_TABLE =
  'CREATE TABLE IF NOT EXISTS owner (id INTEGER PRIMARY KEY, token TEXT, former TEXT, path TEXT)';
/** Reads the row of the table. */
export const READ_OWNER = 'SELECT token, former, path FROM owner WHERE id = 1';

/** What a backup's row holds as its token: no start has it. */
const NOBODY = '';

export interface Owner {
  readonly token: string;
  readonly former: string;
  readonly path: string;
}

/** Reads the row; `undefined` if no relay that writes one has used the file. */
export function readOwner(sqlite: Libsql.Database): Owner | undefined {
  const row = sqlite.prepare(READ_OWNER).get();
  return isRow(row)
    ? { token: textIn(row, 'token'), former: textIn(row, 'former'), path: textIn(row, 'path') }
    : undefined;
}

/** A token that no other start has. */
export function newToken(): string {
  return randomBytes(12).toString('base64url');
}

export function writeOwner(sqlite: Libsql.Database, { token, former, path }: Owner): void {
  sqlite.prepare('INSERT OR REPLACE INTO owner (id, token, former, path) VALUES (1, ?, ?, ?)').run(token, former, path);
}

/** Marks a copy as a backup, so that a relay that opens it knows that it is one. */
export function disown(sqlite: Libsql.Database): void {
  sqlite.exec(OWNER_TABLE);
  writeOwner(sqlite, { token: NOBODY, former: NOBODY, path: '' });
}

export function isBackup(owner: Owner | undefined): boolean {
  return owner?.token === NOBODY;
}

/**
 * Another name (a hard link) under which relays use this file; `undefined` if there is none. SQLite names the log of
 * changes after the database, so under two names it would keep two.
 */
export function otherName(owner: Owner | undefined, path: string): string | undefined {
  const own = statSync(path);
  if (own.nlink === 1 || owner === undefined || owner.path === path) return undefined;
  const other = statSync(owner.path, { throwIfNoEntry: false });
  return other?.ino === own.ino && other.dev === own.dev ? owner.path : undefined;
}
