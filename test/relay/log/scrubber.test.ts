import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Compaction, Database, Row, Value } from '../../../src/relay/log/database.ts';
import { readMeta, SCRUB_OWED } from '../../../src/relay/log/schema.ts';
import { SqliteLog } from '../../../src/relay/log/sqlite-log.ts';
import { writeFormat1 } from '../../support/format-1.ts';
import { memoryDatabase } from '../../support/memory-database.ts';
import { OPTIONS, OpenedRoom } from '../../support/opened-room.ts';

const scrubber = suite('scrubber');

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MB = 1024 * 1024;

/** A database with a file whose size and rewriting the test controls. */
class FileDatabase implements Database {
  readonly #inner = memoryDatabase();
  bytes = 10 * MB;
  /** The number of rewrites. */
  runs = 0;
  busy = false;
  /** Whether another process reads the file, so that the write-ahead log cannot be emptied. */
  isRead = false;
  /** Whether each commit overwrote what it deleted. */
  readonly overwrites: boolean[] = [];
  broken = false;
  readonly compaction: Compaction = {
    size: () => this.bytes,
    rewrite: () => {
      if (this.broken) throw new Error('disk full');
      this.runs += this.busy ? 0 : 1;
      return !this.busy;
    },
    truncate: () => !this.isRead,
  };

  run(sql: string, ...values: Value[]): void {
    this.#inner.run(sql, ...values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#inner.all(sql, ...values);
  }

  transaction(work: () => void): void {
    this.#inner.transaction(work);
  }

  durable(work: () => void): void {
    this.#inner.durable(work);
  }

  overwriteDeleted(on: boolean): void {
    if (this.broken) throw new Error('disk full');
    this.overwrites.push(on);
  }

  readFormat(): number {
    return this.#inner.readFormat();
  }

  writeFormat(format: number): void {
    this.#inner.writeFormat(format);
  }

  get owed(): string | undefined {
    return readMeta(this, SCRUB_OWED);
  }
}

/** A log in which a message was erased at `at`. */
function erased(database: FileDatabase, at: number): OpenedRoom {
  const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
  lobby.erase(lobby.post('secret', { at }), { at });
  return lobby;
}

scrubber('has nothing to do until a message is erased or edited', () => {
  const database = new FileDatabase();
  const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
  lobby.post('x');
  lobby.erase(99);
  lobby.log.scrub(HOUR, 0);
  lobby.log.scrubAtStart();
  assert.is(database.runs, 0);
  assert.is(database.owed, undefined);
  lobby.edit(1, 'y', { at: HOUR });
  assert.is(database.owed, `${HOUR}`);
  lobby.log.scrub(HOUR, 0);
  assert.is(database.runs, 1);
  assert.is(database.owed, undefined);
  lobby.log.scrub(2 * HOUR, 0);
  assert.is(database.runs, 1, 'only once');
});

scrubber('waits until there are no connections', () => {
  const database = new FileDatabase();
  const { log } = erased(database, HOUR);
  log.scrub(HOUR + 1000, 3);
  assert.is(database.runs, 0);
  log.scrub(HOUR + 2000, 0);
  assert.is(database.runs, 1);
});

scrubber('uses a minute as quiet as any before, if there are always connections', () => {
  const database = new FileDatabase();
  const lobby = erased(database, 0);
  // Messages in each minute: the quietest of the first twelve hours has two.
  const busyness = (minute: number) => (minute === 100 || minute === 800 ? 2 : 5);
  let scrubbedAt: number | undefined;
  for (let minute = 0; minute < 1440 && scrubbedAt === undefined; minute++) {
    lobby.log.scrub(minute * MINUTE, 1);
    lobby.log.scrub(minute * MINUTE + 1000, 1);
    if (database.runs > 0) scrubbedAt = minute;
    for (let count = 0; count < busyness(minute); count++) lobby.post('x', { at: minute * MINUTE + 2000 });
  }
  assert.is(scrubbedAt, 801, 'at the end of the minute that is as quiet');
});

scrubber('uses any minute before a day has passed', () => {
  const database = new FileDatabase();
  const lobby = erased(database, 0);
  let minute = 0;
  for (; minute < 1440 && database.runs === 0; minute++) {
    lobby.log.scrub(minute * MINUTE, 1);
    // Never as quiet as the first minute, which has no messages.
    if (minute > 1) lobby.post('x', { at: minute * MINUTE });
  }
  assert.is(database.runs, 1);
  assert.ok(minute > 12 * 60 && minute < 24 * 60, `${minute}`);
});

