/**
 * Removes the rooms to which nothing was written for a long time. Every call does a bounded amount of work.
 *
 * A room is first detached: its row gets another name, and a new row with the next generation takes the room's own
 * name. From then on nobody can reach its entries, and they are deleted a few at a time. The new row holds nothing but
 * the generation, so that no client resumes in the room with a `seq` of the removed one. Sanctions and revoked tokens
 * move to it, because a ban must not end with the room's messages.
 */
import type { Database, Row } from './database.ts';
import type { RemovalRequest } from './log.ts';
import { RoomRows } from './room-rows.ts';
import { GENERATION, readMeta, writeMeta } from './schema.ts';

/** The most that one call looks at and deletes. A row of entries holds up to 64 K characters. */
const MAX_LOOKED_AT = 500;
const MAX_ROWS = 32;
const MAX_ENTRIES = 1024;
const MAX_BYTES = 262_144;
/** Rows kept for removed rooms, about 60 bytes each. If there are more, the oldest give way to one common generation. */
export const MAX_REMOVED_ROOMS = 100_000;
/** The first letter of a detached room's name; no room's own name may contain it. */
const DETACHED = '/';
/** If this long passes between two calls, the clock was set or the machine slept. */
const JUMP_MS = 10_000;
/**
 * How long nothing is removed after that, or after a start at which even the newest entry is older than this, so that a
 * wrong clock can be noticed and set right.
 */
export const DOUBT_MS = 60 * 60_000;
/** How long nothing is removed after a failure. */
const PAUSE_MS = 60_000;

interface Candidate {
  readonly id: number;
  readonly name: string;
  readonly generation: number;
}

export class RoomRemoval {
  readonly #db: Database;
  readonly #hasOld: boolean;
  readonly #maxRemoved: number;
  /** Detached rooms that still have rows. */
  #detached: number[];
  /** The last room that was looked at. */
  #cursor = 0;
  /** Rows without a room's content: seen so far in this pass over all rooms, and to be dropped in it. */
  #removed = 0;
  #surplus = 0;
  /** About when the newest entry at the start was appended (ms since 1970); `undefined` if no room held any. */
  readonly #newestAt: number | undefined;
  #ranAt: number | undefined;
  #doubtUntil = 0;

  /** To be made before anything is written. `hasOld`: the database may hold rows of format 1. */
  constructor(db: Database, hasOld: boolean, { maxRemoved = MAX_REMOVED_ROOMS } = {}) {
    this.#db = db;
    this.#hasOld = hasOld;
    this.#maxRemoved = maxRemoved;
    const rows = db.all("SELECT id FROM rooms WHERE name >= '/' AND name < '0'");
    this.#detached = rows.map(({ id }) => Number(id));
    const [newest] = db.all("SELECT max(touched_at) AS at FROM rooms WHERE touched_at <> 0 AND name NOT LIKE '/%'");
    this.#newestAt = typeof newest?.at === 'number' ? newest.at : undefined;
  }

