/**
 * The tables of a log (format 2), and the migration of a database of format 1.
 *
 * The migration only adds: a database of 10 GB must open within a service manager's start timeout, so no statement here
 * reads or rewrites entries. Rows of the old table `batches` stay there until they are trimmed or rewritten.
 */
import type { Database } from './database.ts';

/** The format that this relay writes. */
export const FORMAT = 2;

/**
 * Identifies rooms; `counted` is the seq up to which `messages`, `entries` and `bytes` (of payloads) are counted. A room
 * whose `touched_at` is 0 was removed: its row holds only the generation that it will have next. A name that begins with
 * a slash is that of a room whose entries are being deleted (room-removal.ts).
 */
const ROOM_COLUMNS = [
  'generation INTEGER NOT NULL DEFAULT 0',
  'touched_at INTEGER NOT NULL DEFAULT 0',
  'bytes INTEGER NOT NULL DEFAULT 0',
  'messages INTEGER NOT NULL DEFAULT 0',
  'entries INTEGER NOT NULL DEFAULT 0',
  'counted INTEGER NOT NULL DEFAULT 0',
  'speakers INTEGER NOT NULL DEFAULT 0',
];

/** In both formats. */
const META = 'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID';
const FLOORS = 'CREATE TABLE IF NOT EXISTS floors (seq INTEGER PRIMARY KEY)';

const ROOMS = `CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, ${ROOM_COLUMNS.join(', ')})`;

/**
 * Text that may have to be erased is stored in tables with a rowid. They have no text in interior pages, where
 * `secure_delete` left 117 of 20,000 erased texts in a table without a rowid.
 */
const ADDED = [
  // A row holds several entries (row.ts); `id` is the room's id << 32 | the seq of its last entry.
  `CREATE TABLE entries (
     id INTEGER PRIMARY KEY, first INTEGER NOT NULL, at INTEGER NOT NULL, messages INTEGER NOT NULL,
     types TEXT, keys TEXT NOT NULL, payloads TEXT NOT NULL)`,
  // Every edit of a message that is in the log; the entry at `seq` of the newest one has its text.
  `CREATE TABLE edits (
     room INTEGER NOT NULL, of INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (room, of, seq)) WITHOUT ROWID`,
  // Public ids that have sent messages, and when first and last (ms since 1970).
  `CREATE TABLE speakers (
     room INTEGER NOT NULL, who TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
     PRIMARY KEY (room, who)) WITHOUT ROWID`,
  // A room's settings, as the JSON object that `welcome` will contain.
  'CREATE TABLE settings (room INTEGER PRIMARY KEY, value TEXT NOT NULL)',
  // Mutes and bans. `until` is null if there is no end; `address` is a keyed hash, which applies until `address_until`;
  // messages since `erase_from` are still to be erased.
  `CREATE TABLE sanctions (
     id INTEGER PRIMARY KEY, room INTEGER NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, name TEXT,
     by TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER, reason TEXT, strict INTEGER NOT NULL DEFAULT 0,
     address TEXT, address_until INTEGER, erase_from INTEGER, pardoned_at INTEGER)`,
  'CREATE INDEX sanctions_who ON sanctions (room, who)',
  // Revoked tokens: one by its `jti`, or (if that is empty) all that were issued before `before`.
  `CREATE TABLE revocations (
     room INTEGER NOT NULL, jti TEXT NOT NULL, before INTEGER, until INTEGER NOT NULL,
     PRIMARY KEY (room, jti)) WITHOUT ROWID`,
  // Words that a room does not accept, a JSON array.
  'CREATE TABLE words (room INTEGER PRIMARY KEY, list TEXT NOT NULL)',
  // The last entry that the webhook has accepted.
  'CREATE TABLE webhook (room INTEGER PRIMARY KEY, seq INTEGER NOT NULL)',
];

/** The reason why a database cannot be used, in a few words that follow its name. */
export class FormatError extends Error {}

/** Creates the tables, or migrates those of format 1, inside a transaction. `now` is in milliseconds since 1970. */
export function makeTables(db: Database, now: number): void {
  const format = db.readFormat();
  if (format === FORMAT) return;
  if (format > FORMAT) throw new FormatError(`has format ${format}, this relay knows ${FORMAT}`);
  db.run(META);
  db.run(FLOORS);
  // A relay of format 1 stored the format before it created its tables, and may have been killed in between.
  const isOld = hasTable(db, 'rooms');
  if (isOld) {
    for (const column of ROOM_COLUMNS) db.run(`ALTER TABLE rooms ADD COLUMN ${column}`);
    db.run('UPDATE rooms SET touched_at = ?', now);
  } else {
    db.run(ROOMS);
  }
  for (const statement of ADDED) db.run(statement);
  // Text that was deleted from a file of format 1 is still in it.
  if (isOld && db.compaction) writeMeta(db, SCRUB_OWED, `${now}`);
  db.writeFormat(FORMAT);
}

/** Whether a database was migrated from format 1 and still has rows of it. */
export function hasOldRows(db: Database): boolean {
  return hasTable(db, 'batches') && db.all('SELECT room FROM batches LIMIT 1').length > 0;
}

/** Removes every table but `meta`, inside a transaction, and from `meta` everything but the log's epoch. */
export function dropTables(db: Database): void {
  const made = ['rooms', 'entries', 'edits', 'speakers', 'settings', 'sanctions', 'revocations', 'words', 'webhook'];
  for (const table of [...made, 'floors', 'batches']) db.run(`DROP TABLE IF EXISTS ${table}`);
  db.run("DELETE FROM meta WHERE key <> 'epoch'");
}

export function hasTable(db: Database, name: string): boolean {
  // With a limit, the tables after it are not read.
  return db.all('SELECT 1 FROM sqlite_master WHERE name = ? LIMIT 1', name).length > 0;
}

/** The key in `meta` of the time since which erased text may still be in the file. */
export const SCRUB_OWED = 'scrub_owed';
/** The key in `meta` of the generation with which a room without a row begins; absent while that is 0. */
export const GENERATION = 'generation';

/** The key in `meta` that says that this was an older copy, in which erasures have to be made again. */
export const COPY = 'copy';

export function readMeta(db: Database, key: string): string | undefined {
  if (!hasTable(db, 'meta')) return undefined;
  const value = db.all('SELECT value FROM meta WHERE key = ?', key)[0]?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Writes `value`, or removes the key if it is `undefined`. */
export function writeMeta(db: Database, key: string, value: string | undefined): void {
  db.run(META);
  if (value === undefined) db.run('DELETE FROM meta WHERE key = ?', key);
  else db.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', key, value);
}
