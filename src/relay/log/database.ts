/** The port to an SQLite database. Each runtime provides its own; the log's statements are the same everywhere. */

export type Value = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

/** Every call throws on failure, and a failed transaction leaves no trace. */
export interface Database {
  run(sql: string, ...values: Value[]): void;
  all(sql: string, ...values: Value[]): Row[];
  transaction(work: () => void): void;
  /** A transaction that survives a power cut, with all earlier ones, once this returns. */
  durable(work: () => void): void;
  /**
   * A transaction that survives a power cut, with all earlier ones, once `synced` is called in a later turn of the event
   * loop: never, if the disk fails. Absent if transactions are durable by themselves, or never.
   */
  readonly durableLater?: ((work: () => void, synced: () => void) => void) | undefined;
  /** The format of the database: 0 if it is empty. */
  readFormat(): number;
  /** Stores the format, as part of the transaction in which it is called. */
  writeFormat(format: number): void;
  /**
   * Sets whether deleted content is overwritten in the file. Absent if the platform leaves no choice. To be called
   * outside a transaction.
   */
  overwriteDeleted?(on: boolean): void;
  /**
   * Notes outside the database that it contains the entry `seq` of the room with the id `room`, so that an older copy of
   * it can be recognized. To be called after a commit; with zeros if the database may contain none. Absent if the platform
   * has no place for it.
   */
  note?(room: number, seq: number): void;
  /** The bytes that are in use, without space that deleted rows have left. Absent if the platform does not tell. */
  usedBytes?(): number;
  /** Removes erased text from the file itself; `undefined` if the platform offers no way. */
  readonly compaction: Compaction | undefined;
}

/** Removes the traces of deleted rows from a database's files. */
export interface Compaction {
  /** The size of the file in bytes. */
  size(): number;
  /** Rewrites the file; false if another process is using it and a retry is needed. */
  rewrite(): boolean;
  /** Empties the write-ahead log, without waiting; false if another process is reading and a retry is needed. */
  truncate(): boolean;
}
