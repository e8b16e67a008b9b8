/**
 * A log in SQLite, whoever's SQLite it is: libsql's on Node, a Durable Object's own on Workers, with the same statements.
 *
 * No `seq` may come twice under one epoch, and a commit may be lost to a power cut. So a commit is made durable before
 * `SYNC_EVERY` entries could be lost; after a stop that may have lost the newest ones, every room goes on above a seqFloor
 * which nothing lost can have reached.
 */
import { randomId } from '../access/identity.ts';
import type { Database } from './database.ts';
import type { Log, LogListener } from './log.ts';
import { FORMAT, hasOldRows, makeTables, readMeta, writeMeta } from './schema.ts';
import { Scrubber } from './scrubber.ts';
import { type Shared, SqliteRoomLog, type Uncommitted } from './sqlite-room-log.ts';

export interface SqliteLogOptions {
  /** Messages kept per room, at least; an eighth more may be there before they are trimmed. */
  readonly history: number;
  /** Told of a commit that failed. */
  readonly report: (error: unknown) => void;
  /** The time now, in milliseconds since 1970. */
  readonly now: number;
  /** The newest commits may have been lost since this database was last written. */
  readonly interrupted?: boolean;
  /** This database is a copy from the past: what came after it may have been read by someone. */
  readonly restored?: boolean;
  /**
   * The log's epoch where something outside fixes it; one that is stored already stays. Then opening writes nothing,
   * and the tables are made with the first entry.
   */
  readonly epoch?: string;
}

/** Fewer entries than this, of all rooms together, can be lost to a power cut. */
const SYNC_EVERY = 1024;

export class SqliteLog implements Log {
  readonly #shared: Shared;
  readonly #scrubber: Scrubber;
  readonly #report: (error: unknown) => void;
  readonly #now: number;
  #sinceDurable = 0;

  constructor(db: Database, { history, report, now, interrupted, restored, epoch: fixed }: SqliteLogOptions) {
    const format = db.readFormat();
    const known = restored ? undefined : readMeta(db, 'epoch');
    const epoch = known ?? fixed ?? randomId();
    if (fixed === undefined || (format !== 0 && format !== FORMAT)) {
      db.durable(() => {
        makeTables(db, now);
        writeMeta(db, 'epoch', epoch);
        if (interrupted) raiseSeqFloor(db);
      });
    }
    const made = db.readFormat() === FORMAT;
    const seqFloors = made ? db.all('SELECT seq FROM floors ORDER BY seq').map(row => Number(row.seq)) : [];
    this.#shared = { db, epoch, history, seqFloors, dirty: [], made, hasOld: hasOldRows(db) };
    this.#scrubber = new Scrubber(db, report);
    this.#report = report;
    this.#now = now;
  }

  open(room: string, listener: LogListener): SqliteRoomLog {
    return new SqliteRoomLog(this.#shared, { name: room, listener });
  }

  commit(): void {
    const rooms = this.#shared.dirty.splice(0);
    if (rooms.length === 0) return;
    const waiting = rooms.reduce((sum, room) => sum + room.waiting, 0);
    let erasedAt: number | undefined;
    const write = () => {
      if (!this.#shared.made) this.#make();
      for (const room of rooms) erasedAt = room.write() ?? erasedAt;
      if (erasedAt !== undefined) this.#scrubber.note(erasedAt);
    };
    // A power cut must not bring back a text that everyone has seen erased.
    const erases = rooms.some(room => room.erases);
    // Trimmed messages are not erased ones: overwriting them would double what a busy room writes to the disk.
    this.#shared.db.overwriteDeleted?.(rooms.some(room => room.changes));
    try {
      if (this.#sinceDurable + waiting < SYNC_EVERY && !erases) {
        this.#shared.db.transaction(write);
        this.#sinceDurable += waiting;
      } else {
        this.#shared.db.durable(write);
        this.#sinceDurable = 0;
      }
    } catch (error) {
      this.#report(error);
      this.#tell(rooms, room => room.fail());
      return;
    }
    this.#shared.made = true;
    this.#scrubber.count(waiting);
    if (erasedAt !== undefined) this.#scrubber.noted(erasedAt);
    this.#tell(rooms, room => room.handOver());
  }

  scrub(now: number, connections: number): void {
    this.#scrubber.sweep(now, connections);
  }

  /** Scrubs before anyone is served, if that is due and takes no more than seconds. */
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

  /** A bug of ours in one room is no reason to keep from the others what is theirs. */
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

/** From here on every room goes on above anything that can have been said before, kept or lost. */
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
