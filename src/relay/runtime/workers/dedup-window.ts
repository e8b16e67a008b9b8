/** Remembers while the room sleeps where the messages of recent retries were stored. */
import { isFields, parseFields } from '../../../protocol/fields.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../log/database.ts';
import { readMeta, writeMeta } from '../../log/schema.ts';
import type { DedupWindow } from '../../room/context.ts';
import { type RetryMark, RetryWindow } from '../../room/retry-window.ts';
import { IDLE_MS } from './idle-alarm.ts';

/** A silent connection is closed within twice the idle time, so no connection has been silent for longer. */
const WINDOW_MS = 2 * IDLE_MS;
/** The key in `meta`. */
const KEY = 'again';

export class StoredDedupWindow implements DedupWindow {
  readonly #db: Database;
  readonly #window: RetryWindow;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#window = new RetryWindow(clock.date, { marks: parseMarks(readMeta(db, KEY)), windowMs: WINDOW_MS });
  }

  note(seq: number): void {
    const { marks } = this.#window;
    this.#window.note(seq);
    if (marks !== this.#window.marks) writeMeta(this.#db, KEY, JSON.stringify({ marks: this.#window.marks }));
  }

  after(): number | undefined {
    return this.#window.after();
  }
}

function parseMarks(text: string | undefined): readonly RetryMark[] {
  const marks = parseFields(text ?? '')?.marks;
  return Array.isArray(marks) ? marks.filter(isMark) : [];
}

function isMark(value: unknown): value is RetryMark {
  return isFields(value) && typeof value.at === 'number' && typeof value.seq === 'number';
}
