/**
 * The test cases of a log in SQLite. `sqlite-log.test.ts` runs them on Node's SQLite, and `workers-log.test.ts` on a
 * Durable Object's own inside workerd; so nothing here may need Node.
 */
import * as assert from 'uvu/assert';
import type { Database } from '../../../src/relay/log/database.ts';
import { type ErasureJournal, type ErasureRecord, parseErasure } from '../../../src/relay/log/erasure-journal.ts';
import type { KnownKey, LogListener } from '../../../src/relay/log/log.ts';
import { eraseAgain } from '../../../src/relay/log/repeated-erasures.ts';
import { FORMAT } from '../../../src/relay/log/schema.ts';
import { SqliteLog } from '../../../src/relay/log/sqlite-log.ts';
import { CountingDatabase } from '../../support/counting-database.ts';
import { TestEdit, TestErasure, TestMessage } from '../../support/entries.ts';
import { oldPlaces, writeFormat1 } from '../../support/format-1.ts';
import { OPTIONS, OpenedRoom, range, seqs } from '../../support/opened-room.ts';
import { REMOVAL_CASES } from './removal-cases.ts';

class TestJournal implements ErasureJournal {
  records: ErasureRecord[] = [];
  #appended = 0;

  append(records: readonly ErasureRecord[]): void {
    this.records.push(...records);
    this.#appended = records.length;
  }

  undo(): void {
    this.records.splice(-this.#appended);
  }
}

/** A test case. It is called with an empty database. */
export type LogCase = (database: Database) => void;

export const CASES: Record<string, LogCase> = {
  ...REMOVAL_CASES,

  'passes appended entries to the listener once they are committed, in order, encoded'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    const first = new TestMessage({ id: 'a', user: '林', message: 'line\nfeed "quoted"' });
    lobby.room.append(first);
    lobby.room.append(new TestMessage({ id: 'b', user: '林', message: '\u2028', at: 8 }));
    assert.equal(lobby.entries, []);
    assert.is(lobby.room.head, 0);
    lobby.log.commit();
    assert.equal(lobby.held(), [
      { type: 'normal', seq: 1, id: 'a', from: 'f', user: '林', message: 'line\nfeed "quoted"', at: 7 },
      { type: 'normal', seq: 2, id: 'b', from: 'f', user: '林', message: '\u2028', at: 8 },
    ]);
    assert.is(lobby.room.head, 2);
    assert.is(first.seq, 1);
    assert.equal(lobby.room.after(0, 10), lobby.entries);
    assert.match(lobby.entries[0]?.payload ?? '', /^\{"seq":1,"type":"normal",/);
  },

  'drops the appended entry once the listener has been called'(database) {
    const log = new SqliteLog(database, OPTIONS);
    let stored: readonly { origin: unknown }[] = [];
    let origins: unknown[] = [];
    const room = log.open('lobby', {
      stored: entries => {
        stored = entries;
        origins = entries.map(({ origin }) => origin);
      },
      rewritten: () => {},
    });
    const message = new TestMessage();
    room.append(message);
    log.commit();
    assert.is(origins[0], message);
    assert.is(stored[0]?.origin, undefined);
  },

  'reads after and before any seq, across commits of any size'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    for (const size of [3, 1, 5, 1, 1, 9]) {
      lobby.say(size);
      lobby.log.commit();
    }
    for (let seq = 0; seq <= 21; seq++) {
      for (const limit of [1, 2, 4, 7, 20, 50]) {
        assert.equal(seqs(lobby.room.after(seq, limit)), range(seq + 1, Math.min(20, seq + limit)), `after ${seq}`);
        assert.equal(
          seqs(lobby.room.messagesBefore(seq, limit)),
          seq === 0 ? [] : range(Math.max(1, seq - limit), Math.min(20, seq - 1)),
          `before ${seq}`,
        );
      }
    }
  },

