/** Remembers over a sleep of the room that something was said again not long ago. */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../log/sqlite-room-log.ts';
import type { DedupWindow } from '../../room/context.ts';
import { IDLE_MS } from './idle-alarm.ts';

/** A connection that is silent is closed within two silences: no older one can be open. */
const RECENT_MS = 2 * IDLE_MS;
/** A row is written no more often than this. */
const NOTE_MS = 60_000;

export class StoredDedupWindow implements DedupWindow {
  readonly #db: Database;
  readonly #clock: Clock;
  #notedAt: number;

  /** `db` holds a log's tables already. */
  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#notedAt = Number(db.all("SELECT value FROM meta WHERE key = 'again'")[0]?.value ?? 0);
  }

  note(): void {
    const now = this.#clock.now();
    if (now - this.#notedAt < NOTE_MS) return;
    this.#notedAt = now;
    this.#db.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('again', ?)", `${now}`);
  }

  recent(): boolean {
    return this.#clock.now() - this.#notedAt < RECENT_MS + NOTE_MS;
  }
}
