/**
 * Removes the last traces of erased text from a database's files. `secure_delete` overwrites most of it at once; copies
 * can stay in the write-ahead log and in pages that were moved. Rewriting the file (`VACUUM`) removes those, but blocks
 * the event loop meanwhile (0.4 s for 64 MB), so it waits for a good moment, but no longer than a day.
 */
import type { Database } from './database.ts';
import { readMeta, SCRUB_OWED, writeMeta } from './schema.ts';

/** A larger file is rewritten only at startup. */
const MAX_RUNNING_BYTES = 64 * 1024 * 1024;
/** A larger file is rewritten only on request: it would delay startup by more than about ten seconds. */
const MAX_START_BYTES = 1024 * 1024 * 1024;
/** Time in which the relay learns how quiet a minute can be; after that, the next minute that is as quiet is used. */
const LEARN_MS = 12 * 60 * 60_000;
/** Time after which any minute is used. */
const DEADLINE_MS = 23 * 60 * 60_000;
const MINUTE_MS = 60_000;
/** The least time from one attempt to the next, whether it succeeded or not. */
const INTERVAL_MS = 10 * MINUTE_MS;

export class Scrubber {
  readonly #db: Database;
  readonly #report: (error: unknown) => void;
  /** The time since which erased text may be in the file (ms since 1970); `undefined` if there is none. */
  #owedSince: number | undefined;
  /** Whether the file has been rewritten since then, and only the write-ahead log is left. */
  #rewritten = false;
  #triedAt: number | undefined;
  /** Entries appended in the current minute, when that began, and entries in the quietest minute so far. */
  #appended = 0;
  #minuteAt: number | undefined;
  #quietest = Number.POSITIVE_INFINITY;

  constructor(db: Database, report: (error: unknown) => void) {
    this.#db = db;
    this.#report = report;
    const owed = db.compaction && readMeta(db, SCRUB_OWED);
    this.#owedSince = owed === undefined ? undefined : Number(owed);
  }

  /** Whether traces of erased text may be in the file. */
  get owed(): boolean {
    return this.#owedSince !== undefined;
  }

  /** Stores that text is erased at `at` (ms since 1970), inside the transaction that erases it. */
  note(at: number): void {
    if (this.#db.compaction && !this.owed) writeMeta(this.#db, SCRUB_OWED, `${at}`);
  }

  /** That transaction was committed. */
  noted(at: number): void {
    if (!this.#db.compaction) return;
    this.#owedSince ??= at;
    this.#rewritten = false;
  }

  /** Counts entries that were appended. */
  count(entries: number): void {
    this.#appended += entries;
  }

  /** Scrubs before the first client is served, if that takes no more than seconds. */
  start(): void {
    if ((this.#db.compaction?.size() ?? 0) <= MAX_START_BYTES) this.run();
  }

  /** Scrubs if it is due and this is a good moment. To be called about once a second. */
  sweep(now: number, connections: number): void {
    const appended = this.#endMinute(now);
    if (this.#owedSince === undefined) return;
    if (this.#triedAt !== undefined && Math.abs(now - this.#triedAt) < INTERVAL_MS) return;
    if ((this.#db.compaction?.size() ?? 0) > MAX_RUNNING_BYTES) return;
    if (connections > 0 && !this.#isGoodMinute(Math.abs(now - this.#owedSince), appended)) return;
    this.#triedAt = now;
    this.run();
  }

  /** Scrubs now, if it is due, however long it takes. Returns whether the files are clean. */
  run(): boolean {
    if (!this.owed) return true;
    try {
      const { compaction } = this.#db;
      if (!compaction) return false;
      // Other programs may read the file for hours: then it is not rewritten again and again.
      this.#rewritten ||= compaction.rewrite();
      if (!this.#rewritten || !compaction.truncate()) return false;
      this.#db.transaction(() => writeMeta(this.#db, SCRUB_OWED, undefined));
      this.#owedSince = undefined;
      this.#rewritten = false;
      this.#quietest = Number.POSITIVE_INFINITY;
      return true;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  /** Returns the number of entries appended in the minute that has just ended; `undefined` if none has. */
  #endMinute(now: number): number | undefined {
    this.#minuteAt ??= now;
    // The clock may have been set back.
    if (Math.abs(now - this.#minuteAt) < MINUTE_MS) return undefined;
    const appended = this.#appended;
    this.#minuteAt = now;
    this.#appended = 0;
    return appended;
  }

  #isGoodMinute(owedMs: number, appended: number | undefined): boolean {
    if (appended === undefined) return false;
    if (owedMs >= DEADLINE_MS) return true;
    if (owedMs >= LEARN_MS && appended <= this.#quietest) return true;
    this.#quietest = Math.min(this.#quietest, appended);
    return false;
  }
}
