/** The test cases of the removal of rooms to which nothing was written for long. They run where `cases.ts` runs. */
import * as assert from 'uvu/assert';
import type { Database } from '../../../src/relay/log/database.ts';
import { DOUBT_MS, RoomRemoval } from '../../../src/relay/log/room-removal.ts';
import { SqliteLog } from '../../../src/relay/log/sqlite-log.ts';
import { CountingDatabase } from '../../support/counting-database.ts';
import { TestMessage } from '../../support/entries.ts';
import { writeFormat1 } from '../../support/format-1.ts';
import { OPTIONS, OpenedRoom, range, seqs } from '../../support/opened-room.ts';
import type { LogCase } from './cases.ts';

const START = 1_700_000_000_000;
const DAY = 86_400_000;
const KEEP = 30 * DAY;
const FIXED = { ...OPTIONS, now: START, epoch: 'E' };

/** A log with a clock, which is asked to remove rooms once a second. */
class Aging {
  readonly log: SqliteLog;
  readonly open = new Set<string>();
  now: number;
  #isPastDoubt = false;

  constructor(database: Database, options: Partial<typeof FIXED> = {}, now = START) {
    this.log = new SqliteLog(database, { ...FIXED, ...options });
    this.now = now;
  }

  /** Writes to a room at `at` and leaves it. */
  write(room: string, { at = START, count = 1, message = 'secret', keyed = true } = {}): OpenedRoom {
    const opened = new OpenedRoom(this.log, room);
    opened.say(count, { message, at, keyed });
    this.log.commit();
    return opened;
  }

