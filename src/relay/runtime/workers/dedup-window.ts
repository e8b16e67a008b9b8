/** Remembers while the room sleeps that a client has retried a message recently. */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../log/database.ts';
import { readMeta, writeMeta } from '../../log/schema.ts';
import type { DedupWindow } from '../../room/context.ts';
import { IDLE_MS } from './idle-alarm.ts';

/** A silent connection is closed within twice the idle time, so no connection has been silent for longer. */
const RECENT_MS = 2 * IDLE_MS;
/** The shortest time between two writes of the row. */
const NOTE_MS = 60_000;
/** The key in `meta`. */
const KEY = 'again';

export class StoredDedupWindow implements DedupWindow {
  readonly #db: Database;
  readonly #clock: Clock;
  #notedAt: number;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#notedAt = Number(readMeta(db, KEY) ?? 0);
  }

  note(): void {
    const now = this.#clock.now();
    if (now - this.#notedAt < NOTE_MS) return;
    this.#notedAt = now;
    writeMeta(this.#db, KEY, `${now}`);
  }

  recent(): boolean {
    return this.#clock.now() - this.#notedAt < RECENT_MS + NOTE_MS;
  }
}
