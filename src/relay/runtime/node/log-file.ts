/**
 * The log's file on Node: libsql opened for this process alone, looked at before anything is written, and stamped, so
 * that a later start can tell whether a power cut or an old copy may have taken what someone has already read.
 *
 * The stamp stands in the database and in a small file beside it (`….stamp`). It rises with every durable commit, first
 * in the database: a database behind its file is a copy from the past. Both also hold which file they mean, so a copy
 * elsewhere is known for one.
 */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import type { Config } from '../../config.ts';
import { SqliteLog } from '../../log/sqlite-log.ts';
import type { Database, Row, Value } from '../../log/sqlite-room-log.ts';

export interface LogFile {
  readonly log: SqliteLog;
  /** Marks a clean stop and lets go of the file. */
  close(): void;
}

/** Why there is no log, in one line. */
export class LogFileError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** "Hear", as SQLite's `application_id`. */
const APPLICATION_ID = 0x48656172;
const FORMAT = 1;
const LOCK_WAIT_MS = 10_000;
const CACHE_KIB = 16_384;
/** How the file was left, or would be by a power cut now; `SYNCED`: without a clean stop, but with every commit synced. */
const UNCLEAN = 0;
const CLEAN = 1;
const SYNCED = 2;
/** A larger file is looked through only after a stop that was not clean. */
const CHECKED_BYTES = 64 * 1024 * 1024;

/** Opens the log. What cannot be opened is left exactly as it is. */
export function openLogFile(
  config: Pick<Config, 'data' | 'durability' | 'history'>,
  report: (error: unknown) => void,
): LogFile | LogFileError {
  const { data: path, history } = config;
  const inMemory = path === ':memory:';
  try {
    if (!inMemory) mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    return new LogFileError(`DATA is ${JSON.stringify(path)}, but its folder cannot be made (${reasonOf(error)})`);
  }
  if (!inMemory && statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    return new LogFileError(`DATA is ${JSON.stringify(path)}, a folder; it takes a file`);
  }
  try {
    const sqlite = new Libsql(path, { timeout: LOCK_WAIT_MS });
    const wrong = inMemory ? undefined : take(sqlite, path);
    if (wrong !== undefined) return new LogFileError(wrong);
    const stamp = inMemory ? undefined : new Stamp(sqlite, path, config.durability);
    sqlite.exec(`PRAGMA synchronous = ${config.durability === 'full' ? 'FULL' : 'NORMAL'}`);
    // Without it, a busy room's history is larger than the cache, and every trimming reads it from the file again.
    sqlite.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    const database = new LibsqlDatabase(sqlite, config.durability, stamp, report);
    const { interrupted = false, restored = false } = stamp ?? {};
    const log = new SqliteLog(database, { history, interrupted, restored, report });
    return {
      log,
      close() {
        database.durable(() => stamp?.stopClean());
        // Everything into the one file, so that a copy of it is whole; and only outside of WAL can the lock be let go.
        sqlite.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_master');
        sqlite.close();
      },
    };
  } catch (error) {
    return new LogFileError(explain(path, error));
  }
}