  /**
   * Looks at some rooms and removes something, in one transaction, if there is something to remove. Returns the number
   * of rooms that are gone. To be called about once a second.
   */
  run({ now, keepMs, isOpen }: RemovalRequest, transaction: (work: () => void) => void): number {
    if (this.#isInDoubt(now)) return 0;
    const expired: Candidate[] = [];
    const surplus: Candidate[] = [];
    if (this.#detached.length === 0) this.#look({ expired, surplus, before: now - keepMs, isOpen });
    if (this.#detached.length + expired.length + surplus.length === 0) return 0;
    let detached = this.#detached;
    transaction(() => {
      for (const room of surplus) this.#drop(room);
      detached = [...this.#detached, ...expired.map(({ id }) => id)];
      for (const room of expired) this.#detach(room);
      const budget = new Budget();
      while (detached[0] !== undefined && this.#empty(detached[0], budget)) detached.shift();
    });
    this.#detached = detached;
    return expired.length;
  }

  /** Removes nothing for a while, after a failure. */
  pause(now: number): void {
    this.#doubtUntil = now + PAUSE_MS;
  }

  /** Whether the clock has jumped so lately, perhaps while the relay was stopped, that it may be wrong. */
  #isInDoubt(now: number): boolean {
    const hasJumped =
      this.#ranAt === undefined ? now - (this.#newestAt ?? now) > DOUBT_MS : Math.abs(now - this.#ranAt) > JUMP_MS;
    if (hasJumped) this.#doubtUntil = now + DOUBT_MS;
    this.#ranAt = now;
    return now < this.#doubtUntil;
  }

  #look({ expired, surplus, before, isOpen }: Looked): void {
    const sql = 'SELECT id, name, generation, touched_at FROM rooms WHERE id > ? ORDER BY id LIMIT ?';
    const rows = this.#db.all(sql, this.#cursor, MAX_LOOKED_AT);
    for (const row of rows) {
      const room = candidateOf(row);
      this.#cursor = room.id;
      if (room.name.startsWith(DETACHED)) continue;
      const isInUse = isOpen(room.name);
      if (row.touched_at === 0) {
        if (this.#surplus === 0 || isInUse || this.#isBound(room.id)) {
          this.#removed += 1;
          continue;
        }
        this.#surplus -= 1;
        surplus.push(room);
      } else if (!isInUse && Number(row.touched_at) <= before && this.#writtenAt(room.id) <= before) {
        expired.push(room);
        // Its entries are deleted first, so that what is waiting to be deleted stays short.
        if (expired.length === MAX_ROWS) return;
      }
    }
    if (rows.length === MAX_LOOKED_AT) return;
    this.#cursor = 0;
    this.#surplus = Math.max(0, this.#removed - this.#maxRemoved);
    this.#removed = 0;
  }

  /** When the newest entry of a room was appended (ms since 1970); a room's own row lags behind by minutes. */
  #writtenAt(room: number): number {
    const sql = 'SELECT at FROM entries WHERE id > (?1 << 32) AND id < ((?1 + 1) << 32) ORDER BY id DESC LIMIT 1';
    return Number(this.#db.all(sql, room)[0]?.at ?? 0);
  }

  #detach({ id, name, generation }: Candidate): void {
    const db = this.#db;
    db.run('UPDATE rooms SET name = ? WHERE id = ?', `${DETACHED}${id}`, id);
    db.run('INSERT INTO rooms (name, generation) VALUES (?, ?)', name, generation + 1);
    for (const table of ['sanctions', 'revocations']) {
      db.run(`UPDATE ${table} SET room = (SELECT id FROM rooms WHERE name = ?) WHERE room = ?`, name, id);
    }
  }

  /** Deletes what a detached room holds, within the budget. Returns whether nothing is left. */
  #empty(room: number, budget: Budget): boolean {
    if (budget.isSpent) return false;
    const db = this.#db;
    const rows = new RoomRows(db, { room, hasOld: this.#hasOld });
    let cut: number | undefined;
    for (const row of rows.extentsAfter(0)) {
      if (budget.isSpent) break;
      budget.spend(row.entries, row.bytes);
      cut = row.last;
    }
    if (cut !== undefined) {
      rows.deleteUpTo(cut);
      db.run('DELETE FROM edits WHERE room = ? AND of <= ?', room, cut);
    }
    if (budget.isSpent) return false;
    const speakers = db.all('SELECT who FROM speakers WHERE room = ? LIMIT ?', room, MAX_ENTRIES);
    db.run(
      'DELETE FROM speakers WHERE room = ?1 AND who IN (SELECT who FROM speakers WHERE room = ?1 LIMIT ?2)',
      ...[room, MAX_ENTRIES],
    );
    budget.spend(speakers.length, 0);
    if (speakers.length === MAX_ENTRIES) return false;
    for (const table of ['settings', 'words', 'webhook']) db.run(`DELETE FROM ${table} WHERE room = ?`, room);
    db.run('DELETE FROM rooms WHERE id = ?', room);
    return true;
  }

  /** Whether sanctions or revoked tokens belong to a room. */
  #isBound(room: number): boolean {
    return ['sanctions', 'revocations'].some(
      table => this.#db.all(`SELECT 1 FROM ${table} WHERE room = ? LIMIT 1`, room).length > 0,
    );
  }

  /** Forgets the generation of a removed room. From then on every new room begins with one at least as high. */
  #drop({ id, generation }: Candidate): void {
    this.#db.run('DELETE FROM rooms WHERE id = ?', id);
    if (generation > readGeneration(this.#db)) writeMeta(this.#db, GENERATION, `${generation}`);
  }
}

interface Looked extends Pick<RemovalRequest, 'isOpen'> {
  readonly expired: Candidate[];
  readonly surplus: Candidate[];
  /** Rooms to which nothing was written since then have expired (ms since 1970). */
  readonly before: number;
}

class Budget {
  #rows = 0;
  #entries = 0;
  #bytes = 0;

  get isSpent(): boolean {
    return this.#rows >= MAX_ROWS || this.#entries >= MAX_ENTRIES || this.#bytes >= MAX_BYTES;
  }

  /** Counts one row. */
  spend(entries: number, bytes: number): void {
    this.#rows += 1;
    this.#entries += entries;
    this.#bytes += bytes;
  }
}

/** The generation of a room that has no row. */
export function readGeneration(db: Database): number {
  return Number(readMeta(db, GENERATION) ?? 0);
}

function candidateOf({ id, name, generation }: Row): Candidate {
  return { id: Number(id), name: String(name), generation: Number(generation) };
}
