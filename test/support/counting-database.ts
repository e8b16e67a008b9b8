/** A database that counts its operations, and fails a transaction when told to. */
import type { Compaction, Database, Row, Value } from '../../src/relay/log/database.ts';

export class CountingDatabase implements Database {
  readonly #inner: Database;
  transactions = 0;
  durables = 0;
  /** The length of all payloads that were read (UTF-16 units); `rowsRead` counts rows. */
  lengthRead = 0;
  rowsRead = 0;
  /** Statements that write. */
  writes = 0;
  failAt: string | undefined;
  /** Set by {@link syncLater}. */
  durableLater?: (work: () => void, synced: () => void) => void;

  constructor(inner: Database) {
    this.#inner = inner;
  }

  get compaction(): Compaction | undefined {
    return this.#inner.compaction;
  }

  run(sql: string, ...values: Value[]): void {
    this.writes += 1;
    this.#inner.run(sql, ...values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    const rows = this.#inner.all(sql, ...values);
    this.rowsRead += rows.length;
    for (const row of rows) this.lengthRead += String(row.payloads ?? '').length;
    return rows;
  }

  transaction(work: () => void): void {
    this.transactions += 1;
    this.#inner.transaction(() => this.#work(work));
  }

  durable(work: () => void): void {
    this.durables += 1;
    this.#inner.durable(() => this.#work(work));
  }

  /** From now on transactions can be made durable later: when the functions that it returns are called. */
  syncLater(): (() => void)[] {
    const syncs: (() => void)[] = [];
    this.durableLater = (work, synced) => {
      this.#inner.transaction(() => this.#work(work));
      syncs.push(synced);
    };
    return syncs;
  }

  readFormat(): number {
    return this.#inner.readFormat();
  }

  writeFormat(format: number): void {
    this.#inner.writeFormat(format);
  }

  #work(work: () => void): void {
    work();
    if (this.failAt === undefined) return;
    this.failAt = undefined;
    throw new Error('disk full');
  }
}
