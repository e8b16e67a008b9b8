/**
 * The people who have sent messages in a room, and when first and last. A person's row is written with the first
 * message and then at most daily, so that most messages cost only a lookup in memory.
 */
import type { Database } from './database.ts';

/** `last` is written no more often than this. */
const DAY_MS = 24 * 60 * 60_000;
/** Speakers stored per room. If there are more, the ones silent for longest are removed, unless they are sanctioned. */
export const MAX_SPEAKERS = 20_000;
/** Speakers removed at once, so that most new ones cost no look at the others. */
const REMOVED_AT_ONCE = 2000;
/** Speakers kept in memory; if there are more, all are dropped and read again. */
const MAX_KNOWN = 1000;

export class Speakers {
  readonly #db: Database;
  readonly #room: number;
  /** The stored `last` of each speaker. */
  readonly #known = new Map<string, number>();

  constructor(db: Database, room: number) {
    this.#db = db;
    this.#room = room;
  }

  /** Records that `who` sent a message at `at` (ms since 1970), inside a transaction. */
  note(who: string, at: number): void {
    const written = this.#known.get(who);
    if (written !== undefined && at - written < DAY_MS) return;
    if (this.#known.size === MAX_KNOWN) this.#known.clear();
    this.#known.set(who, this.#write(who, at));
  }

  /** The transaction was rolled back. */
  forget(): void {
    this.#known.clear();
  }

  /** Returns the `last` that is now stored. */
  #write(who: string, at: number): number {
    const [row] = this.#db.all('SELECT last FROM speakers WHERE room = ? AND who = ?', this.#room, who);
    if (!row) {
      this.#db.run('INSERT INTO speakers (room, who, first, last) VALUES (?, ?, ?, ?)', this.#room, who, at, at);
      this.#count();
      return at;
    }
    if (at - Number(row.last) < DAY_MS) return Number(row.last);
    this.#db.run('UPDATE speakers SET last = ? WHERE room = ? AND who = ?', at, this.#room, who);
    return at;
  }

  #count(): void {
    this.#db.run('UPDATE rooms SET speakers = speakers + 1 WHERE id = ?', this.#room);
    const [row] = this.#db.all('SELECT speakers FROM rooms WHERE id = ?', this.#room);
    if (Number(row?.speakers) <= MAX_SPEAKERS) return;
    this.#db.run(
      `DELETE FROM speakers WHERE room = ?1 AND who IN (
         SELECT who FROM speakers WHERE room = ?1 AND who NOT IN (SELECT who FROM sanctions WHERE room = ?1)
         ORDER BY last LIMIT ?2)`,
      this.#room,
      REMOVED_AT_ONCE,
    );
    // A removed speaker is a new one with the next message.
    this.#known.clear();
    this.#db.run(
      'UPDATE rooms SET speakers = (SELECT count(*) FROM speakers WHERE room = ?1) WHERE id = ?1',
      this.#room,
    );
  }
}
