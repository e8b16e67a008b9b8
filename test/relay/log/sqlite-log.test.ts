import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry, NewEntry, RoomLog } from '../../../src/relay/log/log.ts';
import { SqliteLog, type SqliteLogOptions } from '../../../src/relay/log/sqlite-log.ts';
import type { Database, Row, Value } from '../../../src/relay/log/sqlite-room-log.ts';
import { memoryDatabase } from '../../support/memory-database.ts';

const OPTIONS: SqliteLogOptions = {
  history: 1000,
  interrupted: false,
  restored: false,
  report: error => {
    throw error;
  },
};

class Opened {
  readonly stored: Entry[] = [];
  readonly failed: NewEntry[] = [];
  readonly room: RoomLog<NewEntry>;

  constructor(log: SqliteLog, name = 'lobby') {
    this.room = log.open(name, {
      stored: messages => this.stored.push(...messages),
      failed: drafts => this.failed.push(...drafts),
    });
  }

  say(count: number): void {
    for (let index = 0; index < count; index++)
      this.room.append({ id: 'i', from: 'f', user: 'u', message: 'm', at: 7 });
  }
}

const seqs = (messages: readonly Entry[]) => messages.map(message => message.seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const log = suite('sqlite-log');

log('hands back what was appended once it is committed, in order, encoded', () => {
  const sqlite = new SqliteLog(memoryDatabase(), OPTIONS);
  const lobby = new Opened(sqlite);
  lobby.room.append({ id: 'a', from: 'f', user: '林', message: 'line\nfeed "quoted"', at: 7 });
  lobby.room.append({ id: 'b', from: 'f', user: '林', message: '\u2028', at: 8 });
  assert.equal(lobby.stored, []);
  assert.is(lobby.room.head, 0);
  sqlite.commit();
  assert.equal(
    lobby.stored.map(({ payload }): unknown => JSON.parse(payload)),
    [
      { type: 'normal', seq: 1, id: 'a', from: 'f', user: '林', message: 'line\nfeed "quoted"', at: 7 },
      { type: 'normal', seq: 2, id: 'b', from: 'f', user: '林', message: '\u2028', at: 8 },
    ],
  );
  assert.is(lobby.room.head, 2);
  assert.equal(lobby.room.after(0, 10), lobby.stored);
});

log('reads after and before any place, across commits of any size', () => {
  const sqlite = new SqliteLog(memoryDatabase(), OPTIONS);
  const lobby = new Opened(sqlite);
  for (const size of [3, 1, 5, 1, 1, 9]) {
    lobby.say(size);
    sqlite.commit();
  }
  for (let seq = 0; seq <= 21; seq++) {
    for (const limit of [1, 2, 4, 7, 20, 50]) {
      assert.equal(seqs(lobby.room.after(seq, limit)), range(seq + 1, Math.min(20, seq + limit)), `after ${seq}`);
      assert.equal(
        seqs(lobby.room.before(seq, limit)),
        seq === 0 ? [] : range(Math.max(1, seq - limit), Math.min(20, seq - 1)),
        `before ${seq}`,
      );
    }
  }
});

log('reads little more than it is asked for, however much was said at once', () => {
  const database = new Counting(memoryDatabase());
  const sqlite = new SqliteLog(database, { ...OPTIONS, history: 10_000 });
  const lobby = new Opened(sqlite);
  for (let index = 0; index < 3000; index++) {
    lobby.room.append({ id: 'i', from: 'f', user: 'u', message: 'x'.repeat(index % 2 ? 4000 : 4), at: 7 });
  }
  sqlite.commit();
  for (let seq = 0; seq < 3000; seq += 200) {
    database.lengthRead = 0;
    assert.equal(seqs(lobby.room.after(seq, 200)), range(seq + 1, seq + 200));
    assert.ok(database.lengthRead < 1_000_000, `${database.lengthRead} read for a page of 400,000`);
    database.lengthRead = 0;
    assert.equal(seqs(lobby.room.before(seq + 200, 199)), range(seq + 1, seq + 199));
    assert.ok(database.lengthRead < 1_000_000, `${database.lengthRead}`);
  }
});

log('gives each room its own places, and commits them together', () => {
  const database = new Counting(memoryDatabase());
  const sqlite = new SqliteLog(database, OPTIONS);
  const [one, two] = [new Opened(sqlite, 'one'), new Opened(sqlite, 'two')];
  one.say(2);
  two.say(3);
  one.say(1);
  database.transactions = 0;
  sqlite.commit();
  assert.is(database.transactions, 1);
  assert.equal(seqs(one.stored), [1, 2, 3]);
  assert.equal(seqs(two.stored), [1, 2, 3]);
  sqlite.commit();
  assert.is(database.transactions, 1, 'and nothing when there is nothing');
});

log('goes on where it was when it is opened again', () => {
  const database = memoryDatabase();
  const first = new SqliteLog(database, OPTIONS);
  const before = new Opened(first);
  before.say(3);
  first.commit();
  const second = new SqliteLog(database, OPTIONS);
  const after = new Opened(second);
  assert.is(after.room.epoch, before.room.epoch);
  assert.is(after.room.head, 3);
  assert.is(after.room.oldest, 1);
  after.say(1);
  second.commit();
  assert.equal(seqs(after.room.after(0, 10)), [1, 2, 3, 4]);
});

log('leaves no trace of a room that was only visited', () => {
  const database = memoryDatabase();
  const sqlite = new SqliteLog(database, OPTIONS);
  const visited = new Opened(sqlite, 'visited');
  assert.equal(visited.room.after(0, 10), []);
  assert.equal(visited.room.before(1, 10), []);
  sqlite.commit();
  assert.equal(database.all('SELECT * FROM rooms'), []);
});

log('keeps as many messages as it should, and knows which are the oldest', () => {
  const sqlite = new SqliteLog(memoryDatabase(), { ...OPTIONS, history: 80 });
  const lobby = new Opened(sqlite);
  for (let index = 0; index < 100; index++) {
    lobby.say(3);
    sqlite.commit();
    const held = lobby.room.after(0, 1000);
    if (index > 40) assert.ok(held.length >= 80 && held.length <= 92, `${held.length} held`);
    assert.is(held[0]?.seq, lobby.room.oldest);
  }
  assert.is(lobby.room.missed(0, lobby.room.oldest), lobby.room.oldest - 1);
  const reopened = new Opened(sqlite);
  assert.is(reopened.room.oldest, lobby.room.oldest);
});

log('keeps a commit larger than the history', () => {
  const sqlite = new SqliteLog(memoryDatabase(), { ...OPTIONS, history: 10 });
  const lobby = new Opened(sqlite);
  lobby.say(5);
  sqlite.commit();
  lobby.say(50);
  sqlite.commit();
  assert.equal(seqs(lobby.room.after(0, 100)), range(6, 55));
});

log('goes on above a floor after a stop that may have lost something, and never below it', () => {
  const database = memoryDatabase();
  const first = new SqliteLog(database, OPTIONS);
  const [lobby] = [new Opened(first), new Opened(first, 'other')];
  lobby.say(3);
  first.commit();

  const second = new SqliteLog(database, { ...OPTIONS, interrupted: true });
  const back = new Opened(second);
  assert.is(back.room.epoch, lobby.room.epoch);
  assert.is(back.room.head, 3, 'the newest message is what it was');
  assert.is(back.room.missed(3, 4), 0, 'as yet nothing is known to have come after it');
  back.say(2);
  second.commit();
  const [next = 0] = seqs(back.stored);
  assert.ok(next > 3 + 1000, `${next}`);
  assert.equal(seqs(back.room.after(0, 10)), [1, 2, 3, next, next + 1]);
  assert.is(back.room.missed(3, next), null, 'someone may have read what was lost');
  assert.is(back.room.missed(1, 2), 0);
  assert.is(back.room.missed(next, next + 1), 0);

  const fresh = new Opened(second, 'made and lost, and made again');
  fresh.say(1);
  second.commit();
  assert.ok((seqs(fresh.stored)[0] ?? 0) > 1000, 'a room that was lost whole is above the floor too');

  const third = new SqliteLog(database, { ...OPTIONS, interrupted: true });
  const again = new Opened(third);
  again.say(1);
  third.commit();
  assert.ok((seqs(again.stored)[0] ?? 0) > next + 1000);
});

log('never has more than 1023 messages that a power cut could take', () => {
  const database = new Counting(memoryDatabase());
  const sqlite = new SqliteLog(database, OPTIONS);
  const lobby = new Opened(sqlite);
  let atRisk = 0;
  for (const size of [1, 500, 522, 1, 1000, 3000, 10, 1013, 1]) {
    lobby.say(size);
    database.durables = 0;
    sqlite.commit();
    atRisk = database.durables > 0 ? 0 : atRisk + size;
    assert.ok(atRisk < 1024, `${atRisk}`);
  }
});

log('has another epoch when it is a copy from the past', () => {
  const database = memoryDatabase();
  const before = new Opened(new SqliteLog(database, OPTIONS)).room.epoch;
  const after = new Opened(new SqliteLog(database, { ...OPTIONS, restored: true })).room.epoch;
  assert.is.not(after, before);
  assert.is(new Opened(new SqliteLog(database, OPTIONS)).room.epoch, after);
});

log('hands back nothing of a commit that failed, says so, and goes on', () => {
  const database = new Counting(memoryDatabase());
  const errors: unknown[] = [];
  const sqlite = new SqliteLog(database, { ...OPTIONS, report: error => errors.push(error) });
  const [one, two] = [new Opened(sqlite, 'one'), new Opened(sqlite, 'two')];
  one.say(2);
  two.say(1);
  database.failAt = 'COMMIT';
  sqlite.commit();
  assert.is(errors.length, 1);
  assert.equal([one.stored, two.stored], [[], []]);
  assert.equal([one.failed.length, two.failed.length], [2, 1]);
  assert.is(one.room.head, 0);
  assert.equal(one.room.after(0, 10), []);
  one.say(1);
  sqlite.commit();
  assert.equal(seqs(one.stored), [1]);
  assert.is(one.failed.length, 2);
});

log('hands over to every room, whatever goes wrong in one', () => {
  const errors: unknown[] = [];
  const sqlite = new SqliteLog(memoryDatabase(), { ...OPTIONS, report: error => errors.push(error) });
  const broken = sqlite.open<NewEntry>('broken', {
    stored() {
      throw new Error('a bug of ours');
    },
    failed() {},
  });
  const other = new Opened(sqlite, 'other');
  for (let round = 1; round <= 2; round++) {
    broken.append({ id: 'i', from: 'f', user: 'u', message: 'm', at: 7 });
    other.say(1);
    sqlite.commit();
    assert.is(other.stored.length, round);
    assert.is(broken.head, round);
    assert.is(errors.length, round);
  }
});

/** Counts transactions, and fails one when told to. */
class Counting implements Database {
  readonly #inner: Database;
  transactions = 0;
  durables = 0;
  /** UTF-16 units of payloads read. */
  lengthRead = 0;
  failAt: string | undefined;

  constructor(inner: Database) {
    this.#inner = inner;
  }

  run(sql: string, ...values: Value[]): void {
    this.#inner.run(sql, ...values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    const rows = this.#inner.all(sql, ...values);
    for (const row of rows) this.lengthRead += String(row.payloads ?? '').length;
    return rows;
  }

  transaction(work: () => void): void {
    this.transactions += 1;
    this.#inner.transaction(() => this.#work(work));
  }

  durable(work: () => void): void {
    this.durables += 1;
    this.#inner.durable(() => this.#work(work));
  }

  #work(work: () => void): void {
    work();
    if (this.failAt === undefined) return;
    this.failAt = undefined;
    throw new Error('disk full');
  }
}

log.run();
