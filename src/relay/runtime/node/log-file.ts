/**
 * The log's file on Node. It is opened exclusively and checked before anything is written to it. A file that cannot be
 * used is left unchanged.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import type { Config } from '../../config.ts';
import { FORMAT } from '../../log/schema.ts';
import { SqliteLog } from '../../log/sqlite-log.ts';
import { LibsqlDatabase } from './database.ts';
import { numberIn, textIn } from './row.ts';
import { isClean, STAMP_TABLE, Stamp } from './stamp.ts';

export interface LogFile {
  readonly log: SqliteLog;
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

/** "Hear", as SQLite's `application_id`. */
const APPLICATION_ID = 0x48656172;
const LOCK_WAIT_MS = 10_000;
/** How long a statement waits for another process after the file has been locked. */
const BUSY_MS = 20;
const CACHE_KIB = 16_384;
/** A larger file is checked only after an unclean stop. */
const CHECKED_BYTES = 64 * 1024 * 1024;

/** Opens the log. A file that cannot be opened is left unchanged. */
export function openLogFile(
  config: Pick<Config, 'data' | 'durability' | 'history'>,
  report: (error: unknown) => void,
): LogFile | LogFileError {
  const { data: path, history } = config;
  const inMemory = path === ':memory:';
  try {
    if (!inMemory) mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    return new LogFileError(`DATA is ${JSON.stringify(path)}, but its folder cannot be created (${reasonOf(error)})`);
  }
  if (!inMemory && statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    return new LogFileError(`DATA is ${JSON.stringify(path)}, which is a folder, but takes a file`);
  }
  try {
    const sqlite = new Libsql(path, { timeout: LOCK_WAIT_MS });
    const wrong = inMemory ? undefined : take(sqlite, path);
    if (wrong !== undefined) return new LogFileError(wrong);
    // From here on no other process should use the file, and the event loop must not wait for one that does.
    sqlite.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    // Deleted content is overwritten, so that erased text does not stay in the file.
    sqlite.exec('PRAGMA secure_delete = ON');
    const { durability } = config;
    const stamp = inMemory ? undefined : new Stamp(sqlite, { path, durability });
    sqlite.exec(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
    // With the default cache, which is smaller than a busy room's history, every trim would read the history from the
    // file.
    sqlite.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    const database = new LibsqlDatabase(sqlite, { durability, stamp, report });
    const { interrupted = false, restored = false } = stamp ?? {};
    const log = new SqliteLog(database, { history, report, now: Date.now(), interrupted, restored });
    log.scrubAtStart();
    return {
      log,
      close() {
        database.durable(() => stamp?.stopClean());
        // Moves everything into the one file, so that a copy of it is complete. SQLite cannot release the lock in WAL
        // mode.
        sqlite.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_master');
        sqlite.close();
      },
    };
  } catch (error) {
    return new LogFileError(explain(path, error));
  }
}

/** Locks and checks the file. Returns what is wrong with it, in which case nothing has been written. */
function take(sqlite: Libsql.Database, path: string): string | undefined {
  sqlite.exec('PRAGMA locking_mode = EXCLUSIVE');
  const tables = sqlite.prepare('SELECT count(*) AS count FROM sqlite_master').get();
  const isOurs = numberIn(sqlite.prepare('PRAGMA application_id').get(), 'application_id') === APPLICATION_ID;
  if (numberIn(tables, 'count') > 0) {
    if (!isOurs) return `${path} is a database of another program; it was left unchanged`;
    const format = numberIn(sqlite.prepare('PRAGMA user_version').get(), 'user_version');
    if (format > FORMAT)
      return `${path} has format ${format}, but this relay only knows formats up to ${FORMAT}; it was left unchanged`;
    if (statSync(path).size <= CHECKED_BYTES || !isClean(sqlite)) {
      const [check] = sqlite.prepare('PRAGMA quick_check(1)').all();
      const verdict = textIn(check, 'quick_check');
      if (verdict !== 'ok') return `${path} is damaged (${verdict.split('\n')[0]}); it was left unchanged`;
    }
  }
  sqlite.exec('PRAGMA journal_mode = WAL');
  // The write takes the lock, which is then kept. The log writes its format together with its tables.
  sqlite.exec(`BEGIN IMMEDIATE; PRAGMA application_id = ${APPLICATION_ID}; ${STAMP_TABLE}; COMMIT`);
  return undefined;
}

function explain(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/BUSY|LOCKED/.test(code)) return `${path} is in use by another process (waited ${LOCK_WAIT_MS / 1000} s)`;
  if (/NOTADB|CORRUPT/.test(code))
    return `${path} is damaged or not a database (${reasonOf(error)}); it was left unchanged`;
  return `${path} cannot be opened (${reasonOf(error)})`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
