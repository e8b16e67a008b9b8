/**
 * The log's file on Node. It is locked and checked before anything is written to it. A file that cannot be used is left
 * unchanged. Once SQLite has opened the file, nothing may open and close it by `fs`: the system would drop SQLite's
 * locks.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import type { Config } from '../../config.ts';
import { eraseAgain } from '../../log/repeated-erasures.ts';
import { FORMAT } from '../../log/schema.ts';
import { SqliteLog } from '../../log/sqlite-log.ts';
import { isBusy } from './busy.ts';
import { Checkpoints } from './checkpoints.ts';
import { LibsqlDatabase } from './database.ts';
import { ErasureFile } from './erasure-file.ts';
import { createFolder, reasonOf, whyFailed, whyUnusable } from './file-access.ts';
import { lockFile, realPath } from './file-lock.ts';
import { setForeignLogAside } from './foreign-log.ts';
import { OWNER_TABLE, otherName, readOwner } from './owner.ts';
import { numberIn, textIn } from './row.ts';
import { readSeals, replaceSeal, SEAL_TABLE } from './seal.ts';
import { isClean, STAMP_TABLE, Stamp } from './stamp.ts';

export interface LogFile {
  readonly log: SqliteLog;
  /** The file's path without symbolic links; `undefined` for a log in memory. */
  readonly path: string | undefined;
  /** Leaves the file itself unchanged, so that it can be copied, until the returned function is called. */
  hold(): () => void;
  /** Says in one line why the file cannot be used any longer; `undefined` if it can. To be called once a second. */
  check(): string | undefined;
  /** Marks a clean stop and closes the file. */
  close(): void;
}

/** Says in one line why the log cannot be opened. */
export class LogFileError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

type LogConfig = Pick<Config, 'data' | 'durability' | 'history'> & Partial<Pick<Config, 'shared'>>;
type Report = (error: unknown) => void;

/** "Hear", as SQLite's `application_id`. */
export const APPLICATION_ID = 0x48656172;
/** How long the start and the stop wait for another program, which may be reading for a moment. */
const LOCK_WAIT_MS = 1000;
/**
 * How long the start waits for a program that reads the file, but would let others read it too: a backup of a log whose
 * relay was stopped. It copies about 100 MB in a second.
 */
const READER_WAIT_MS = 60_000;
/** How long a statement waits for another process while the event loop stands still. */
const BUSY_MS = 20;
const CACHE_KIB = 16_384;
/** A larger file is checked only after an unclean stop. */
const CHECKED_BYTES = 64 * 1024 * 1024;

/** Opens the log. A file that cannot be opened is left unchanged. */
export function openLogFile(config: LogConfig, report: Report): LogFile | LogFileError {
  const { data } = config;
  if (data === ':memory:') return openInMemory(config, report);
  try {
    createFolder(dirname(data));
  } catch (error) {
    return new LogFileError(`DATA is ${JSON.stringify(data)}, but its folder cannot be created (${reasonOf(error)})`);
  }
  let unlock: (() => void) | undefined;
  try {
    if (statSync(data, { throwIfNoEntry: false })?.isDirectory()) {
      return new LogFileError(`DATA is ${JSON.stringify(data)}, which is a folder, but takes a file`);
    }
    const path = realPath(data);
    const denied = whyUnusable(path);
    if (denied !== undefined) return new LogFileError(`DATA ${data} cannot be opened (${denied})`);
    unlock = lockFile(path);
    if (!unlock) return new LogFileError(`DATA ${data} is in use by another relay`);
    const file = openLocked(path, config, { report, unlock });
    if (file instanceof LogFileError) unlock();
    return file;
  } catch (error) {
    unlock?.();
    return new LogFileError(`DATA ${explain(data, error)}`);
  }
}

interface Locked {
  readonly report: Report;
  readonly unlock: () => void;
}

