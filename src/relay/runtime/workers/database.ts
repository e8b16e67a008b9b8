/**
 * The log's database on Workers: a Durable Object's own SQLite. Every statement is synchronous, and the object's output
 * gate delays everything that is sent until earlier writes are on several disks
 * (developers.cloudflare.com/durable-objects, "Automatic gating"). So a message is stored before anyone reads it, and a
 * power cut loses no commit.
 *
 * The platform refuses `user_version`, `secure_delete` and `wal_checkpoint`. So the format is stored in `meta`, and
 * erased text is removed only from the rows: the platform's point-in-time recovery keeps earlier states for 30 days.
 */
import type { Database, Row, Value } from '../../log/database.ts';
import { hasTable, readMeta, writeMeta } from '../../log/schema.ts';

/** The parts of a Durable Object's storage that this needs. */
export interface WorkersStorage {
  readonly sql: { exec(sql: string, ...values: Value[]): { toArray(): Row[] } };
  transactionSync(work: () => void): void;
}

/** The key of the format in `meta`. Relays of format 1 did not write it. */
const FORMAT_KEY = 'format';

export class WorkersDatabase implements Database {
  readonly compaction = undefined;
  readonly #storage: WorkersStorage;

  constructor(storage: WorkersStorage) {
    this.#storage = storage;
  }

  run(sql: string, ...values: Value[]): void {
    this.#storage.sql.exec(sql, ...values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#storage.sql.exec(sql, ...values).toArray();
  }

  transaction(work: () => void): void {
    this.#storage.transactionSync(work);
  }

  durable(work: () => void): void {
    this.transaction(work);
  }

  readFormat(): number {
    return hasTable(this, 'rooms') ? Number(readMeta(this, FORMAT_KEY) ?? 1) : 0;
  }

  writeFormat(format: number): void {
    writeMeta(this, FORMAT_KEY, `${format}`);
  }
}
