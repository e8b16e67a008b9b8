/**
 * A log in SQLite: libsql on Node, a Durable Object's own SQLite on Workers, with the same statements.
 *
 * No `seq` may be used twice under one epoch, and a power cut may lose commits. So commits are made durable before
 * `SYNC_EVERY` entries could be lost: in time, while the relay goes on, or at the latest by a commit that waits for the
 * disk; after a stop that may have lost the newest entries, every room continues above a
 * seqFloor that no lost entry can have reached.
 */
import { randomId } from '../access/identity.ts';
import type { Database } from './database.ts';
import type { ErasureJournal } from './erasure-journal.ts';
import type { Log, LogListener, RemovalRequest, Usage } from './log.ts';
import { RoomRemoval, readGeneration } from './room-removal.ts';
import { COPY, dropTables, FORMAT, GENERATION, hasOldRows, makeTables, readMeta, writeMeta } from './schema.ts';
import { Scrubber } from './scrubber.ts';
import { type Shared, SqliteRoomLog, type Uncommitted } from './sqlite-room-log.ts';

export interface SqliteLogOptions {
  /** The least number of messages kept per room; there may be an eighth more before they are trimmed. */
  readonly history: number;
  /** Reports a commit that failed. */
  readonly report: (error: unknown) => void;
  /** The time now, in milliseconds since 1970. */
  readonly now: number;
  /** The newest commits may have been lost since this database was last written. */
  readonly interrupted?: boolean;
  /** This database is an old copy: clients may have read entries that are newer than it. */
  readonly restored?: boolean;
  /**
   * The log's epoch if the runtime sets it; an epoch that is already stored takes precedence. Then opening writes
   * nothing, and the tables are created with the first entry.
   */
  readonly epoch?: string;
  /** Where erasures are noted for older copies of the database, if the runtime has a place outside it. */
  readonly journal?: ErasureJournal;
}

/** A power cut loses fewer entries than this, over all rooms. */
const SYNC_EVERY = 1024;
/** From so many on, entries are made durable while the relay goes on. */
const SYNC_FROM = SYNC_EVERY / 2;

export class SqliteLog implements Log {
  readonly #shared: Shared;
  readonly #scrubber: Scrubber;
  readonly #report: (error: unknown) => void;
  readonly #journal: ErasureJournal | undefined;
  readonly #now: number;
  /** Entries committed, and how many of them a power cut cannot take. */
  #committed = 0;
  #durable = 0;
  /** Whether commits are being made durable while the relay goes on. */
  #syncing = false;
  #failing = false;
  /** Made when it is first needed if the runtime sets the epoch, because that runtime removes rooms by itself. */
  #removal: RoomRemoval | undefined;
  #isCounted = false;

  constructor(db: Database, { history, report, now, interrupted, restored, epoch: fixed, journal }: SqliteLogOptions) {
    const format = db.readFormat();
    const known = restored ? undefined : readMeta(db, 'epoch');
    const epoch = known ?? fixed ?? randomId();
    if (fixed === undefined || (format !== 0 && format !== FORMAT)) {
      db.durable(() => {
        makeTables(db, now);
        writeMeta(db, 'epoch', epoch);
        if (interrupted) raiseSeqFloor(db);
        if (restored) writeMeta(db, COPY, 'yes');
      });
    }
    const made = db.readFormat() === FORMAT;
    const seqFloors = made ? db.all('SELECT seq FROM floors ORDER BY seq').map(row => Number(row.seq)) : [];
    const [hasOld, generation] = [hasOldRows(db), readGeneration(db)];
    this.#shared = { db, epoch, history, seqFloors, dirty: [], made, hasOld, generation, rooms: 0 };
    if (fixed === undefined) this.#removal = new RoomRemoval(db, hasOld);
    this.#scrubber = new Scrubber(db, report);
    this.#report = report;
    this.#journal = journal;
    this.#now = now;
  }

