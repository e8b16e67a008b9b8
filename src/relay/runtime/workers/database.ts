/**
 * A Durable Object's own SQLite, as the log wants it. Every statement is synchronous, and the object's output gate holds
 * back what is sent until what was written before it is on several disks (developers.cloudflare.com/durable-objects,
 * "Automatic gating"): so a message is stored before anyone reads it, and no commit can be lost to a power cut.
 */
import type { Database, Row, Value } from '../../log/sqlite-room-log.ts';

export class WorkersDatabase implements Database {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
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
}