  'reads little more than is asked for, however large the commits were'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, { ...OPTIONS, history: 10_000 }));
    for (let index = 0; index < 3000; index++) {
      lobby.room.append(new TestMessage({ message: 'x'.repeat(index % 2 ? 4000 : 4) }));
    }
    lobby.log.commit();
    for (let seq = 0; seq < 3000; seq += 200) {
      counting.lengthRead = 0;
      assert.equal(seqs(lobby.room.after(seq, 200)), range(seq + 1, seq + 200));
      assert.ok(counting.lengthRead < 1_000_000, `${counting.lengthRead} read for a page of 400,000`);
      counting.lengthRead = 0;
      assert.equal(seqs(lobby.room.messagesBefore(seq + 200, 199)), range(seq + 1, seq + 199));
      assert.ok(counting.lengthRead < 1_000_000, `${counting.lengthRead}`);
    }
    counting.lengthRead = 0;
    assert.is(keysOf(lobby).length, 3000);
    assert.is(counting.lengthRead, 0, 'no text is read for the keys');
  },

  'knows the keys of all its entries'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    for (let index = 1; index <= 100; index++) lobby.say(1, { id: `id-${index}`, from: `from-${index % 3}` });
    lobby.log.commit();
    for (let index = 101; index <= 130; index++) lobby.post('x', { id: `id-${index}`, from: 'someone' });
    const keys = lobby.room.keysBefore(131, 1000).reverse();
    assert.equal(seqs(keys), range(1, 130));
    assert.equal(
      keys.map(({ key }) => key),
      [
        ...range(1, 100).map(index => `id-${index} from-${index % 3}`),
        ...range(101, 130).map(index => `id-${index} someone`),
      ],
    );
    assert.equal(seqs(lobby.room.keysBefore(51, 7)), range(44, 50).reverse(), 'from the middle of a row');
    assert.equal(seqs(lobby.room.keysBefore(113, 7)), range(106, 112).reverse(), 'from several rows');
    assert.equal(lobby.room.keysBefore(1, 7), []);
  },

  'reads few keys at once, however many there are'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, OPTIONS));
    for (let index = 1; index <= 300; index++) lobby.post('x', { id: `${index}` });
    const read: number[] = [];
    for (let before = 301; before > 1; ) {
      counting.rowsRead = 0;
      const keys = lobby.room.keysBefore(before, 10_000);
      assert.ok(counting.rowsRead <= 65, `${counting.rowsRead} rows`);
      read.push(...seqs(keys));
      before = read.at(-1) ?? 0;
    }
    assert.equal(read, range(1, 300).reverse());
  },

  'numbers each room on its own, and commits all rooms together'(database) {
    const counting = new CountingDatabase(database);
    const log = new SqliteLog(counting, OPTIONS);
    const [one, two] = [new OpenedRoom(log, 'one'), new OpenedRoom(log, 'two')];
    one.say(2);
    two.say(3);
    one.say(1);
    counting.transactions = 0;
    log.commit();
    assert.is(counting.transactions, 1);
    assert.equal(seqs(one.entries), [1, 2, 3]);
    assert.equal(seqs(two.entries), [1, 2, 3]);
    log.commit();
    assert.is(counting.transactions, 1, 'no commit without entries');
  },

  'reads no other room, whatever seq it is asked for'(database) {
    const log = new SqliteLog(database, OPTIONS);
    const rooms = ['one', 'two', 'three'].map(name => new OpenedRoom(log, name));
    for (const room of rooms) room.say(3);
    log.commit();
    const bounds = [-1, 0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 2, 2 ** 33, Number.MAX_SAFE_INTEGER];
    for (const { room } of rooms) {
      for (const seq of bounds) {
        assert.equal(seqs(room.messagesBefore(seq, 10)), seq < 2 ? [] : [1, 2, 3], `before ${seq}`);
        for (const selection of ['entries', 'messages'] as const) {
          const after = seqs(room.after(seq, 10, undefined, selection));
          assert.equal(after, seq < 1 ? [1, 2, 3] : seq === 1 ? [2, 3] : [], `${selection} after ${seq}`);
        }
        assert.equal(seqs(room.keysBefore(seq, 10)), seq < 2 ? [] : [3, 2, 1], `keys before ${seq}`);
      }
    }
    for (const of of bounds.filter(seq => seq < 1 || seq > 3)) {
      assert.is(rooms[1]?.edit(of, 'x').rejected, 'gone', `of ${of}`);
      assert.is(rooms[1]?.erase(of).rejected, 'gone', `of ${of}`);
    }
  },

  'reads one row for one entry, and none before the first seq'(database) {
    const counting = new CountingDatabase(database);
    const log = new SqliteLog(counting, OPTIONS);
    const [busy, quiet] = [new OpenedRoom(log, 'busy'), new OpenedRoom(log, 'quiet')];
    busy.say(64);
    log.commit();
    for (let index = 0; index < 50; index++) quiet.post('x'.repeat(1000));
    counting.rowsRead = 0;
    assert.equal(seqs(quiet.room.after(20, 1)), [21]);
    assert.is(counting.rowsRead, 1);
    for (const seq of [0, 1]) {
      counting.lengthRead = 0;
      assert.equal(quiet.room.messagesBefore(seq, 50), []);
      assert.is(counting.lengthRead, 0);
    }
  },

  'continues at the same seq after it is opened again'(database) {
    const before = new OpenedRoom(new SqliteLog(database, OPTIONS));
    before.say(3);
    before.log.commit();
    const after = new OpenedRoom(new SqliteLog(database, OPTIONS));
    assert.is(after.room.epoch, before.room.epoch);
    assert.is(after.room.head, 3);
    assert.is(after.room.oldest, 1);
    after.say(1);
    after.log.commit();
    assert.equal(seqs(after.room.after(0, 10)), [1, 2, 3, 4]);
  },

  'stores nothing for a room that was only visited'(database) {
    const visited = new OpenedRoom(new SqliteLog(database, OPTIONS), 'visited');
    assert.equal(visited.room.after(0, 10), []);
    assert.equal(visited.room.messagesBefore(1, 10), []);
    assert.equal(visited.room.keysBefore(10, 10), []);
    visited.log.commit();
    assert.equal(database.all('SELECT * FROM rooms'), []);
  },

  'keeps the configured number of messages, and knows the oldest'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 80 }));
    for (let index = 0; index < 100; index++) {
      lobby.say(3);
      lobby.log.commit();
      const held = seqs(lobby.room.after(0, 1000));
      if (index > 40) assert.ok(held.length >= 80 && held.length <= 92, `${held.length} held`);
      assert.is(held[0], lobby.room.oldest);
    }
    assert.is(lobby.room.missed(0, lobby.room.oldest), lobby.room.oldest - 1);
    assert.is(new OpenedRoom(lobby.log).room.oldest, lobby.room.oldest);
  },

  'keeps a commit larger than the history'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 10 }));
    lobby.say(5);
    lobby.log.commit();
    lobby.say(50);
    lobby.log.commit();
    assert.equal(seqs(lobby.room.after(0, 100)), range(6, 55));
  },

  'continues above a seqFloor after a stop that may have lost entries, and never below it'(database) {
    const first = new SqliteLog(database, OPTIONS);
    const [lobby] = [new OpenedRoom(first), new OpenedRoom(first, 'other')];
    lobby.say(3);
    first.commit();

    const second = new SqliteLog(database, { ...OPTIONS, interrupted: true });
    const back = new OpenedRoom(second);
    assert.is(back.room.epoch, lobby.room.epoch);
    assert.is(back.room.head, 3, 'the newest message is the same');
    assert.is(back.room.missed(3, 4), null, 'lost entries may have followed it, before a new message shows the jump');
    assert.is(back.room.missed(1, 2), 0, 'up to the newest entry that was kept, nothing is missing');
    back.say(2);
    second.commit();
    const [next = 0] = seqs(back.entries);
    assert.ok(next > 3 + 1000, `${next}`);
    assert.equal(seqs(back.room.after(0, 10)), [1, 2, 3, next, next + 1]);
    assert.is(back.room.missed(3, next), null, 'a client may have read the lost entries');
    assert.is(back.room.missed(1, 2), 0);
    assert.is(back.room.missed(next, next + 1), 0);

    const fresh = new OpenedRoom(second, 'made and lost, and made again');
    fresh.say(1);
    second.commit();
    assert.ok((seqs(fresh.entries)[0] ?? 0) > 1000, 'a room that was lost completely is above the seqFloor too');

    const third = new SqliteLog(database, { ...OPTIONS, interrupted: true });
    const again = new OpenedRoom(third);
    again.say(1);
    third.commit();
    assert.ok((seqs(again.entries)[0] ?? 0) > next + 1000);
  },

  'never has more than 1023 entries that a power cut could lose'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, OPTIONS));
    let atRisk = 0;
    for (const size of [1, 500, 522, 1, 1000, 3000, 10, 1013, 1]) {
      lobby.say(size);
      counting.durables = 0;
      lobby.log.commit();
      atRisk = counting.durables > 0 ? 0 : atRisk + size;
      assert.ok(atRisk < 1024, `${atRisk}`);
    }
  },

  'writes a commit of a busy room with one statement, and begins a sync for each 512 messages'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, { ...OPTIONS, history: 10_000 }));
    const syncs = counting.syncLater();
    lobby.say(32);
    lobby.log.commit();
    Object.assign(counting, { writes: 0, transactions: 0, durables: 0 });
    let begun = 0;
    for (let commit = 0; commit < 63; commit++) {
      lobby.say(32);
      lobby.log.commit();
      begun += syncs.length;
      for (const synced of syncs.splice(0)) synced();
    }
    // The room's own row is written once in 1,024 entries or 128 rows.
    assert.ok(counting.writes <= 63 + 2, `${counting.writes} statements`);
    assert.equal([counting.transactions + begun, begun, counting.durables], [63, 4, 0]);
  },

  'makes entries durable in time while it goes on, and waits for the disk if that takes too long'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, OPTIONS));
    const syncs = counting.syncLater();
    const commit = (size: number) => {
      counting.durables = 0;
      lobby.say(size);
      lobby.log.commit();
      return { waited: counting.durables > 0, syncing: syncs.length };
    };
    assert.equal(commit(511), { waited: false, syncing: 0 });
    assert.equal(commit(1), { waited: false, syncing: 1 });
    assert.equal(commit(400), { waited: false, syncing: 1 }, 'one at a time');
    syncs.pop()?.();
    assert.equal(commit(111), { waited: false, syncing: 0 }, 'only what was committed when it began is durable');
    assert.equal(commit(1), { waited: false, syncing: 1 });
    assert.equal(commit(512), { waited: true, syncing: 1 }, 'the disk is too slow');
    assert.equal(commit(600), { waited: false, syncing: 1 });
    syncs.pop()?.();
    assert.equal(commit(423), { waited: false, syncing: 1 }, 'an old sync makes nothing newer durable');
    assert.equal(commit(1), { waited: true, syncing: 1 }, 'a sync that has begun counts once it is done');
    assert.is(lobby.entries.length, 511 + 1 + 400 + 111 + 1 + 512 + 600 + 423 + 1);
  },

  'makes nothing durable by a transaction that failed'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, { ...OPTIONS, report: () => {} }));
    const syncs = counting.syncLater();
    counting.failAt = 'commit';
    lobby.say(600);
    lobby.log.commit();
    assert.is(syncs.length, 0);
    lobby.say(600);
    lobby.log.commit();
    assert.is(syncs.length, 1, 'the next one begins anew');
  },

  'records each erasure outside the database, within its transaction'(database) {
    const counting = new CountingDatabase(database);
    const journal = new TestJournal();
    const lobby = new OpenedRoom(new SqliteLog(counting, { ...OPTIONS, report: () => {}, journal }));
    const [one, two] = [lobby.post('one', { id: 'a' }), lobby.post('two', { id: 'b' })];
    lobby.erase([one, two, 99], { id: 'x', at: 70 });
    const erased = [
      [one, 'a f'],
      [two, 'b f'],
    ];
    assert.equal(journal.records, [{ room: 'lobby', at: 70, id: 'x', from: 'f', by: 'author', erased }]);
    assert.equal(parseErasure(JSON.stringify(journal.records[0])), journal.records[0]);
    lobby.erase(one);
    assert.is(journal.records.length, 1, 'nothing is left to erase');
    const three = lobby.post('three');
    counting.failAt = 'commit';
    assert.ok(lobby.erase(three).failed);
    assert.is(journal.records.length, 1, 'it was rolled back');
  },

  'erases in an older copy what was erased after it, and nothing else'(database) {
    const journal = new TestJournal();
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    lobby.post('kept', { id: 'a' });
    lobby.post('erased later', { id: 'b' });
    const edit = lobby.edit(2, 'edited, then erased', { id: 'e' });
    lobby.post('another message at the same seq', { id: 'c' });
    const record = { room: 'lobby', at: 70, id: 'x', from: 'f', by: 'moderator' } as const;
    journal.append([
      {
        ...record,
        erased: [
          [2, 'b f'],
          [4, 'lost f'],
        ],
      },
      { ...record, room: 'unknown', erased: [[1, 'a f']] },
      { ...record, id: 'y', erased: [[99, 'a f']] },
    ]);
    const log = new SqliteLog(database, { ...OPTIONS, restored: true });
    assert.ok(log.isCopy);
    assert.is(eraseAgain(log, journal.records, 71), 1);
    assert.ok(log.isCopy, 'until it is settled, since the relay may be killed before');
    log.settleCopy();
    assert.not(new SqliteLog(database, OPTIONS).isCopy);
    const copy = new OpenedRoom(log);
    assert.is(copy.outline(), 'normal 1, gone 2, gone 3, normal 4, erased 5');
    assert.is(edit.seq, 3);
    assert.equal(copy.held()[4], { seq: 5, type: 'erased', id: 'x', from: 'f', of: [2], at: 71, by: 'moderator' });
    assert.is(eraseAgain(log, journal.records, 72), 1, 'a second time it finds nothing to erase');
    assert.is(new OpenedRoom(log).room.head, 5);
  },

  'has another epoch if it is an old copy'(database) {
    const before = new OpenedRoom(new SqliteLog(database, OPTIONS)).room.epoch;
    const after = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, restored: true })).room.epoch;
    assert.is.not(after, before);
    assert.is(new OpenedRoom(new SqliteLog(database, OPTIONS)).room.epoch, after);
  },

  'identifies the epoch of the log and the generation of the room'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    const [epoch = '', generation] = lobby.room.epoch.split('.');
    assert.is(generation, '0');
    assert.ok(lobby.room.isEpoch(lobby.room.epoch));
    assert.ok(lobby.room.isEpoch(epoch), 'as relays of format 1 sent it');
    for (const other of [`${epoch}.1`, `${epoch}.`, `x${epoch}`, '', `x${epoch}.0`]) {
      assert.not(lobby.room.isEpoch(other), other);
    }
    lobby.post('x');
    database.run('UPDATE rooms SET generation = 3');
    const again = new OpenedRoom(new SqliteLog(database, OPTIONS));
    assert.is(again.room.epoch, `${epoch}.3`);
    assert.not(again.room.isEpoch(epoch));
    assert.is(new OpenedRoom(again.log, 'other').room.epoch, `${epoch}.0`);
  },

  'writes nothing on opening, and no tables before the first entry, if its epoch is fixed'(database) {
    const counting = new CountingDatabase(database);
    const options = { ...OPTIONS, epoch: 'fixed' };
    const lobby = new OpenedRoom(new SqliteLog(counting, options));
    assert.equal(lobby.room.after(0, 10), []);
    assert.is(lobby.room.epoch, 'fixed.0');
    assert.is(counting.writes, 0);
    assert.is(database.readFormat(), 0);
    lobby.post('x');
    assert.is(database.readFormat(), FORMAT);
    counting.writes = 0;
    const again = new OpenedRoom(new SqliteLog(counting, options));
    assert.is(again.room.epoch, 'fixed.0');
    assert.is(again.room.head, 1);
    assert.is(counting.writes, 0);
  },

  'keeps an epoch that was stored before it was fixed'(database) {
    const { epoch } = new OpenedRoom(new SqliteLog(database, OPTIONS)).room;
    assert.is(new OpenedRoom(new SqliteLog(database, { ...OPTIONS, epoch: 'fixed' })).room.epoch, epoch);
  },

  'passes no entry of a failed commit to the listener, reports the failure, and continues'(database) {
    const counting = new CountingDatabase(database);
    const errors: unknown[] = [];
    const log = new SqliteLog(counting, { ...OPTIONS, report: error => errors.push(error) });
    const [one, two] = [new OpenedRoom(log, 'one'), new OpenedRoom(log, 'two')];
    one.say(2);
    two.say(1);
    counting.failAt = 'COMMIT';
    log.commit();
    assert.ok(log.failing);
    assert.is(errors.length, 1);
    assert.equal([one.entries, two.entries], [[], []]);
    assert.equal(
      [...one.messages, ...two.messages].map(({ failed }) => failed),
      [true, true, true],
    );
    assert.is(one.room.head, 0);
    assert.equal(one.room.after(0, 10), []);
    one.say(1);
    log.commit();
    assert.not(log.failing);
    assert.equal(seqs(one.entries), [1]);
  },

  'calls the listener of every room, even if one of them throws'(database) {
    const errors: unknown[] = [];
    const log = new SqliteLog(database, { ...OPTIONS, report: error => errors.push(error) });
    const listener: LogListener = {
      stored() {
        throw new Error('a bug of ours');
      },
      rewritten() {},
    };
    const broken = log.open('broken', listener);
    const other = new OpenedRoom(log, 'other');
    for (let round = 1; round <= 2; round++) {
      broken.append(new TestMessage());
      other.say(1);
      log.commit();
      assert.is(other.entries.length, round);
      assert.is(broken.head, round);
      assert.is(errors.length, round);
    }
  },

  'an edit is an entry, and rewrites the message at its seq'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    const of = lobby.post('first', { id: 'm', user: '林' });
    lobby.post('between');
    const edit = lobby.edit(of, 'second', { id: 'e', at: 50 });
    assert.is(edit.seq, 3);
    assert.equal(lobby.held(), [
      { seq: 1, type: 'normal', id: 'm', from: 'f', user: '林', message: 'second', at: 7, edited: 50, rev: 3 },
      { seq: 2, type: 'normal', id: 'i', from: 'f', user: 'u', message: 'between', at: 7 },
      { seq: 3, type: 'edited', id: 'e', of: 1, from: 'f', user: '林', message: 'second', at: 7, edited: 50 },
    ]);
    assert.equal(seqs(lobby.changed), [1]);
    assert.equal(lobby.changed, lobby.room.after(0, 1), 'the listener gets the new content');
    assert.equal(lobby.entries.at(-1), lobby.room.after(2, 1)[0]);
    assert.equal(seqs(lobby.room.messagesBefore(10, 10)), [1, 2]);
    assert.equal(seqs(lobby.room.after(0, 10, 1e6, 'messages')), [1, 2]);
  },

  'a text is stored in the message and in its newest edit only'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    const of = lobby.post('first');
    lobby.edit(of, 'second', { id: 'a' });
    lobby.changed.length = 0;
    lobby.edit(of, 'third', { id: 'b' });
    assert.is(lobby.outline(), 'normal 1, gone 2, edited 3');
    assert.equal(lobby.held()[1], { seq: 2, type: 'gone' });
    assert.equal(seqs(lobby.changed), [1, 2]);
    const text = JSON.stringify(database.all('SELECT payloads FROM entries'));
    assert.not.match(text, /first|second/);
    assert.is(text.split('third').length, 3);
    assert.equal(
      keysOf(lobby).map(({ key }) => key),
      ['i f', 'a f', 'b f'],
      'keys stay',
    );
  },

  'an erasure is an entry, and leaves only the keys of the message and its edits'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    const of = lobby.post('secret 1', { id: 'm' });
    lobby.post('stays');
    lobby.edit(of, 'secret 2', { id: 'a' });
    lobby.changed.length = 0;
    assert.is(lobby.erase(of, { id: 'x', from: 'g', at: 60 }).seq, 4);
    assert.is(lobby.outline(), 'gone 1, normal 2, gone 3, erased 4');
    assert.equal(lobby.held()[3], { seq: 4, type: 'erased', id: 'x', from: 'g', of: 1, at: 60, by: 'author' });
    assert.equal(seqs(lobby.changed), [1, 3]);
    assert.not.match(JSON.stringify(database.all('SELECT * FROM entries')), /secret/);
    assert.equal(database.all('SELECT * FROM edits'), []);
    assert.equal(
      keysOf(lobby).map(({ key }) => key),
      ['m f', 'i f', 'a f', 'x g'],
    );
    assert.is(lobby.edit(of, 'again').rejected, 'gone');
    assert.is(lobby.erase(of).rejected, 'gone');
    assert.is(lobby.room.head, 4, 'a rejected entry gets no seq');
  },

  'only a message that is in the log can be changed'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 8 }));
    for (let index = 0; index < 20; index++) lobby.post(`m${index}`);
    const { oldest } = lobby.room;
    assert.ok(oldest > 2);
    const edited = lobby.edit(oldest + 1, 'new');
    for (const of of [oldest - 1, 1, 0, -1, 1.5, edited.seq, edited.seq + 1, 10_000]) {
      assert.is(lobby.edit(of, 'new').rejected, 'gone', `${of}`);
      assert.is(lobby.erase(of).rejected, 'gone', `${of}`);
    }
    assert.is(lobby.erase([1, 2]).rejected, 'gone');
    assert.is(lobby.erase([]).rejected, 'gone');
  },

  'an erasure of a list erases the messages that are in the log, and rejects more than 200'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    lobby.say(250);
    lobby.log.commit();
    lobby.erase(3);
    const erasure = lobby.erase([2, 3, 4, 4, 999, 100]);
    assert.is(erasure.seq, 252);
    assert.equal(lobby.held().at(-1)?.of, [2, 4, 100]);
    assert.equal(
      lobby.room.after(0, 300).flatMap(({ seq, type }) => (type === 'gone' ? [seq] : [])),
      [2, 3, 4, 100],
    );
    assert.is(lobby.erase(range(1, 201)).rejected, 'too-many');
    assert.is(lobby.erase(range(1, 200)).rejected, undefined);
    assert.is(lobby.room.after(0, 1000, Number.POSITIVE_INFINITY, 'messages').length, 50);
  },

  'a message is edited at most ten times'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    const of = lobby.post('0');
    const edits = range(1, 12).map(index => lobby.edit(of, `${index}`, { id: `e${index}` }));
    assert.equal(
      edits.map(({ rejected }) => rejected),
      [...range(1, 10).map(() => undefined), 'too-many', 'too-many'],
    );
    assert.is(lobby.room.head, 11);
    assert.is(lobby.held()[0]?.message, '10');
    assert.is(lobby.erase(of).rejected, undefined, 'it can still be erased');
  },

  'changes of one commit are applied in order'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    const of = lobby.post('text 0');
    const [a, b] = [new TestEdit(of, 'text 1', { id: 'a' }), new TestEdit(of, 'text 2', { id: 'b' })];
    lobby.entries.length = 0;
    lobby.room.append(a);
    lobby.room.append(new TestMessage({ message: 'between' }));
    lobby.room.append(b);
    lobby.room.append(new TestErasure(of, { id: 'x' }));
    lobby.room.append(new TestEdit(of, 'text 3', { id: 'c' }));
    lobby.log.commit();
    assert.is(lobby.outline(), 'gone 1, gone 2, normal 3, gone 4, erased 5');
    assert.equal(
      lobby.entries.map(({ seq, type }) => `${type} ${seq}`).join(', '),
      'gone 2, normal 3, gone 4, erased 5',
      'the listener gets no text that is already erased',
    );
    assert.equal([a.seq, b.seq], [2, 4]);
    assert.equal(seqs(lobby.changed), [1]);
    assert.not.match(JSON.stringify(database.all('SELECT payloads FROM entries')), /text/);
  },

  'a failed commit changes nothing'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, { ...OPTIONS, report: () => {} }));
    const of = lobby.post('first');
    counting.failAt = 'COMMIT';
    const edit = lobby.edit(of, 'second');
    assert.ok(edit.failed);
    assert.equal(lobby.changed, []);
    assert.is(lobby.held()[0]?.message, 'first');
    assert.is(lobby.edit(of, 'third').seq, 2);
    assert.is(lobby.held()[0]?.message, 'third');
  },

  'trimming a message removes its text from its newest edit too'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 16 }));
    const of = lobby.post('secret 0');
    for (let index = 0; index < 14; index++) lobby.post(`m${index}`);
    lobby.edit(of, 'secret 1', { id: 'a' });
    const { seq } = lobby.edit(of, 'secret 2', { id: 'b' });
    lobby.changed.length = 0;
    for (let index = 0; lobby.room.oldest <= of; index++) lobby.post(`m${index}`);
    assert.ok(lobby.room.oldest <= seq, 'the edit is in the log');
    assert.equal(
      lobby.changed.map(({ seq, type }) => `${type} ${seq}`),
      [`gone ${seq}`],
    );
    assert.not.match(JSON.stringify(database.all('SELECT payloads FROM entries')), /secret/);
    assert.equal(database.all('SELECT * FROM edits'), []);
  },

  'counts messages against the history, and keeps at most four times as many entries'(database) {
    const history = 64;
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history }));
    lobby.say(20);
    lobby.log.commit();
    for (let round = 0; round < 60; round++) {
      const of = lobby.post('text');
      for (let index = 0; index < 10; index++) lobby.edit(of, `${index}`, { id: `e${index}` });
      const held = lobby.room.after(0, 10_000);
      const messages = held.filter(({ type }) => type === 'normal').length;
      assert.ok(held.length <= 4 * history, `${held.length} entries`);
      assert.equal(seqs(held), range(lobby.room.oldest, lobby.room.head), 'no seq is missing');
      const [row] = database.all('SELECT entries, messages, counted FROM rooms');
      assert.equal([row?.entries, row?.messages], [held.length, messages]);
    }
    const other = new OpenedRoom(lobby.log, 'other');
    for (let index = 0; index < 200; index++) {
      const of = other.post('x');
      if (index % 2) other.erase(of);
    }
    const messages = other.room.after(0, 1000, Number.POSITIVE_INFINITY, 'messages').length;
    assert.ok(messages >= history && messages <= history + history / 8, `${messages} messages`);
  },

  'counts the entries of a room without reading all of them, and stores when it was touched'(database) {
    const counting = new CountingDatabase(database);
    const first = new OpenedRoom(new SqliteLog(counting, { ...OPTIONS, history: 10_000 }));
    let at = 1000;
    for (let index = 0; index < 500; index++) {
      at += 1000;
      first.post('林'.repeat(index % 40), { at });
    }
    const { room: again, log } = new OpenedRoom(new SqliteLog(counting, { ...OPTIONS, history: 10_000 }));
    counting.rowsRead = 0;
    again.append(new TestMessage({ at: at + 600_000 }));
    log.commit();
    assert.ok(counting.rowsRead < 20, `${counting.rowsRead} rows read by the first message`);
    const [row] = database.all('SELECT entries, messages, bytes, counted, touched_at FROM rooms');
    const [held] = database.all('SELECT sum(length(CAST(payloads AS BLOB))) AS bytes FROM entries');
    assert.equal(row, { entries: 501, messages: 501, bytes: held?.bytes, counted: 501, touched_at: at + 600_000 });
  },

  'has always counted all but the newest 127 rows of a room, and writes its own row seldom'(database) {
    const counting = new CountingDatabase(database);
    const log = new SqliteLog(counting, { ...OPTIONS, history: 10_000 });
    let room = log.open('lobby', { stored() {}, rewritten() {} });
    const commit = (count: number) => {
      for (let copy = 0; copy < count; copy++) room.append(new TestMessage());
      counting.writes = 0;
      log.commit();
      const [row] = database.all(`SELECT count(*) AS rows FROM entries WHERE
        id & 4294967295 > (SELECT counted FROM rooms)`);
      assert.ok(Number(row?.rows) < 128, `${row?.rows} rows`);
      return counting.writes;
    };
    for (const [size, commits] of [
      [1, 300],
      [32, 100],
      [500, 3],
      [1, 300],
    ] as const) {
      let writes = 0;
      for (let index = 0; index < commits; index++) writes += commit(size);
      const rows = commits * Math.ceil(size / 64);
      assert.ok(writes - rows <= 2 + Math.max(rows / 128, (commits * size) / 1024), `${writes} for ${rows} rows`);
      // The next commits continue to count from what the room's row says.
      room = log.open('lobby', { stored() {}, rewritten() {} });
    }
  },

  'trims a bounded number of rows in one commit, and the rest in the next ones'(database) {
    const full = new OpenedRoom(new SqliteLog(database, OPTIONS));
    for (let index = 0; index < 1000; index++) full.post('x');
    const small = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 10 }));
    const held: number[] = [];
    for (let index = 0; index < 5; index++) {
      small.post('y');
      held.push(small.room.head - small.room.oldest + 1);
    }
    assert.equal(held, [745, 490, 235, 10, 11]);
    small.say(300);
    small.log.commit();
    assert.is(small.room.head - small.room.oldest + 1, 300 % 64, 'more rows for a larger commit');
  },

  'counts bytes correctly through edits, erasures and trimming'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 40 }));
    for (let index = 0; index < 150; index++) {
      const of = lobby.post('語'.repeat(index % 7), { at: index });
      if (index % 3 === 0) lobby.edit(of, 'longer than before', { id: `e${index}`, at: index });
      if (index % 4 === 0) lobby.erase(of, { id: `x${index}`, at: index });
    }
    const last = lobby.erase(lobby.post('x')).seq;
    const [row] = database.all('SELECT bytes, counted FROM rooms');
    const [held] = database.all('SELECT sum(length(CAST(payloads AS BLOB))) AS bytes FROM entries');
    assert.is(row?.counted, last);
    assert.is(row?.bytes, held?.bytes);
  },

  'stores who has sent messages, and when first and last'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, OPTIONS));
    const day = 24 * 60 * 60_000;
    const rows = () => database.all('SELECT who, first, last FROM speakers ORDER BY who');
    lobby.post('1', { from: 'ann', at: 1000, keyed: true });
    lobby.post('2', { from: 'bob', at: 1001, keyed: false });
    counting.writes = 0;
    lobby.post('3', { from: 'ann', at: 2000, keyed: true });
    assert.is(counting.writes, 1, 'only the message');
    assert.equal(rows(), [{ who: 'ann', first: 1000, last: 1000 }]);
    lobby.post('4', { from: 'ann', at: 1000 + day, keyed: true });
    assert.equal(rows(), [{ who: 'ann', first: 1000, last: 1000 + day }]);
    const again = new OpenedRoom(new SqliteLog(database, OPTIONS));
    again.post('5', { from: 'ann', at: 2000 + day, keyed: true });
    again.post('6', { from: 'cid', at: 3000, keyed: true });
    assert.equal(rows(), [
      { who: 'ann', first: 1000, last: 1000 + day },
      { who: 'cid', first: 3000, last: 3000 },
    ]);
    assert.is(database.all('SELECT speakers FROM rooms')[0]?.speakers, 2);
  },

  'does not store a speaker of a failed commit'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, { ...OPTIONS, report: () => {} }));
    lobby.post('0');
    counting.failAt = 'COMMIT';
    lobby.post('1', { from: 'ann', at: 1000, keyed: true });
    assert.equal(database.all('SELECT who FROM speakers'), []);
    lobby.post('2', { from: 'ann', at: 2000, keyed: true });
    assert.equal(database.all('SELECT who, first FROM speakers'), [{ who: 'ann', first: 2000 }]);
  },

  'stores at most 20,000 speakers, and drops none that is sanctioned'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    lobby.post('x', { from: 'oldest', at: 1, keyed: true });
    lobby.post('x', { from: 'banned', at: 2, keyed: true });
    const room = Number(database.all('SELECT id FROM rooms')[0]?.id);
    database.run("INSERT INTO sanctions (room, kind, who, by, at) VALUES (?, 'ban', 'banned', 'mod', 3)", room);
    database.transaction(() => {
      for (let index = 3; index <= 20_000; index++) {
        database.run('INSERT INTO speakers VALUES (?, ?, ?, ?)', room, `s${index}`, index, index);
      }
      database.run('UPDATE rooms SET speakers = 20000');
    });
    lobby.post('x', { from: 'newest', at: 30_000, keyed: true });
    const left = database.all('SELECT who FROM speakers').map(({ who }) => who);
    assert.is(left.length, 18_001);
    assert.is(database.all('SELECT speakers FROM rooms')[0]?.speakers, left.length);
    assert.ok(left.includes('newest') && left.includes('banned'));
    assert.not(left.includes('oldest') || left.includes('s2001'));
    assert.ok(left.includes('s2003'));
    lobby.post('x', { from: 'newest', at: 31_000, keyed: true });
    database.transaction(() => {
      database.run("DELETE FROM speakers WHERE who = 'newest'");
      database.run('UPDATE rooms SET speakers = 20000');
    });
    lobby.post('x', { from: 'another', at: 32_000, keyed: true });
    lobby.post('x', { from: 'newest', at: 33_000, keyed: true });
    const first = database.all("SELECT first FROM speakers WHERE who = 'newest'")[0]?.first;
    assert.is(first, 33_000, 'written again after it was removed, although it was in memory before');
  },

  'makes an erasure durable at once: a power cut must not bring the text back'(database) {
    const counting = new CountingDatabase(database);
    const lobby = new OpenedRoom(new SqliteLog(counting, OPTIONS));
    const of = lobby.post('x');
    counting.durables = 0;
    lobby.edit(of, 'y');
    assert.is(counting.durables, 0);
    lobby.erase(of);
    assert.is(counting.durables, 1);
  },

  'migrates a database of format 1: the same epoch, seqs, texts and keys'(database) {
    const seqFloor = 2000;
    writeFormat1(database, {
      epoch: 'old',
      rooms: new Map([
        ['lobby', 20],
        ['other', 5],
      ]),
      seqFloor,
    });
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    const { log, room } = lobby;
    assert.is(database.readFormat(), FORMAT);
    assert.is(room.epoch, 'old.0');
    assert.ok(room.isEpoch('old'));
    const expected = oldPlaces(20, seqFloor);
    assert.is(room.head, expected.at(-1));
    assert.is(room.oldest, 1);
    assert.equal(seqs(room.after(0, 100)), expected);
    for (const limit of [1, 4, 7]) {
      for (const seq of expected) {
        assert.equal(seqs(room.after(seq, limit)), expected.filter(old => old > seq).slice(0, limit));
        assert.equal(seqs(room.messagesBefore(seq, limit)), expected.filter(old => old < seq).slice(-limit));
      }
    }
    assert.equal(
      keysOf(lobby),
      expected.map(seq => ({ seq, key: `id-${seq} f` })),
    );
    assert.is(room.missed(10, seqFloor + 1), null);
    const other = new OpenedRoom(log, 'other');
    assert.equal(seqs(other.room.after(0, 100)), oldPlaces(5, seqFloor));
    assert.equal(
      database.all('SELECT touched_at FROM rooms').map(row => row.touched_at),
      [OPTIONS.now, OPTIONS.now],
      'rooms count as touched now, so that none is removed as abandoned',
    );
  },

  'migrates a database of format 1 whose relay was killed before it had created its tables'(database) {
    database.transaction(() => database.writeFormat(1));
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    assert.is(lobby.post('first'), 1);
    assert.is(database.readFormat(), FORMAT);
  },

  'edits and erases in rows of format 1, and continues after them'(database) {
    writeFormat1(database, { epoch: 'old', rooms: new Map([['lobby', 12]]) });
    const lobby = new OpenedRoom(new SqliteLog(database, OPTIONS));
    assert.is(lobby.post('new'), 13);
    assert.is(lobby.edit(5, 'changed', { id: 'e', at: 77 }).seq, 14);
    assert.is(lobby.erase([1, 8]).seq, 15);
    assert.is(
      lobby.outline(),
      'gone 1, normal 2, normal 3, normal 4, normal 5, normal 6, normal 7, gone 8, ' +
        'normal 9, normal 10, normal 11, normal 12, normal 13, edited 14, erased 15',
    );
    assert.equal(lobby.held()[4], {
      ...{ seq: 5, type: 'normal', id: 'id-5', from: 'f', user: 'u' },
      ...{ message: 'changed', at: 1005, edited: 77, rev: 14 },
    });
    const text = JSON.stringify([database.all('SELECT * FROM batches'), database.all('SELECT * FROM entries')]);
    assert.not.match(text, /message 1"|message 5|message 8/);
    assert.equal(seqs(keysOf(lobby)), range(1, 15));
    assert.equal(seqs(lobby.room.messagesBefore(9, 3)), [5, 6, 7]);
    const again = new OpenedRoom(new SqliteLog(database, OPTIONS));
    assert.equal(again.held(), lobby.held());
    assert.is(again.room.head, 15);
    assert.is(again.edit(5, 'once more', { id: 'f' }).seq, 16);
    const [row] = database.all('SELECT entries, messages FROM rooms');
    assert.equal(row, { entries: 16, messages: 11 });
  },

  'trims rows of format 1 first'(database) {
    writeFormat1(database, { epoch: 'old', rooms: new Map([['lobby', 30]]) });
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 20 }));
    lobby.edit(20, 'changed');
    for (let index = 0; index < 12; index++) lobby.post(`m${index}`);
    assert.equal(seqs(lobby.room.after(0, 100)), range(lobby.room.oldest, 43));
    const held = lobby.room.after(0, 100, Number.POSITIVE_INFINITY, 'messages').length;
    assert.ok(held >= 20 && held <= 22, `${held}`);
    for (let index = 0; index < 30; index++) lobby.post(`n${index}`);
    assert.equal(database.all('SELECT * FROM batches'), []);
    assert.equal(database.all('SELECT * FROM edits'), []);
  },

  'counts a room of format 1 in parts, and trims it once that is done'(database) {
    writeFormat1(database, { epoch: 'old', rooms: new Map([['lobby', 4000]]), text: () => '林' });
    const options = { ...OPTIONS, history: 2000 };
    let lobby = new OpenedRoom(new SqliteLog(database, options));
    const counted: unknown[] = [];
    for (let index = 0; index < 12; index++) {
      lobby.post('new');
      // Rows of three messages.
      const [row] = database.all('SELECT entries, counted FROM rooms');
      if (counted.length < 2) assert.is(row?.entries, row?.counted);
      counted.push(row?.counted);
      if (index % 2) lobby = new OpenedRoom(new SqliteLog(database, options));
    }
    assert.equal(counted.slice(0, 3), [1536, 3072, 4003]);
    assert.is(lobby.room.head, 4012);
    const held = lobby.room.after(0, 10_000);
    assert.equal(seqs(held), range(lobby.room.oldest, 4012));
    assert.ok(held.length >= 2000 && held.length <= 2250, `${held.length} held`);
    lobby.edit(4000, 'changed');
    const [row] = database.all('SELECT entries, messages, bytes FROM rooms');
    const [bytes] = database.all(`SELECT
      (SELECT sum(length(CAST(payloads AS BLOB))) FROM entries) +
      (SELECT sum(length(CAST(payloads AS BLOB))) FROM batches) AS sum`);
    assert.equal(row, { entries: held.length + 1, messages: held.length, bytes: bytes?.sum });
  },

  'edits a room of format 1 before all of it is counted'(database) {
    writeFormat1(database, { epoch: 'old', rooms: new Map([['lobby', 4000]]) });
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 10_000 }));
    lobby.post('new');
    lobby.erase(3999);
    const [row] = database.all('SELECT entries, messages, counted FROM rooms');
    assert.equal(row, { entries: 4002, messages: 4000, counted: 4002 });
  },

  'keeps no text that was edited, erased or trimmed in any row of any table'(database) {
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 300 }));
    for (let posted = 0; posted < 500; posted += 50) {
      const messages = range(posted, posted + 49).map(id => new TestMessage({ id: `${id}`, message: `secret ${id}` }));
      for (const message of messages) lobby.room.append(message);
      lobby.log.commit();
      editTwice(lobby, seqs(messages));
    }
    assert.match(allRows(database), /secret/);
    eraseAll(lobby);
    assert.not.match(allRows(database), /secret/);
  },

  'keeps no such text of a database of format 1 either'(database) {
    const text = (_: string, seq: number) => `secret ${seq}`;
    writeFormat1(database, { epoch: 'old', rooms: new Map([['lobby', 500]]), text });
    const lobby = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 300 }));
    editTwice(lobby, seqs(lobby.room.after(0, 200)));
    assert.match(allRows(database), /secret/);
    eraseAll(lobby);
    assert.not.match(allRows(database), /secret/);
  },

  'refuses a format that it does not know, in one line'(database) {
    writeFormat1(database, { epoch: 'old', rooms: new Map([['lobby', 1]]) });
    database.transaction(() => database.writeFormat(FORMAT + 1));
    assert.throws(() => new SqliteLog(database, OPTIONS), /^has format 3, this relay knows 2$/);
    assert.is(database.readFormat(), FORMAT + 1);
  },
};

/** The keys of all entries, oldest first. */
function keysOf({ room }: OpenedRoom): KnownKey[] {
  const found: KnownKey[] = [];
  for (let before = room.head + 1; ; ) {
    const keys = room.keysBefore(before, 10_000);
    const oldest = keys.at(-1);
    if (!oldest) return found.reverse();
    found.push(...keys);
    before = oldest.seq;
  }
}

function editTwice(lobby: OpenedRoom, targets: readonly number[]): void {
  for (const round of ['first', 'second']) {
    for (const seq of targets) lobby.room.append(new TestEdit(seq, `secret ${round}`, { id: `${round}-${seq}` }));
    lobby.log.commit();
  }
}

function eraseAll(lobby: OpenedRoom): void {
  for (;;) {
    const held = seqs(lobby.room.after(0, 200, Number.POSITIVE_INFINITY, 'messages'));
    if (held.length === 0) return;
    lobby.erase(held);
  }
}

/** The content of all tables. */
function allRows(database: Database): string {
  const tables = database.all(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
  );
  return JSON.stringify(tables.map(({ name }) => database.all(`SELECT * FROM "${name}"`)));
}