/** Locks the file and looks at it. Returns what is wrong; nothing has been written then. */
function take(sqlite: Libsql.Database, path: string): string | undefined {
  sqlite.exec('PRAGMA locking_mode = EXCLUSIVE');
  const tables = sqlite.prepare('SELECT count(*) AS count FROM sqlite_master').get();
  const isOurs = numberIn(sqlite.prepare('PRAGMA application_id').get(), 'application_id') === APPLICATION_ID;
  if (numberIn(tables, 'count') > 0) {
    if (!isOurs) return `${path} is a database of something else; it was left as it is`;
    const format = numberIn(sqlite.prepare('PRAGMA user_version').get(), 'user_version');
    if (format !== FORMAT) return `${path} has format ${format}, this relay knows ${FORMAT}; it was left as it is`;
    if (statSync(path).size <= CHECKED_BYTES || !isClean(sqlite)) {
      const [check] = sqlite.prepare('PRAGMA quick_check(1)').all();
      const verdict = textIn(check, 'quick_check');
      if (verdict !== 'ok') return `${path} is damaged (${verdict.split('\n')[0]}); it was left as it is`;
    }
  }
  sqlite.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT}`);
  // The lock is taken by a write, and kept.
  sqlite.exec('CREATE TABLE IF NOT EXISTS stamp (id INTEGER PRIMARY KEY, count INTEGER, clean INTEGER, boot TEXT)');
  return undefined;
}

/** libsql, with every statement prepared once. */
export class LibsqlDatabase implements Database {
  readonly #sqlite: Libsql.Database;
  readonly #durability: Config['durability'];
  readonly #stamp: Stamp | undefined;
  readonly #report: (error: unknown) => void;
  readonly #statements = new Map<string, Libsql.Statement<unknown[]>>();

  constructor(
    sqlite: Libsql.Database,
    durability: Config['durability'],
    stamp: Stamp | undefined,
    report: (error: unknown) => void,
  ) {
    this.#sqlite = sqlite;
    this.#durability = durability;
    this.#stamp = stamp;
    this.#report = report;
  }

  run(sql: string, ...values: Value[]): void {
    this.#prepare(sql).run(...values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#prepare(sql)
      .all(...values)
      .filter(isRow);
  }

  transaction(work: () => void): void {
    this.run('BEGIN IMMEDIATE');
    try {
      work();
      this.run('COMMIT');
    } catch (error) {
      if (this.#sqlite.inTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  durable(work: () => void): void {
    const switches = this.#durability === 'normal' && this.#stamp !== undefined;
    if (switches) this.#sqlite.exec('PRAGMA synchronous = FULL');
    try {
      this.transaction(() => {
        work();
        this.#stamp?.raise();
      });
    } finally {
      // What is committed is committed: nothing that goes wrong from here on may look as if it were not.
      this.#afterwards(() => {
        if (switches) this.#sqlite.exec('PRAGMA synchronous = NORMAL');
      });
    }
    this.#afterwards(() => this.#stamp?.copy());
  }

  #afterwards(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#report(error);
    }
  }

  #prepare(sql: string): Libsql.Statement<unknown[]> {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

class Stamp {
  /** The newest commits may be lost: the last stop was not clean, and this is another boot, or none can tell. */
  readonly interrupted: boolean;
  /** The database is older than what was last seen of it, or a copy. */
  readonly restored: boolean;
  readonly #sqlite: Libsql.Database;
  readonly #path: string;
  readonly #file: string;
  readonly #boot = bootId();
  #count = 0;
  #clean: number;

  constructor(sqlite: Libsql.Database, path: string, durability: Config['durability']) {
    this.#sqlite = sqlite;
    this.#path = path;
    this.#file = `${path}.stamp`;
    this.#clean = durability === 'full' ? SYNCED : UNCLEAN;
    const row = sqlite.prepare('SELECT count, clean, boot FROM stamp WHERE id = 1').get();
    this.#count = row === undefined ? 0 : numberIn(row, 'count');
    const known = row === undefined ? undefined : textIn(row, 'boot');
    this.interrupted =
      row !== undefined && numberIn(row, 'clean') === UNCLEAN && (this.#boot === '' || this.#boot !== known);
    this.restored = row !== undefined && !this.#isTheSame();
  }

  /** Within a durable transaction. */
  raise(): void {
    this.#count += 1;
    this.#sqlite
      .prepare('INSERT OR REPLACE INTO stamp (id, count, clean, boot) VALUES (1, ?, ?, ?)')
      .run(this.#count, this.#clean, this.#boot);
  }

  /** After it. Where that fails, the next one makes up for it: a database may be ahead of its stamp. */
  copy(): void {
    const { ino, birthtimeNs } = statSync(this.#path, { bigint: true });
    const temporary = `${this.#file}.new`;
    writeFileSync(temporary, `${this.#count} ${ino} ${birthtimeNs}\n`);
    renameSync(temporary, this.#file);
  }

  stopClean(): void {
    this.#clean = CLEAN;
  }

  #isTheSame(): boolean {
    try {
      const [count, inode, birth] = readFileSync(this.#file, 'utf8').trim().split(' ');
      const { ino, birthtimeNs, ctimeNs } = statSync(this.#path, { bigint: true });
      // A file system without times of birth gives the last change instead; there the inode must do.
      const born = birth === `${birthtimeNs}` || birthtimeNs === ctimeNs;
      return Number(count) <= this.#count && inode === `${ino}` && born;
    } catch {
      return false;
    }
  }
}

/** Which boot of the machine this is: what was written in it is there as long as it lasts, whatever is killed. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function isClean(sqlite: Libsql.Database): boolean {
  const [table] = sqlite.prepare("SELECT name FROM sqlite_master WHERE name = 'stamp'").all();
  return table !== undefined && numberIn(sqlite.prepare('SELECT clean FROM stamp').get(), 'clean') === CLEAN;
}

function explain(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/BUSY|LOCKED/.test(code)) return `${path} is in use by another process (waited ${LOCK_WAIT_MS / 1000} s)`;
  if (/NOTADB|CORRUPT/.test(code))
    return `${path} is damaged or no database (${reasonOf(error)}); it was left as it is`;
  return `${path} cannot be opened (${reasonOf(error)})`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

function numberIn(row: unknown, column: string): number {
  return isRow(row) ? Number(row[column]) : Number.NaN;
}

function textIn(row: unknown, column: string): string {
  return isRow(row) ? String(row[column]) : '';
}
