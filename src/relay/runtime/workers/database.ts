/**
 * A Durable Object's own SQLite, as the log wants it. Every statement is synchronous, and the object's output gate holds
 * back what is sent until what was written before it is on several disks (developers.cloudflare.com/durable-objects,
 * "Automatic gating"): so a message is stored before anyone reads it, and no commit can be lost to a power cut.
 *
 * The platform refuses `user_version`, `secure_delete` and `wal_checkpoint`, so the format stands in `meta`, and erased
 * text is gone from the rows alone: the platform's point-in-time recovery keeps what it has for 30 days.
 */
import type { Database, Row, Value } from '../../log/database.ts';
import { hasTable, readMeta, writeMeta } from '../../log/schema.ts';

/** The part of a Durable Object's storage that this needs. */
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
