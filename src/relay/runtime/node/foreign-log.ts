/**
 * Keeps SQLite from applying a write-ahead log to a database that it does not belong to: if the database was replaced by
 * a copy, but not the log beside it, SQLite would mix the two.
 */
import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** Where the header of a database says how it is written (SQLite, "Database File Format", 1.3.3), and the value there. */
const WRITE_VERSION = 18;
const ROLLBACK = 1;

/** Renames the write-ahead log of the database at `path`, if there is one. */
export function setLogAside(path: string): void {
  try {
    renameSync(`${path}-wal`, `${path}-wal.old`);
  } catch {
    // There is none.
  }
}

/**
 * Sets the log aside if it cannot belong to the database. To be called before SQLite opens it.
 *
 * When a relay stops, it leaves the database in the rollback mode, with everything in the one file, and so does
 * `npm run backup`. The next start changes the mode before it makes a log.
 */
export function setForeignLogAside(path: string): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log?.isFile() && log.size > 0 && writeVersionOf(path) === ROLLBACK) setLogAside(path);
}

function writeVersionOf(path: string): number | undefined {
  if (!statSync(path, { throwIfNoEntry: false })) return undefined;
  const descriptor = openSync(path, 'r');
  try {
    const byte = Buffer.alloc(1);
    return readSync(descriptor, byte, 0, 1, WRITE_VERSION) === 1 ? byte[0] : undefined;
  } finally {
    closeSync(descriptor);
  }
}
