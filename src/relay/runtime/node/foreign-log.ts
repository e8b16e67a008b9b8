/**
 * Keeps SQLite from applying a write-ahead log to a database that it does not belong to: if the database was replaced by
 * a copy, but not the log beside it, SQLite would mix the two.
 */
import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { NO_SEAL, sealsIn, storedSeal } from './seal.ts';
import { WalFile } from './wal-file.ts';

/** Where the header of a database says how it is written (SQLite, "Database File Format", 1.3.3), and the value there. */
const WRITE_VERSION = 18;
const ROLLBACK = 1;
const CHUNK_BYTES = 1024 * 1024;

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
 * `npm run backup`. The next start changes the mode before it makes a log. After a kill, the seals tell (seal.ts).
 */
export function setForeignLogAside(path: string): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (!log?.isFile() || log.size === 0 || !existsSync(path)) return;
  if (writeVersionOf(path) === ROLLBACK) return setLogAside(path);
  const seals = sealsOf(`${path}-wal`);
  // A log of an older relay has none. The first seal of a file has no former one.
  if (seals.size === 0 || seals.has(NO_SEAL)) return;
  if (!contains(path, [...seals].map(storedSeal))) setLogAside(path);
}

/** Reads all seals, current and former, in a log. */
function sealsOf(path: string): Set<string> {
  const log = new WalFile(path, 'r');
  try {
    const found = new Set<string>();
    const salts = log.salts();
    for (let frame = 1; salts !== undefined && log.isOf(frame, salts); frame++) {
      const { former, current } = sealsIn(log.page(frame)) ?? {};
      if (former !== undefined && current !== undefined) found.add(former).add(current);
    }
    return found;
  } finally {
    log.close();
  }
}

/** Whether the file contains one of the texts. */
function contains(path: string, texts: readonly string[]): boolean {
  const overlap = Math.max(...texts.map(text => text.length));
  const chunk = Buffer.alloc(CHUNK_BYTES + overlap);
  const descriptor = openSync(path, 'r');
  try {
    for (let position = 0; ; position += CHUNK_BYTES) {
      const bytes = chunk.subarray(0, readSync(descriptor, chunk, 0, chunk.length, position));
      if (texts.some(text => bytes.includes(text))) return true;
      if (bytes.length < chunk.length) return false;
    }
  } finally {
    closeSync(descriptor);
  }
}

function writeVersionOf(path: string): number | undefined {
  const descriptor = openSync(path, 'r');
  try {
    const byte = Buffer.alloc(1);
    return readSync(descriptor, byte, 0, 1, WRITE_VERSION) === 1 ? byte[0] : undefined;
  } finally {
    closeSync(descriptor);
  }
}
