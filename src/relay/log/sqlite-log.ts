/**
 * A log in SQLite, whoever's SQLite it is: libsql's on Node, a Durable Object's own at the edge, with the same statements.
 *
 * No `seq` may come twice under one epoch, and a commit may be lost to a power cut. So a commit is made durable before
 * `SYNC_EVERY` messages could be lost; after a stop that may have lost the newest ones, every room goes on above a floor
 * which nothing lost can have reached.
 */
import { randomId } from '../access/identity.ts';
import type { Log, LogListener, NewEntry, RoomLog } from './log.ts';
import { type Database, type Shared, SqliteRoomLog, type Uncommitted } from './sqlite-room-log.ts';

export interface SqliteLogOptions {
  /** Messages kept per room, at least; an eighth more may be there before they are trimmed. */
  readonly history: number;
  /** The newest commits may have been lost since this database was last written. */
  readonly interrupted: boolean;
  /** This database is a copy from the past: what came after it may have been read by someone. */
  readonly restored: boolean;
  /** Told of a commit that failed. */
  readonly report: (error: unknown) => void;
}

/** Fewer messages than this, of all rooms together, can be lost to a power cut. */
const SYNC_EVERY = 1024;

const SCHEMA = [
  'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS floors (seq INTEGER PRIMARY KEY)',
  'CREATE TABLE IF NOT EXISTS rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)',
  `CREATE TABLE IF NOT EXISTS batches (
     room INTEGER NOT NULL, last INTEGER NOT NULL, first INTEGER NOT NULL, payloads TEXT NOT NULL,
     PRIMARY KEY (room, last)) WITHOUT ROWID`,
];

export class SqliteLog implements Log {
  readonly #shared: Shared;
  readonly #report: (error: unknown) => void;
  #sinceDurable = 0;

  constructor(db: Database, options: SqliteLogOptions) {
    let epoch = '';
    db.durable(() => {
      for (const statement of SCHEMA) db.run(statement);
      const known = db.all("SELECT value FROM meta WHERE key = 'epoch'")[0]?.value;
      epoch = typeof known === 'string' && !options.restored ? known : randomId();
      db.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('epoch', ?)", epoch);
      if (options.interrupted) raiseFloor(db);
    });
    const floors = db.all('SELECT seq FROM floors ORDER BY seq').map(row => Number(row.seq));
    this.#shared = { db, epoch, history: options.history, floors, dirty: [] };
    this.#report = options.report;
  }

  open<D extends NewEntry>(room: string, listener: LogListener<D>): RoomLog<D> {
    return new SqliteRoomLog(this.#shared, room, listener);
  }

  commit(): void {
    const rooms = this.#shared.dirty.splice(0);
    if (rooms.length === 0) return;
    const write = () => {
      for (const room of rooms) room.write();
    };
    const sinceDurable = rooms.reduce((sum, room) => sum + room.waiting, this.#sinceDurable);
    try {
      if (sinceDurable < SYNC_EVERY) {
        this.#shared.db.transaction(write);
        this.#sinceDurable = sinceDurable;
      } else {
        this.#shared.db.durable(write);
        this.#sinceDurable = 0;
      }
    } catch (error) {
      this.#report(error);
      this.#tell(rooms, room => room.fail());
      return;
    }
    this.#tell(rooms, room => room.handOver());
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
function raiseFloor(db: Database): void {
  const [floor] = db.all('SELECT max(seq) AS seq FROM floors');
  const heads = db.all('SELECT (SELECT max(last) FROM batches WHERE room = rooms.id) AS head FROM rooms');
  const highest = heads.reduce((high, row) => Math.max(high, Number(row.head ?? 0)), Number(floor?.seq ?? 0));
  db.run('INSERT INTO floors (seq) VALUES (?)', highest + SYNC_EVERY);
}