  /** One call, a second after the last unless another time is given. */
  step(ms = 1000): void {
    if (!this.#isPastDoubt) passDoubt(this.now, now => this.stepAt(now));
    this.now += ms;
    this.stepAt(this.now);
  }

  /** One call at a time. */
  stepAt(now: number): void {
    this.#isPastDoubt = true;
    this.log.removeUntouched({ now, keepMs: KEEP, isOpen: room => this.open.has(room) });
  }

  steps(count: number, ms?: number): void {
    for (let step = 0; step < count; step++) this.step(ms);
  }

  epochOf(room: string): string {
    return new OpenedRoom(this.log, room).room.epoch;
  }
}

/** Lets the time before `now` pass in which nothing is removed because all rooms are old. */
function passDoubt(now: number, step: (now: number) => void): void {
  for (let at = now - DOUBT_MS; at < now; at += 9000) step(at);
}

const LATER = START + KEEP + DAY;

export const REMOVAL_CASES: Record<string, LogCase> = {
  'removes a room to which nothing was written for long, with everything in it'(database) {
    const aging = new Aging(database, {}, LATER);
    const old = aging.write('old', { count: 300 });
    old.edit(1, 'secret edit', { at: START });
    for (const table of ['settings (room, value)', 'words (room, list)', 'webhook (room, seq)']) {
      database.run(`INSERT INTO ${table} VALUES (1, 'secret')`);
    }
    aging.write('new', { at: LATER - DAY, message: 'kept' });
    aging.steps(20);
    assert.not.match(allRows(database), /secret/);
    assert.match(allRows(database), /kept/);
    const gone = new OpenedRoom(aging.log, 'old');
    assert.equal([gone.room.head, gone.held()], [0, []]);
    for (const table of ['speakers', 'edits', 'settings', 'words', 'webhook']) {
      assert.equal(database.all(`SELECT room FROM ${table} WHERE room = 1`), [], table);
    }
    assert.is(new OpenedRoom(aging.log, 'new').room.head, 1);
  },

  'gives a removed room a new epoch, each time it is removed, and none to others'(database) {
    const aging = new Aging(database, {}, LATER);
    const first = aging.write('a');
    aging.write('b', { at: LATER });
    assert.is(first.room.epoch, 'E.0');
    aging.step();
    assert.equal([aging.epochOf('a'), aging.epochOf('b'), aging.epochOf('c')], ['E.1', 'E.0', 'E.0']);
    const second = aging.write('a', { at: aging.now });
    assert.equal([second.room.epoch, second.room.head], ['E.1', 1]);
    assert.not(second.room.isEpoch('E.0'));
    assert.not(second.room.isEpoch('E'));
    aging.step();
    assert.equal(aging.epochOf('a'), 'E.1', 'it was written to again');
    const later = new Aging(database, {}, LATER + 2 * KEEP);
    later.steps(2);
    assert.equal([later.epochOf('a'), later.epochOf('b')], ['E.2', 'E.1']);
  },

  'keeps a room that is open, and one whose own row lags behind its newest entry'(database) {
    const aging = new Aging(database, {}, LATER);
    aging.write('open');
    aging.open.add('open');
    const busy = aging.write('busy', { at: LATER - KEEP - 60_000 });
    busy.post('kept', { at: LATER - KEEP + 60_000 });
    aging.steps(3);
    assert.equal([aging.epochOf('open'), aging.epochOf('busy')], ['E.0', 'E.0']);
    aging.open.clear();
    aging.steps(3);
    assert.equal([aging.epochOf('open'), aging.epochOf('busy')], ['E.1', 'E.0']);
  },

  'removes a large room a little at a time, and its successor is whole meanwhile'(database) {
    const counting = new CountingDatabase(database);
    const aging = new Aging(counting, { history: 20_000 }, LATER);
    const large = new OpenedRoom(aging.log, 'large');
    for (let index = 0; index < 6000; index++) {
      large.room.append(new TestMessage({ message: 'secret'.repeat(100), at: START, from: `f${index}`, keyed: true }));
    }
    aging.log.commit();
    const bytes = () => Number(database.all('SELECT coalesce(sum(length(payloads)), 0) AS sum FROM entries')[0]?.sum);
    aging.step();
    const back = aging.write('large', { at: aging.now, message: 'back', count: 3 });
    assert.equal([back.room.epoch, back.room.head], ['E.1', 3]);
    let steps = 0;
    for (let before = bytes(); /secret/.test(allRows(database)); before = bytes()) {
      const speakers = count(database, 'speakers');
      aging.step();
      assert.ok(before - bytes() < 400_000, `${before - bytes()} at once`);
      assert.ok(speakers - count(database, 'speakers') <= 1024);
      assert.ok(++steps < 100);
      assert.equal(seqs(new OpenedRoom(aging.log, 'large').room.after(0, 10)), [1, 2, 3]);
    }
    aging.steps(10);
    assert.equal(database.all('SELECT name, generation FROM rooms'), [{ name: 'large', generation: 1 }]);
    assert.is(count(database, 'speakers'), 1);
    counting.writes = 0;
    aging.steps(10);
    assert.is(counting.writes, 0, 'nothing is written when nothing is to be removed');
  },

  'removes many small rooms a few at a time'(database) {
    const aging = new Aging(database, {}, LATER);
    for (const index of range(1, 700)) aging.write(`room-${index}`);
    const held = () => count(database, "rooms WHERE touched_at <> 0 AND name NOT LIKE '/%'");
    for (let steps = 0; held() > 0; steps++) {
      const before = held();
      aging.step();
      assert.ok(before - held() <= 32 && steps < 200, `${before - held()} after ${steps} steps`);
    }
    aging.steps(60);
    assert.is(count(database, 'entries'), 0);
  },

  'goes on after a restart in the middle of a removal'(database) {
    const aging = new Aging(database, {}, LATER);
    aging.write('large', { count: 5000 });
    aging.step();
    assert.match(allRows(database), /secret/);
    const again = new Aging(database, {}, aging.now);
    assert.is(again.epochOf('large'), 'E.1');
    again.steps(20);
    assert.not.match(allRows(database), /secret/);
  },

  'moves sanctions and revoked tokens to the room that takes the name'(database) {
    const aging = new Aging(database, {}, LATER);
    aging.write('a');
    database.run("INSERT INTO sanctions (room, kind, who, by, at) VALUES (1, 'ban', 'w', 'm', 1)");
    database.run("INSERT INTO revocations (room, jti, until) VALUES (1, 'j', 2)");
    aging.steps(2);
    aging.write('a', { at: aging.now });
    const [room] = database.all("SELECT id FROM rooms WHERE name = 'a'");
    assert.equal(database.all('SELECT room, who FROM sanctions'), [{ room: room?.id, who: 'w' }]);
    assert.equal(database.all('SELECT room, jti FROM revocations'), [{ room: room?.id, jti: 'j' }]);
  },

  'keeps a bounded number of generations; the rooms whose own is dropped share a higher one'(database) {
    const aging = new Aging(database, {}, LATER);
    for (const room of ['a', 'b', 'c', 'd', 'e']) aging.write(room);
    database.run("UPDATE rooms SET generation = 6 WHERE name = 'b'");
    database.run("INSERT INTO sanctions (room, kind, who, by, at) VALUES (3, 'ban', 'w', 'm', 1)");
    const removal = new RoomRemoval(database, false, { maxRemoved: 2 });
    const run = (now: number) =>
      removal.run({ now, keepMs: KEEP, isOpen: room => room === 'a' }, work => database.transaction(work));
    let now = LATER;
    passDoubt(now, run);
    for (let step = 0; step < 10; step++) {
      now += 1000;
      run(now);
      if (step === 0) assert.is(count(database, "rooms WHERE name NOT LIKE '/%'"), 5);
    }
    // `a` is open and `c` has a sanction.
    assert.equal(
      database.all('SELECT name FROM rooms ORDER BY name').map(({ name }) => name),
      ['a', 'c', 'e'],
    );
    const log = new SqliteLog(database, FIXED);
    assert.is(new OpenedRoom(log, 'b').room.epoch, 'E.7', 'as after its removal');
    assert.is(new OpenedRoom(log, 'never').room.epoch, 'E.7');
    assert.is(new OpenedRoom(log, 'a').room.epoch, 'E.0');
    const back = new OpenedRoom(log, 'b');
    back.post('x', { at: now });
    assert.is(new OpenedRoom(new SqliteLog(database, FIXED), 'b').room.epoch, 'E.7');
  },

  'does not change the epoch of an empty room under its readers'(database) {
    const aging = new Aging(database, {}, LATER);
    aging.write('old');
    const empty = new OpenedRoom(aging.log, 'empty');
    assert.is(empty.room.epoch, 'E.0');
    database.run("INSERT INTO meta (key, value) VALUES ('generation', '3')");
    aging.step();
    assert.is(aging.epochOf('another'), 'E.3');
    empty.post('x', { at: aging.now });
    assert.is(empty.room.epoch, 'E.0');
    assert.is(aging.epochOf('empty'), 'E.0');
  },

  'removes nothing for an hour after the clock has jumped'(database) {
    const aging = new Aging(database);
    aging.write('a');
    aging.step();
    aging.now += 1000 * DAY;
    aging.steps(399, 9000);
    assert.is(aging.epochOf('a'), 'E.0');
    aging.now -= 1000 * DAY;
    aging.steps(450, 9000);
    assert.is(aging.epochOf('a'), 'E.0', 'the clock was set right');
    aging.now += 1000 * DAY;
    aging.steps(402, 9000);
    assert.is(aging.epochOf('a'), 'E.1');
  },

  'removes nothing for an hour after a start at which every entry is old'(database) {
    new Aging(database).write('a');
    const wrong = new Aging(database, {}, START + 1000 * DAY);
    wrong.write('b', { at: START + DAY });
    const end = wrong.now + DOUBT_MS;
    for (let at = wrong.now; at < end; at += 9000) wrong.stepAt(at);
    assert.equal([wrong.epochOf('a'), wrong.epochOf('b')], ['E.0', 'E.0']);
    for (let at = end; at < end + 20_000; at += 9000) wrong.stepAt(at);
    assert.equal([wrong.epochOf('a'), wrong.epochOf('b')], ['E.1', 'E.1'], 'the clock was right');
  },

  'removes nothing after such a start even if somebody has written since'(database) {
    const options = { ...OPTIONS, now: START };
    new OpenedRoom(new SqliteLog(database, options), 'a').post('x', { at: START });
    const now = START + 1000 * DAY;
    const log = new SqliteLog(database, { ...options, now });
    new OpenedRoom(log, 'b').post('x', { at: now });
    for (let at = now; at < now + 20_000; at += 1000)
      log.removeUntouched({ now: at, keepMs: KEEP, isOpen: () => false });
    assert.is(new OpenedRoom(log, 'a').room.head, 1);
  },

  'removes at once what is due after a start while somebody talks'(database) {
    new Aging(database).write('a');
    const aging = new Aging(database, {}, LATER);
    aging.write('b', { at: LATER - 60_000 });
    aging.stepAt(LATER);
    assert.equal([aging.epochOf('a'), aging.epochOf('b')], ['E.1', 'E.0']);
  },

  'reports a removal that fails, leaves the room whole, and tries again a minute later'(database) {
    const counting = new CountingDatabase(database);
    const errors: unknown[] = [];
    const aging = new Aging(counting, { report: error => errors.push(error) }, LATER);
    aging.write('a', { count: 10 });
    counting.failAt = 'removal';
    aging.steps(59);
    assert.is(errors.length, 1);
    assert.equal([aging.epochOf('a'), new OpenedRoom(aging.log, 'a').room.head], ['E.0', 10]);
    aging.steps(2);
    assert.equal([errors.length, aging.epochOf('a')], [1, 'E.1']);
  },

  'removes a room of format 1 too, counted from when it was taken over'(database) {
    writeFormat1(database, { epoch: 'E', rooms: new Map([['lobby', 500]]), text: () => 'secret' });
    const aging = new Aging(database, { now: LATER - DAY }, LATER);
    aging.steps(5);
    assert.is(new OpenedRoom(aging.log, 'lobby').room.head, 500);
    const later = new Aging(database, {}, LATER + KEEP);
    later.steps(30);
    assert.not.match(allRows(database), /secret/);
    assert.is(later.epochOf('lobby'), 'E.1');
  },

  'counts the rooms that hold something'(database) {
    const aging = new Aging(database, {}, LATER);
    assert.is(aging.log.usage().rooms, 0);
    for (const room of ['a', 'b', 'c']) aging.write(room);
    aging.write('a');
    new OpenedRoom(aging.log, 'visited');
    aging.write('d', { at: LATER });
    assert.is(aging.log.usage().rooms, 4);
    aging.step();
    assert.is(aging.log.usage().rooms, 1);
    assert.is(new SqliteLog(database, FIXED).usage().rooms, 1);
    aging.write('a', { at: LATER });
    assert.is(aging.log.usage().rooms, 2);
    assert.is(new SqliteLog(database, FIXED).usage().rooms, 2);
  },

  'removes everything from a database of one room, but its next generation'(database) {
    const aging = new Aging(database, {}, LATER);
    assert.ok(aging.log.removeAll());
    assert.is(aging.log.writtenAt, undefined);
    aging.write('a', { count: 20 });
    assert.is(aging.log.writtenAt, START);
    assert.ok(aging.log.removeAll());
    assert.equal([aging.log.writtenAt, aging.epochOf('a')], [undefined, 'E.1']);
    assert.not.match(allRows(database), /secret/);
    assert.equal(
      // The platform's own tables, and those of its local stand-in, begin with an underscore.
      database.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'"),
      [{ name: 'meta' }],
    );
    assert.is(new OpenedRoom(new SqliteLog(database, FIXED), 'a').room.epoch, 'E.1', 'also after a sleep');
    const back = aging.write('a', { at: LATER });
    assert.equal([back.room.epoch, back.room.head], ['E.1', 1]);
    assert.ok(aging.log.removeAll());
    assert.is(aging.epochOf('a'), 'E.2');
    aging.write('a');
    database.run("INSERT INTO sanctions (room, kind, who, by, at) VALUES (1, 'ban', 'w', 'm', 1)");
    assert.not(aging.log.removeAll(), 'a sanction must stay');
    assert.is(new OpenedRoom(aging.log, 'a').room.head, 1);
  },
};

/** The number of rows in a table, or of those that a condition selects. */
function count(database: Database, table: string): number {
  return Number(database.all(`SELECT count(*) AS count FROM ${table}`)[0]?.count);
}

/** The content of all tables. */
function allRows(database: Database): string {
  const tables = database.all(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
  );
  return JSON.stringify(tables.map(({ name }) => database.all(`SELECT * FROM "${name}"`)));
}