  open(room: string, listener: LogListener): SqliteRoomLog {
    return new SqliteRoomLog(this.#shared, { name: room, listener });
  }

  get failing(): boolean {
    return this.#failing;
  }

  commit(): void {
    const rooms = this.#shared.dirty.splice(0);
    if (rooms.length === 0) return;
    const waiting = rooms.reduce((sum, room) => sum + room.waiting, 0);
    let erasedAt: number | undefined;
    let journaled = false;
    const write = () => {
      if (!this.#shared.made) this.#make();
      for (const room of rooms) erasedAt = room.write() ?? erasedAt;
      if (erasedAt !== undefined) this.#scrubber.note(erasedAt);
      if (!erases || !this.#journal) return;
      this.#journal.append(rooms.flatMap(room => room.erasures()));
      journaled = true;
    };
    // A power cut must not bring back a text that clients have seen erased.
    const erases = rooms.some(room => room.erases);
    try {
      // Trimmed messages are not erased ones: overwriting them would double what a busy room writes to the disk.
      this.#shared.db.overwriteDeleted?.(rooms.some(room => room.changes));
      this.#transaction(write, waiting, erases);
    } catch (error) {
      // One line, however many commits fail for the same reason.
      if (!this.#failing) this.#report(error);
      this.#failing = true;
      if (journaled) this.#withdraw();
      this.#tell(rooms, room => room.fail());
      return;
    }
    // Before anyone can read it. One room suffices: a copy of the database that has its entry has the whole commit.
    rooms[0]?.note();
    this.#failing = false;
    this.#shared.made = true;
    this.#scrubber.count(waiting);
    if (erasedAt !== undefined) this.#scrubber.noted(erasedAt);
    this.#tell(rooms, room => room.handOver());
  }

  /** Commits `waiting` entries; if a power cut could take too many, or `atOnce`, it makes all of them durable. */
  #transaction(write: () => void, waiting: number, atOnce: boolean): void {
    const { db } = this.#shared;
    const committed = this.#committed + waiting;
    const atRisk = committed - this.#durable;
    if (atOnce || atRisk >= SYNC_EVERY) {
      db.durable(write);
      this.#durable = committed;
    } else if (atRisk >= SYNC_FROM && !this.#syncing && db.durableLater) {
      db.durableLater(write, () => {
        this.#syncing = false;
        this.#durable = Math.max(this.#durable, committed);
      });
      this.#syncing = true;
    } else {
      db.transaction(write);
    }
    this.#committed = committed;
  }

  /** Whether this was an older copy, in which what was erased later has not been erased again. */
  get isCopy(): boolean {
    return readMeta(this.#shared.db, COPY) !== undefined;
  }

  /** Notes that it has been erased. */
  settleCopy(): void {
    this.#shared.db.durable(() => writeMeta(this.#shared.db, COPY, undefined));
  }

  scrub(now: number, connections: number): void {
    this.#scrubber.sweep(now, connections);
  }

  removeUntouched(request: RemovalRequest): number {
    const { db, made, hasOld } = this.#shared;
    if (!made) return 0;
    this.#removal ??= new RoomRemoval(db, hasOld);
    try {
      const transaction = (work: () => void) => {
        db.overwriteDeleted?.(true);
        // The newest entry may be in one of these rooms.
        db.note?.(0, 0);
        db.transaction(() => {
          work();
          this.#scrubber.note(request.now);
        });
        this.#scrubber.noted(request.now);
        this.#shared.generation = readGeneration(db);
      };
      const removed = this.#removal.run(request, transaction);
      this.#shared.rooms -= removed;
      return removed;
    } catch (error) {
      this.#removal.pause(request.now);
      this.#report(error);
      return 0;
    }
  }

  /**
   * Removes everything, from a database of one room that is not open, but the generation that the room will have next.
   * Returns false, and removes nothing, if the room has sanctions or revoked tokens, which must stay.
   */
  removeAll(): boolean {
    const { db, made } = this.#shared;
    if (!made) return true;
    if (['sanctions', 'revocations'].some(table => db.all(`SELECT 1 FROM ${table} LIMIT 1`).length > 0)) return false;
    const [row] = db.all('SELECT max(generation) AS generation FROM rooms');
    const generation = Math.max(readGeneration(db), Number(row?.generation ?? 0) + 1);
    db.transaction(() => {
      db.writeFormat(0);
      dropTables(db);
      writeMeta(db, GENERATION, `${generation}`);
    });
    Object.assign(this.#shared, { made: false, hasOld: false, generation, rooms: 0 });
    this.#removal = undefined;
    return true;
  }

  /** When an entry was last appended, in a database of one room (ms since 1970); `undefined` if it holds none. */
  get writtenAt(): number | undefined {
    if (!this.#shared.made) return undefined;
    const [row] = this.#shared.db.all('SELECT at FROM entries ORDER BY id DESC LIMIT 1');
    return row && Number(row.at);
  }

  usage(): Usage {
    const { db, made } = this.#shared;
    if (made && !this.#isCounted) {
      const [row] = db.all("SELECT count(*) AS rooms FROM rooms WHERE touched_at <> 0 AND name NOT LIKE '/%'");
      this.#shared.rooms = Number(row?.rooms);
    }
    this.#isCounted = true;
    return { rooms: this.#shared.rooms, bytes: db.usedBytes?.() ?? 0 };
  }

  /** Scrubs before the first client is served, if that is due and takes no more than seconds. */
  scrubAtStart(): void {
    this.#scrubber.start();
  }

  /** Scrubs now, if that is due, however long it takes. Returns whether no trace of erased text is left. */
  scrubNow(): boolean {
    return this.#scrubber.run();
  }

  #make(): void {
    makeTables(this.#shared.db, this.#now);
    writeMeta(this.#shared.db, 'epoch', this.#shared.epoch);
  }

  /** The transaction that would have erased was rolled back. */
  #withdraw(): void {
    try {
      this.#journal?.undo();
    } catch (error) {
      this.#report(error);
    }
  }

  /** Calls `what` for every room. A bug of ours in one room does not affect the others. */
  #tell(rooms: readonly Uncommitted[], what: (room: Uncommitted) => void): void {
    for (const room of rooms) {
      try {
        what(room);
      } catch (error) {
        this.#report(error);
      }
    }
  }
}

/** Makes every room continue above any `seq` that can have been used before, whether its entry was kept or lost. */
function raiseSeqFloor(db: Database): void {
  const [seqFloor] = db.all('SELECT max(seq) AS seq FROM floors');
  const heads = db.all(
    `SELECT (SELECT max(id) FROM entries WHERE id > (rooms.id << 32) AND id < ((rooms.id + 1) << 32)) & 4294967295 AS head
     FROM rooms`,
  );
  const old = hasOldRows(db)
    ? db.all('SELECT (SELECT max(last) FROM batches WHERE room = rooms.id) AS head FROM rooms')
    : [];
  const highest = [...heads, ...old].reduce(
    (high, row) => Math.max(high, Number(row.head ?? 0)),
    Number(seqFloor?.seq ?? 0),
  );
  db.run('INSERT INTO floors (seq) VALUES (?)', highest + SYNC_EVERY);
}