/** Opens a file that no other relay uses by the same path. */
function openLocked(path: string, config: LogConfig, { report, unlock }: Locked): LogFile | LogFileError {
  const { durability, history, shared = false } = config;
  setForeignLogAside(path);
  const sqlite = new Libsql(path, { timeout: LOCK_WAIT_MS });
  const wrong = take(sqlite, path, shared);
  if (wrong !== undefined) return new LogFileError(`DATA ${wrong}`);
  const stamp = new Stamp(sqlite, { path, durability });
  adjust(sqlite, durability);
  const checkpoints = new Checkpoints(sqlite, { path, shared });
  const database = new LibsqlDatabase(sqlite, { durability, stamp, checkpoints, shared, report });
  const journal = new ErasureFile(`${path}.erased`);
  const now = Date.now();
  journal.tidy(now);
  const { interrupted, restored } = stamp;
  const log = new SqliteLog(database, { history, report, now, interrupted, restored, journal });
  if (log.isCopy) {
    if (eraseAgain(log, journal.read(), now) === undefined) return new LogFileError(`DATA ${path} cannot be written`);
    log.settleCopy();
  }
  log.scrubAtStart();
  checkpoints.empty();
  return {
    log,
    path,
    hold: () => checkpoints.hold(),
    check() {
      if (database.isTaken) return `DATA ${path} was opened by another relay`;
      return checkpoints.check();
    },
    close() {
      const fault = checkpoints.check();
      // Closing would move the log into a file that is not the one it belongs to.
      if (fault !== undefined) throw new Error(fault);
      sqlite.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
      database.durable(() => stamp.stopClean());
      // Moves everything into the one file, so that a copy of it is complete. SQLite cannot release the lock in WAL
      // mode.
      if (shared) checkpoints.empty();
      else
        sqlite.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_master');
      sqlite.close();
      checkpoints.close();
      stamp.close();
      unlock();
    },
  };
}

function openInMemory({ durability, history }: LogConfig, report: Report): LogFile {
  const sqlite = new Libsql(':memory:');
  adjust(sqlite, durability);
  const database = new LibsqlDatabase(sqlite, { durability, stamp: undefined, report });
  return {
    log: new SqliteLog(database, { history, report, now: Date.now() }),
    path: undefined,
    hold: () => () => {},
    check: () => undefined,
    close: () => sqlite.close(),
  };
}

/** Sets what the connection keeps until it is closed. */
function adjust(sqlite: Libsql.Database, durability: Config['durability']): void {
  sqlite.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  // Deleted content is overwritten, so that erased text does not stay in the file.
  sqlite.exec('PRAGMA secure_delete = ON');
  sqlite.exec(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
  // With the default cache, which is smaller than a busy room's history, every trim would read the history from the
  // file.
  sqlite.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
}

/** Locks and checks the file. Returns what is wrong with it, in which case nothing has been written. */
function take(sqlite: Libsql.Database, path: string, shared: boolean): string | undefined {
  if (!shared) sqlite.exec('PRAGMA locking_mode = EXCLUSIVE');
  const tables = sqlite.prepare('SELECT name FROM sqlite_master').all();
  const isOurs = numberIn(sqlite.prepare('PRAGMA application_id').get(), 'application_id') === APPLICATION_ID;
  if (tables.length > 0) {
    if (!isOurs) return `${path} is a database of another program; it was left unchanged`;
    const format = numberIn(sqlite.prepare('PRAGMA user_version').get(), 'user_version');
    if (format > FORMAT)
      return `${path} has format ${format}, but this relay only knows formats up to ${FORMAT}; it was left unchanged`;
    const owner = tables.some(table => textIn(table, 'name') === 'owner') ? readOwner(sqlite) : undefined;
    const name = otherName(owner, path);
    if (name !== undefined) return `${path} is a hard link to ${name}, which is the name to use; it was left unchanged`;
    if (statSync(path).size <= CHECKED_BYTES || !isClean(sqlite)) {
      const [check] = sqlite.prepare('PRAGMA quick_check(1)').all();
      const verdict = textIn(check, 'quick_check');
      if (verdict !== 'ok') return `${path} is damaged (${verdict.split('\n')[0]}); it was left unchanged`;
    }
  }
  // Nothing yet if the last stop was clean.
  const isMoved = numberIn(sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get(), 'busy') === 0;
  sqlite.exec(`PRAGMA busy_timeout = ${READER_WAIT_MS}`);
  sqlite.exec('PRAGMA journal_mode = WAL');
  // The write takes the lock, which is then kept unless the file is shared. The log writes its format together with its
  // tables.
  const tablesOfFile = [STAMP_TABLE, OWNER_TABLE, SEAL_TABLE].join('; ');
  sqlite.exec(`BEGIN IMMEDIATE; PRAGMA application_id = ${APPLICATION_ID}; ${tablesOfFile}`);
  const seals = readSeals(sqlite);
  if (isMoved || seals === undefined) replaceSeal(sqlite, seals?.current);
  sqlite.exec('COMMIT');
  return undefined;
}

function explain(path: string, error: unknown): string {
  if (isBusy(error)) return `${path} is in use by another process`;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/NOTADB|CORRUPT/.test(code))
    return `${path} is damaged or not a database (${reasonOf(error)}); it was left unchanged`;
  return `${path} cannot be opened (${whyFailed(error, path)})`;
}
