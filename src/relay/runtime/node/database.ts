/** The log's database, on libsql. It prepares every statement once, and durable transactions raise the file's stamp. */
import type Libsql from 'libsql';
import type { Config } from '../../config.ts';
import type { Compaction, Database, Row, Value } from '../../log/database.ts';
import { READ_OWNER } from './owner.ts';
import { isRow, numberIn, textIn } from './row.ts';
import type { Stamp } from './stamp.ts';

interface LibsqlDatabaseOptions {
  readonly durability: Config['durability'];
  /** `undefined` for a database in memory, and for a file that no relay uses. */
  readonly stamp: Stamp | undefined;
  /** Whether other processes may use the database too. */
  readonly shared?: boolean;
  /** Reports what went wrong after a commit. */
  readonly report: (error: unknown) => void;
}

/** SQLite's own default, in pages. */
const CHECKPOINT_PAGES = 1000;

export class LibsqlDatabase implements Database {
  readonly compaction: Compaction | undefined;
  readonly #sqlite: Libsql.Database;
  readonly #durability: Config['durability'];
  readonly #stamp: Stamp | undefined;
  readonly #shared: boolean;
  readonly #report: (error: unknown) => void;
  readonly #statements = new Map<string, Libsql.Statement<unknown[]>>();
  /** As log-file.ts opens it. */
  #overwritesDeleted = true;
  /** How many callers of `holdFile` have not released it. */
  #held = 0;
  #emptied = 0;
  #isTaken = false;

  constructor(sqlite: Libsql.Database, { durability, stamp, shared = false, report }: LibsqlDatabaseOptions) {
    this.#sqlite = sqlite;
    this.#durability = durability;
    this.#stamp = stamp;
    this.#shared = shared && stamp !== undefined;
    this.#report = report;
    this.compaction = stamp && this.#compaction();
  }

  /** Whether another relay has begun to write to the same database. From then on every transaction fails. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** How often the write-ahead log has been emptied. */
  get emptied(): number {
    return this.#emptied;
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
      if (this.#shared) this.#checkOwner();
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
      // The commit has happened: an error from here on must not make it look as if it had failed.
      this.#afterwards(() => {
        if (switches) this.#sqlite.exec('PRAGMA synchronous = NORMAL');
      });
    }
    this.#afterwards(() => this.#stamp?.copy());
  }

  overwriteDeleted(on: boolean): void {
    if (on === this.#overwritesDeleted) return;
    this.#sqlite.exec(`PRAGMA secure_delete = ${on ? 'ON' : 'OFF'}`);
    this.#overwritesDeleted = on;
  }

  usedBytes(): number {
    const sqlite = this.#sqlite;
    return (pragma(sqlite, 'page_count') - pragma(sqlite, 'freelist_count')) * pragma(sqlite, 'page_size');
  }

  readFormat(): number {
    return pragma(this.#sqlite, 'user_version');
  }

  writeFormat(format: number): void {
    this.#sqlite.exec(`PRAGMA user_version = ${format}`);
  }

  note(room: number, seq: number): void {
    this.#afterwards(() => this.#stamp?.note(room, seq));
  }

  /**
   * Leaves the file itself unchanged from now on: what is written goes only into the write-ahead log, which grows. A
   * copy of the file, and of that log after it, is then the whole database. Returns a function that ends this.
   */
  holdFile(): () => void {
    this.#held += 1;
    if (this.#held === 1) this.#sqlite.exec('PRAGMA wal_autocheckpoint = 0');
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#held -= 1;
      if (this.#held === 0) this.#sqlite.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    };
  }

  #compaction(): Compaction {
    return {
      size: () => pragma(this.#sqlite, 'page_count') * pragma(this.#sqlite, 'page_size'),
      rewrite: () => this.#held === 0 && unlessBusy(() => this.#sqlite.exec('VACUUM')),
      truncate: () => {
        if (this.#held > 0) return false;
        this.#emptied += 1;
        return truncateLog(this.#sqlite);
      },
    };
  }

  #checkOwner(): void {
    // Until the first durable transaction of this start, the row is that of the start before.
    if (!this.#stamp?.owned || textIn(this.#prepare(READ_OWNER).get(), 'token') === this.#stamp.owner.token) return;
    this.#isTaken = true;
    throw new Error('another relay writes to the same database');
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

/** Whether it succeeded; false if another process writes or checkpoints. */
function unlessBusy(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/** Whether SQLite failed because another process uses the database. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /BUSY|LOCKED/.test(String(error.code));
}

/** Moves everything into the file itself and empties the write-ahead log; false if another process uses it now. */
export function truncateLog(sqlite: Libsql.Database): boolean {
  const timeout = numberIn(sqlite.prepare('PRAGMA busy_timeout').get(), 'timeout');
  // A foreign reader would otherwise hold the event loop.
  sqlite.exec('PRAGMA busy_timeout = 0');
  try {
    return numberIn(sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get(), 'busy') === 0;
  } finally {
    sqlite.exec(`PRAGMA busy_timeout = ${timeout}`);
  }
}

function pragma(sqlite: Libsql.Database, name: string): number {
  return numberIn(sqlite.prepare(`PRAGMA ${name}`).get(), name);
}
