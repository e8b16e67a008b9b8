/** The log's database, on libsql. It prepares every statement once, and durable transactions raise the file's stamp. */
import type Libsql from 'libsql';
import type { Config } from '../../config.ts';
import type { Compaction, Database, Row, Value } from '../../log/database.ts';
import { isBusy } from './busy.ts';
import type { Checkpoints } from './checkpoints.ts';
import { READ_OWNER } from './owner.ts';
import { isRow, numberIn, textIn } from './row.ts';
import type { Stamp } from './stamp.ts';

interface LibsqlDatabaseOptions {
  readonly durability: Config['durability'];
  /** `undefined` for a database in memory, and for a file that no relay uses. */
  readonly stamp: Stamp | undefined;
  /** `undefined` if SQLite makes them by itself. */
  readonly checkpoints?: Checkpoints;
  /** Whether other processes may use the database too. */
  readonly shared?: boolean;
  /** Reports what went wrong after a commit. */
  readonly report: (error: unknown) => void;
}

export class LibsqlDatabase implements Database {
  readonly compaction: Compaction | undefined;
  readonly durableLater: Database['durableLater'];
  readonly #sqlite: Libsql.Database;
  readonly #durability: Config['durability'];
  readonly #stamp: Stamp | undefined;
  readonly #checkpoints: Checkpoints | undefined;
  readonly #shared: boolean;
  readonly #report: (error: unknown) => void;
  readonly #statements = new Map<string, Libsql.Statement<unknown[]>>();
  /** As log-file.ts opens it. */
  #overwritesDeleted = true;
  #isTaken = false;

  constructor(
    sqlite: Libsql.Database,
    { durability, stamp, checkpoints, shared = false, report }: LibsqlDatabaseOptions,
  ) {
    this.#sqlite = sqlite;
    this.#durability = durability;
    this.#stamp = stamp;
    this.#checkpoints = checkpoints;
    this.#shared = shared && stamp !== undefined;
    this.#report = report;
    this.compaction = checkpoints && this.#compaction(checkpoints);
    if (durability === 'normal' && stamp && checkpoints) this.durableLater = this.#durableLater(stamp, checkpoints);
  }

  /** Whether another relay has begun to write to the same database. From then on every transaction fails. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  run(sql: string, ...values: Value[]): void {
    // As an array they need not be flattened first.
    this.#prepare(sql).run(values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#prepare(sql).all(values).filter(isRow);
  }

  transaction(work: () => void): void {
    this.run('BEGIN IMMEDIATE');
    try {
      if (this.#shared) this.#checkOwner();
      this.#checkpoints?.begin();
      work();
      this.run('COMMIT');
    } catch (error) {
      if (this.#sqlite.inTransaction) this.run('ROLLBACK');
      throw error;
    }
    this.#committed();
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

  #durableLater(stamp: Stamp, checkpoints: Checkpoints): Database['durableLater'] {
    return (work, synced) => {
      let count = 0;
      this.transaction(() => {
        work();
        count = stamp.raise();
      });
      // SQLite could only do it while everything waits.
      checkpoints.sync(error => {
        if (error) return this.#report(error);
        synced();
        this.#afterwards(() => stamp.copyLater(count, this.#report));
      });
    };
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

  #compaction(checkpoints: Checkpoints): Compaction {
    return {
      size: () => pragma(this.#sqlite, 'page_count') * pragma(this.#sqlite, 'page_size'),
      rewrite: () => !checkpoints.isHeld && unlessBusy(() => this.#rewrite()),
      truncate: () => checkpoints.empty(),
    };
  }

  #rewrite(): void {
    // A log begins with a seal of its own, which the rewriting alone would not write.
    this.transaction(() => {});
    this.#sqlite.exec('VACUUM');
    this.#committed();
  }

  #committed(): void {
    try {
      this.#checkpoints?.committed();
    } catch (error) {
      // The commit has happened: an error from here on must not make it look as if it had failed.
      this.#report(error);
    }
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

function pragma(sqlite: Libsql.Database, name: string): number {
  return numberIn(sqlite.prepare(`PRAGMA ${name}`).get(), name);
}
