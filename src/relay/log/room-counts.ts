/**
 * Counts a room's entries and messages: exactly in memory, and in the room's own row up to some `seq`. So a room that
 * is opened again reads only the newer rows.
 */
import type { Database } from './database.ts';
import type { RoomRows } from './room-rows.ts';

/**
 * The room's own row is written at most once in ten minutes, or once per this many entries or rows: a room that is
 * opened again, also after a crash, reads no more rows than these and its last commit.
 */
const TOUCH_MS = 10 * 60_000;
const TOUCH_PLACES = 1024;
const TOUCH_ROWS = 128;
/** The most rows that one commit counts. Only a room of format 1, of which nothing was counted, has more. */
const MAX_COUNTED_ROWS = 512;

export interface Counts {
  /** Entries in the log, and the messages among them. */
  readonly entries: number;
  readonly messages: number;
  /** The `seq` up to which the room's own row has counted, and when it was written (ms since 1970). */
  readonly counted: number;
  readonly touchedAt: number;
  /** The rows after `counted`. */
  readonly rows: number;
}

/** The counts of a room, as far as they were read. */
export interface CountsRead extends Counts {
  /** Set if there were too many rows: how far they were counted, and the UTF-8 bytes that they have. */
  readonly part: { readonly last: number; readonly bytes: number } | undefined;
}

/**
 * Counts what the room holds: the counts in the room's row, plus the rows that are newer; if `all` is false, only a
 * bounded number of these.
 */
export function readCounts(db: Database, room: number, { rows, all }: { rows: RoomRows; all: boolean }): CountsRead {
  const [row] = db.all('SELECT entries, messages, counted, touched_at FROM rooms WHERE id = ?', room);
  const counted = Number(row?.counted);
  const newer = rows.sumsAfter(counted, all ? Number.MAX_SAFE_INTEGER : MAX_COUNTED_ROWS);
  return {
    part: !all && newer.rows === MAX_COUNTED_ROWS ? newer : undefined,
    entries: Number(row?.entries) + newer.entries,
    messages: Number(row?.messages) + newer.messages,
    counted,
    touchedAt: Number(row?.touched_at),
    rows: newer.rows,
  };
}

/** Writes counts that were read in part to the row of `room`, so that the next commit continues there. */
export function writePart(
  db: Database,
  { room, at, counts }: { readonly room: number; readonly at: number; readonly counts: CountsRead },
): void {
  const { messages, entries, part } = counts;
  db.run(
    'UPDATE rooms SET touched_at = ?, messages = ?, entries = ?, bytes = bytes + ?, counted = ? WHERE id = ?',
    ...[at, messages, entries, part?.bytes ?? 0, part?.last ?? counts.counted, room],
  );
}

export class RoomCounts implements Counts {
  entries: number;
  messages: number;
  counted: number;
  touchedAt: number;
  rows: number;
  /** The growth, since the room's row was written, of the payloads up to `counted`, in UTF-8 bytes. */
  bytes = 0;
  readonly #rows: RoomRows;

  constructor({ entries, messages, counted, touchedAt, rows: newer }: Counts, rows: RoomRows) {
    this.entries = entries;
    this.messages = messages;
    this.counted = counted;
    this.touchedAt = touchedAt;
    this.rows = newer;
    this.#rows = rows;
  }

  /** Whether the room's row should be written at `at` (ms since 1970) if `seq` is the newest. */
  isDue(at: number, seq: number): boolean {
    if (this.touchedAt === 0) return true;
    // The clock may have been set back.
    return Math.abs(at - this.touchedAt) >= TOUCH_MS || seq - this.counted >= TOUCH_PLACES || this.rows >= TOUCH_ROWS;
  }

  /** Counts the bytes of rows up to `seq` that are not counted yet. There must be no newer ones. */
  countBytes(seq: number): void {
    if (this.counted >= seq) return;
    this.bytes += this.#rows.sumsAfter(this.counted).bytes;
    this.counted = seq;
    this.rows = 0;
  }

  /** Writes the row of `room`. Everything must have been counted. */
  write(db: Database, room: number, at: number): void {
    this.touchedAt = at;
    db.run(
      'UPDATE rooms SET touched_at = ?, messages = ?, entries = ?, bytes = bytes + ?, counted = ? WHERE id = ?',
      ...[at, this.messages, this.entries, this.bytes, this.counted, room],
    );
  }
}