scrubber('rewrites a large file only at startup, and a very large one on request', () => {
  const database = new FileDatabase();
  const { log } = erased(database, 0);
  database.bytes = 65 * MB;
  log.scrub(HOUR, 0);
  assert.is(database.runs, 0);
  const later = new SqliteLog(database, OPTIONS);
  later.scrubAtStart();
  assert.is(database.runs, 1);
  const { log: another } = erased(database, 0);
  database.bytes = 1025 * MB;
  another.scrubAtStart();
  assert.is(database.runs, 1);
  assert.ok(another.scrubNow());
  assert.is(database.runs, 2);
});

scrubber('rewrites the file at most once in ten minutes, however often clients erase and leave', () => {
  const database = new FileDatabase();
  const lobby = erased(database, HOUR);
  for (let second = 1; second <= 25 * 60; second++) {
    const at = HOUR + second * 1000;
    lobby.erase(lobby.post('secret', { at }), { at });
    lobby.log.scrub(at, 0);
  }
  assert.is(database.runs, 3);
});

scrubber('has what edits and erasures delete overwritten, but not what is trimmed', () => {
  const database = new FileDatabase();
  const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 8 }));
  const seq = lobby.post('x');
  lobby.edit(seq, 'y');
  lobby.erase(seq);
  for (let count = 0; count < 20; count++) lobby.post('trims the old ones');
  assert.ok(lobby.room.oldest > 1);
  assert.equal(database.overwrites, [false, true, true, ...Array<boolean>(20).fill(false)]);
});

scrubber('fails the commit if overwriting cannot be switched, and takes the next one', () => {
  const database = new FileDatabase();
  const errors: unknown[] = [];
  const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, report: error => errors.push(error) }));
  const seq = lobby.post('x');
  database.broken = true;
  assert.ok(lobby.edit(seq, 'y').failed);
  assert.is(errors.length, 1);
  database.broken = false;
  assert.is(lobby.edit(seq, 'y').seq, 2);
});

scrubber('continues after a restart', () => {
  const database = new FileDatabase();
  erased(database, HOUR);
  const { log } = new OpenedRoom(new SqliteLog(database, OPTIONS));
  log.scrub(2 * HOUR, 0);
  assert.is(database.runs, 1);
});

scrubber('tries again later if another process is reading, or the disk is full', () => {
  const database = new FileDatabase();
  const errors: unknown[] = [];
  const log = new SqliteLog(database, { ...OPTIONS, report: error => errors.push(error) });
  const lobby = new OpenedRoom(log);
  lobby.erase(lobby.post('x'));
  database.busy = true;
  log.scrub(HOUR, 0);
  database.busy = false;
  database.broken = true;
  log.scrub(HOUR + MINUTE, 0);
  assert.equal(errors, [], 'not at once');
  log.scrub(HOUR + 11 * MINUTE, 0);
  assert.is(errors.length, 1);
  assert.ok(database.owed);
  assert.not(log.scrubNow());
  database.broken = false;
  log.scrub(HOUR + 30 * MINUTE, 0);
  assert.is(database.runs, 1);
});

scrubber('does not rewrite the file again while another process keeps the write-ahead log from being emptied', () => {
  const database = new FileDatabase();
  const lobby = erased(database, 0);
  database.isRead = true;
  for (let minute = 0; minute < 60; minute++) lobby.log.scrub(HOUR + minute * MINUTE, 0);
  assert.is(database.runs, 1);
  assert.ok(database.owed);
  lobby.erase(lobby.post('another secret', { at: 1 }), { at: 1 });
  lobby.log.scrub(3 * HOUR, 0);
  assert.is(database.runs, 2, 'text was erased since');
  database.isRead = false;
  lobby.log.scrub(4 * HOUR, 0);
  assert.equal([database.runs, database.owed], [2, undefined]);
});

scrubber('is due once a database of format 1 has been migrated', () => {
  const database = new FileDatabase();
  writeFormat1(database, { epoch: 'old', rooms: new Map([['lobby', 3]]) });
  const log = new SqliteLog(database, OPTIONS);
  assert.is(database.owed, `${OPTIONS.now}`);
  log.scrubAtStart();
  assert.is(database.runs, 1);
  new SqliteLog(database, OPTIONS).scrubAtStart();
  assert.is(database.runs, 1, 'only once');
});

scrubber.run();
