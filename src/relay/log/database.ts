/** The port to an SQLite database. Each runtime provides its own; the log's statements are the same everywhere. */

export type Value = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

/** Every call throws on failure, and a failed transaction leaves no trace. */
export interface Database {
  run(sql: string, ...values: Value[]): void;
  all(sql: string, ...values: Value[]): Row[];
  transaction(work: () => void): void;
  /** A transaction that, with all before it, survives a power cut once this returns. */
  durable(work: () => void): void;
  /** The format of what is in it: 0 for an empty database. */
  readFormat(): number;
  /** Notes the format. Part of the transaction in which it is called. */
  writeFormat(format: number): void;
  /**
   * Whether what is deleted from now on is overwritten in the file. Absent where a platform leaves no choice. To be
   * called outside a transaction.
   */
  overwriteDeleted?(on: boolean): void;
  /** How erased text is removed from the file itself; `undefined` where a platform offers no way. */
  readonly compaction: Compaction | undefined;
}

/** Removes what deleted rows have left in a database's files. */
export interface Compaction {
  /** Bytes of the file. */
  size(): number;
  /** Rewrites the file and empties the write-ahead log; false if someone else is reading and it must be tried again. */
  run(): boolean;
}
