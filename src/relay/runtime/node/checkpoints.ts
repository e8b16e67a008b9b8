/**
 * Moves the write-ahead log into the database's file (a checkpoint), which SQLite would do by itself, but without looking
 * first whether the files are still those that it opened. Pages that are moved into another file damage it.
 */
import type Libsql from 'libsql';
import { isBusy } from './busy.ts';
import { FileWatch } from './file-watch.ts';
import { numberIn } from './row.ts';
import { NO_SEAL, readSeals, replaceSeal, type Seals, storedSeal } from './seal.ts';

/** How long the log gets before it is moved: SQLite's own default, in pages. */
const LOG_PAGES = 1000;
/** How much longer it gets before the next attempt, while another program reads, in pages. */
const RETRY_PAGES = 64;

export interface CheckpointsOptions {
  readonly path: string;
  /** Whether other programs may read the log, and move it. */
  readonly shared: boolean;
}

export class Checkpoints {
  readonly #sqlite: Libsql.Database;
  readonly #shared: boolean;
  readonly #pageBytes: number;
  readonly #watch: FileWatch;
  /** Of the database with its log, as of the last commit. */
  #seals: Seals;
  /** What the open transaction has written. */
  #next: Seals | undefined;
  /** Whether the whole log has been moved, so that the next commit begins a new one. */
  #isMoved = false;
  #emptied = 0;
  #held = 0;
  #limit: number;
  #fault: string | undefined;

  /** The database must be in WAL mode and hold a seal. */
  constructor(sqlite: Libsql.Database, { path, shared }: CheckpointsOptions) {
    this.#sqlite = sqlite;
    this.#shared = shared;
    this.#pageBytes = numberIn(sqlite.prepare('PRAGMA page_size').get(), 'page_size');
    this.#seals = readSeals(sqlite) ?? { former: NO_SEAL, current: NO_SEAL };
    this.#watch = new FileWatch(sqlite, { path, pageBytes: this.#pageBytes, seals: () => this.#stored() });
    this.#limit = LOG_PAGES * this.#pageBytes;
    // A log that is begun anew is cut to this size, so a longer one has this many pages of its own.
    sqlite.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${this.#limit}`);
  }

  /** Says in a few words what happened to the files; `undefined` if nothing did. */
  check(): string | undefined {
    this.#fault ??= this.#watch.check(this.#shared ? undefined : this.#emptied);
    return this.#fault;
  }

  /** To be called when a transaction has begun. Throws if the files are not those that were opened. */
  begin(): void {
    if (this.#fault !== undefined) throw new Error(this.#fault);
    this.#next = this.#isMoved ? replaceSeal(this.#sqlite, this.#seals.current) : undefined;
  }

  /** To be called after each commit. */
  committed(): void {
    if (this.#next) {
      this.#seals = this.#next;
      this.#isMoved = false;
    }
    this.#next = undefined;
    const size = this.#watch.logSize;
    if (this.#held > 0 || size <= this.#limit) return;
    this.#move('PASSIVE');
    this.#limit = this.#isMoved ? LOG_PAGES * this.#pageBytes : size + RETRY_PAGES * this.#pageBytes;
  }

  /** Moves everything and truncates the log; false if another process uses it, or the file must not change now. */
  empty(): boolean {
    if (this.#held > 0) return false;
    const timeout = numberIn(this.#sqlite.prepare('PRAGMA busy_timeout').get(), 'timeout');
    // A foreign reader would otherwise hold the event loop.
    this.#sqlite.exec('PRAGMA busy_timeout = 0');
    try {
      return this.#move('TRUNCATE');
    } finally {
      this.#sqlite.exec(`PRAGMA busy_timeout = ${timeout}`);
    }
  }

  /** Makes what is in the log survive a power cut, as {@link FileWatch.syncLog} does. */
  sync(done: (error: Error | null) => void): void {
    this.#watch.syncLog(done);
  }

  get isHeld(): boolean {
    return this.#held > 0;
  }

  /** Makes no checkpoint until the returned function is called. */
  hold(): () => void {
    this.#held += 1;
    let held = true;
    return () => {
      if (held) this.#held -= 1;
      held = false;
    };
  }

  /** To be called after SQLite has closed the file. */
  close(): void {
    this.#watch.close();
  }

  #move(mode: 'PASSIVE' | 'TRUNCATE'): boolean {
    if (this.check() !== undefined) return false;
    const row = this.#checkpoint(mode);
    const isDone = numberIn(row, 'busy') === 0;
    if (isDone && mode === 'TRUNCATE') this.#emptied += 1;
    if (isDone && numberIn(row, 'log') === numberIn(row, 'checkpointed')) this.#isMoved = true;
    // The file holds the current seal from now on.
    return this.check() === undefined && isDone;
  }

  #checkpoint(mode: string): unknown {
    try {
      return this.#sqlite.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
    } catch (error) {
      if (isBusy(error)) return undefined;
      throw error;
    }
  }

  /** What the database's file may hold, of which it must hold one. */
  #stored(): string[] {
    const { former, current } = this.#seals;
    return (this.#isMoved ? [current] : [current, former]).map(storedSeal);
  }
}
