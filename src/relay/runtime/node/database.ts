/** The log's database, on libsql. It prepares every statement once, and durable transactions raise the file's stamp. */
import type Libsql from 'libsql';
import type { Config } from '../../config.ts';
import type { Compaction, Database, Row, Value } from '../../log/database.ts';
import { isRow, numberIn } from './row.ts';
import type { Stamp } from './stamp.ts';

interface LibsqlDatabaseOptions {
  readonly durability: Config['durability'];
  /** `undefined` for a database in memory. */
  readonly stamp: Stamp | undefined;
  /** Reports what went wrong after a commit. */
  readonly report: (error: unknown) => void;
}

export class LibsqlDatabase implements Database {
  readonly compaction: Compaction | undefined;
  readonly #sqlite: Libsql.Database;
  readonly #durability: Config['durability'];
  readonly #stamp: Stamp | undefined;
  readonly #report: (error: unknown) => void;
  readonly #statements = new Map<string, Libsql.Statement<unknown[]>>();
  /** As log-file.ts opens it. */
  #overwritesDeleted = true;

  constructor(sqlite: Libsql.Database, { durability, stamp, report }: LibsqlDatabaseOptions) {
    this.#sqlite = sqlite;
    this.#durability = durability;
    this.#stamp = stamp;
    this.#report = report;
    this.compaction = stamp && compactionOf(sqlite);
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

function pragma(sqlite: Libsql.Database, name: string): number {
  return numberIn(sqlite.prepare(`PRAGMA ${name}`).get(), name);
}

function compactionOf(sqlite: Libsql.Database): Compaction {
  return {
    size: () => pragma(sqlite, 'page_count') * pragma(sqlite, 'page_size'),
    run() {
      sqlite.exec('VACUUM');
      return numberIn(sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get(), 'busy') === 0;
    },
  };
}
