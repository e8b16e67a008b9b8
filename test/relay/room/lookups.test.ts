/** Retries in a large room: its keys are read a few at a time, once for all, and the order of messages is kept. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../../src/relay/log/database.ts';
import { keyOf } from '../../../src/relay/log/entry.ts';
import type { Log } from '../../../src/relay/log/log.ts';
import { SqliteLog } from '../../../src/relay/log/sqlite-log.ts';
import { Dedup } from '../../../src/relay/room/dedup.ts';
import { DIALECTS } from '../../../src/relay/room/dialect.ts';
import { KeyBudget, KeyIndex } from '../../../src/relay/room/key-index.ts';
import { Lookups, MAX_WAITING_PER_READER, type Settled } from '../../../src/relay/room/lookups.ts';
import type { PendingMessage } from '../../../src/relay/room/pending-message.ts';
import { Reader } from '../../../src/relay/room/reader.ts';
import { RetryWindow } from '../../../src/relay/room/retry-window.ts';
import { SendBudget } from '../../../src/relay/room/send-budget.ts';
import { SliceQueue } from '../../../src/relay/slice-queue.ts';
import { CountingLog } from '../../support/counting-log.ts';
import { TestMessage } from '../../support/entries.ts';
import { writeFormat1 } from '../../support/format-1.ts';
import { HandScheduler } from '../../support/hand-scheduler.ts';
import { memoryDatabase } from '../../support/memory-database.ts';
import { OPTIONS, OpenedRoom, range } from '../../support/opened-room.ts';
import { type FakeClient, FakeSocket, memoryLog, Rig, type RigOptions, UNLIMITED } from '../../support/rig.ts';

/** Each in a row of its own, as in a quiet room. */
const HELD = 700;
/** The most keys read in a turn: the slices of 2 ms, and one more, of 64 rows each. */
const KEYS_PER_TURN = 3 * 64;

const lookups = suite('lookups');

const say = (id: string, more: object = {}) => ({ type: 'normal', id, message: id, ...more });
const again = (id: string) => say(id, { again: true });

/** Stores messages with the ids `old-1`, `old-2` and so on. */
function fillLog(log: Log, count: number, room = 'lobby'): void {
  const opened = log.open(room, { stored() {}, rewritten() {} });
  for (let index = 1; index <= count; index++) {
    opened.append(new TestMessage({ id: `old-${index}`, from: 'someone' }));
    log.commit();
  }
}

function crowd(options: RigOptions = {}) {
  const scheduler = new HandScheduler();
  const log = new CountingLog(memoryLog());
  fillLog(log, HELD);
  const rig = new Rig({ log, readScheduler: scheduler, ...options });
  const join = (user: string): FakeClient => {
    const client = rig.connect();
    client.hello(user, { key: `${user}-0123456789abcdef` });
    scheduler.finish();
    rig.clock.wind(1000);
    client.read();
    return client;
  };
  const clients = ['a', 'b', 'c'].map(join);
  const finish = () => {
    do {
      scheduler.finish();
      rig.turn();
    } while (scheduler.waiting > 0);
  };
  log.reset();
  return { scheduler, log, rig, join, clients, finish };
}

lookups('of a new message read the keys of the room in slices, and other frames are handled in between', () => {
  const { scheduler, log, rig, clients, finish } = crowd();
  const [a, b] = clients;
  a?.send(again('new'));
  for (let turns = 0; log.keys < HELD; turns++) {
    const before = log.keys;
    b?.send(say(`between-${turns}`));
    rig.turn();
    assert.equal(b?.said(), [`between-${turns}`], 'others do not wait');
    scheduler.turn();
    assert.ok(log.keys - before <= KEYS_PER_TURN, `${log.keys - before} keys in a turn`);
  }
  finish();
  assert.is(a?.said().at(-1), 'new');
  assert.is(log.keys, HELD);
  log.reset();
  for (const id of ['other', 'third', 'fourth']) a?.send(again(id));
  finish();
  assert.equal(a?.said(), ['other', 'third', 'fourth']);
  assert.is(log.keys, 0, 'every key is indexed now');
});

lookups('find a message that was stored just before at once, however many there are', () => {
  const { log, rig, clients } = crowd();
  const [a] = clients;
  a?.send(say('mine'));
  rig.turn();
  a?.read();
  a?.send(again('mine'));
  assert.equal(a?.said(), ['mine']);
  assert.ok(log.keys <= 65, `${log.keys}`);
});

lookups('of many clients share what is read', () => {
  const { log, join, finish } = crowd();
  const many = range(1, 30).map(index => join(`u${index}`));
  log.reset();
  for (const [index, client] of many.entries()) client.send(again(`new-${index}`));
  finish();
  assert.is(log.keys, HELD);
  assert.is(many[0]?.said().length, 30, 'all are stored');
});

lookups('keep the order of the messages of a client', () => {
  const { log, rig, clients, finish } = crowd();
  const [a, b] = clients;
  a?.send(say('0'));
  a?.send(again('1'));
  a?.send(say('2'));
  a?.send({ type: 'rename', user: 'renamed' });
  a?.send(again('3'));
  a?.send(say('4'));
  b?.send(say('other'));
  rig.turn();
  assert.equal(b?.said(), ['0', 'other'], 'the messages after the retry wait with it');
  finish();
  const frames = a?.readOf('normal') ?? [];
  assert.equal(
    frames.map(({ message }) => message),
    ['0', 'other', '1', '2', '3', '4'],
  );
  assert.equal(
    frames.map(({ user }) => user),
    ['a', 'b', 'a', 'a', 'renamed', 'renamed'],
    'each with the name from when it was sent',
  );
  assert.is(log.keys, HELD);
});

lookups('store a message once, whatever copies of it come while it is looked for', () => {
  const { scheduler, rig, join, clients, finish } = crowd();
  const [a] = clients;
  const second = join('a');
  a?.send(again('m'));
  second.send(again('m'));
  scheduler.turn();
  second.send(say('m'));
  second.send(again('m'));
  rig.turn();
  finish();
  assert.is(rig.history('lobby', undefined, 1).head, HELD + 1);
  // Not the first copy any more, but one on an older connection.
  a?.send(say('m'));
  finish();
  assert.is(rig.history('lobby', undefined, 1).head, HELD + 1);
  assert.equal(a?.said(), ['m', 'm'], 'the delivered message, and the acknowledgement of the late copy');
});

lookups('store the message of a client that has left meanwhile', () => {
  const { rig, clients, finish } = crowd();
  const [a, b] = clients;
  a?.send(again('last'));
  a?.send({ type: 'rename', user: 'z' });
  a?.send(say('more'));
  a?.gone();
  finish();
  const frames = b?.readOf('normal') ?? [];
  assert.equal(
    frames.map(({ message, user }) => `${user}: ${message}`),
    ['a: last', 'z: more'],
  );
  assert.is(rig.faults.length, 0);
});

lookups('keep their room in memory when everyone has left, until they are done', () => {
  const { rig, clients, finish } = crowd();
  clients[0]?.send(again('last'));
  for (const client of clients) client.gone();
  rig.clock.wind(60_000);
  rig.relay.sweep();
  assert.is(rig.relay.rooms, 1);
  finish();
  assert.is(rig.history('lobby', undefined, 1).head, HELD + 1);
  rig.relay.sweep();
  assert.is(rig.relay.rooms, 0);
});

lookups('keep what they have read while they wait, however long that is', () => {
  const { log, rig, clients, finish } = crowd();
  const [a] = clients;
  a?.send(again('1'));
  rig.clock.wind(3_600_000);
  rig.relay.sweep();
  finish();
  a?.send(again('2'));
  finish();
  assert.equal(a?.said(), ['1', '2']);
  assert.is(log.keys, HELD);
});

lookups('of too many messages at once are refused until later', () => {
  const { clients, finish } = crowd();
  const [a] = clients;
  for (let index = 0; index <= MAX_WAITING_PER_READER; index++) a?.send(again(`${index}`));
  assert.equal(a?.readOf('refused'), [
    { type: 'refused', code: 'unavailable', of: 'normal', id: `${MAX_WAITING_PER_READER}`, retryMs: 1000 },
  ]);
  finish();
  assert.is(a?.said().length, MAX_WAITING_PER_READER);
  a?.send(again(`${MAX_WAITING_PER_READER}`));
  finish();
  assert.is(a?.said().length, 1);
});

lookups('are not needed for a client without a key, which cannot have sent anything before it came', () => {
  const { log, rig, finish } = crowd();
  const stranger = rig.connect();
  stranger.hello('s');
  finish();
  stranger.send(say('1'));
  finish();
  stranger.read();
  log.reset();
  stranger.send(again('new'));
  rig.turn();
  assert.equal(stranger.said(), ['new']);
  stranger.send(again('1'));
  assert.equal(stranger.said(), ['1']);
  assert.ok(log.keys <= 4, `${log.keys}`);
  const woken = new Rig({ log });
  const restored = woken.restore(stranger);
  log.reset();
  restored.send(again('third'));
  woken.turn();
  assert.equal(restored.said(), ['third']);
  assert.ok(log.keys <= 4, `${log.keys} after a sleep`);
});

lookups('answer a known message over the rate, and refuse a new one', () => {
  const { clients, finish } = crowd({ rate: 5, burst: 3 });
  const [a] = clients;
  a?.send(say('known'));
  finish();
  a?.read();
  for (const id of ['1', '2', 'over', 'known']) a?.send(again(id));
  finish();
  const answers = (a?.read() ?? []).flatMap(frame => {
    if (frame.type === 'refused') return [`${frame.code} ${frame.id}`];
    return frame.type === 'normal' ? [frame.message] : [];
  });
  assert.equal(answers.sort(), ['1', '2', 'known', 'too-fast over']);
});

lookups('that fail are refused until later, and the next one succeeds', () => {
  const broken = { now: false };
  const inner = memoryLog();
  fillLog(inner, 300);
  const log: Log = {
    open(room, listener) {
      const opened = inner.open(room, listener);
      const { keysBefore } = opened;
      opened.keysBefore = (...args) => {
        if (broken.now) throw new Error('the disk fails');
        return keysBefore.apply(opened, args);
      };
      return opened;
    },
    commit: () => inner.commit(),
  };
  const scheduler = new HandScheduler();
  const rig = new Rig({ log, readScheduler: scheduler });
  const a = rig.join('a');
  scheduler.finish();
  a.send(again('1'));
  a.send(say('2'));
  broken.now = true;
  scheduler.finish();
  assert.equal(
    a.readOf('refused').map(({ code, id, retryMs }) => `${code} ${id} ${retryMs}`),
    ['unavailable 1 1000', 'unavailable 2 1000'],
  );
  assert.is(rig.faults.length, 1);
  broken.now = false;
  for (const id of ['1', '2']) a.send(again(id));
  scheduler.finish();
  rig.turn();
  assert.equal(a.said(), ['1', '2']);
});

/** Lookups in a log of their own, where no more than `max` keys may be indexed. */
function alone(held: number, max: number) {
  const scheduler = new HandScheduler();
  const log = memoryLog();
  fillLog(log, held);
  const room = log.open('lobby', {
    stored(entries) {
      for (const { seq, origin } of entries) if (origin) dedup.stored(origin.key, seq);
    },
    rewritten() {},
  });
  let keys = 0;
  const watched = {
    get head() {
      return room.head;
    },
    get oldest() {
      return room.oldest;
    },
    keysBefore(seq: number, limit: number) {
      const found = room.keysBefore(seq, limit);
      keys += found.length;
      return found;
    },
  };
  const report = (error: unknown) => {
    throw error;
  };
  const window = new RetryWindow(() => 0, { windowMs: 1000 });
  const keyBudget = new KeyBudget(max);
  const dedup = new Dedup<PendingMessage>(watched, { window, keyBudget, pending: [] });
  const settled = new Map<string, Settled>();
  const found = new Lookups(watched, dedup, {
    slices: new SliceQueue({ scheduler, report }),
    report,
    settle: ({ frame }, known) => settled.set(frame.id, known),
    fail: ({ frame }) => assert.unreachable(frame.id),
  });
  const options = { sendBudget: new SendBudget(), allowance: UNLIMITED, openedAt: 0 };
  const take = (id: string, reader = new Reader(new FakeSocket(), DIALECTS.v1, options)) => {
    dedup.retried();
    const person = { from: 'someone', user: 'u' };
    const frame = { type: 'normal', id, message: 'm' } as const;
    const key = keyOf(person.from, id);
    return found.take({ reader, frame, person, key, after: 0, refusal: undefined });
  };
  const store = (id: string) => {
    room.append(new TestMessage({ id, from: 'someone' }));
    log.commit();
  };
  /** Indexes as many keys of another room as there may be, for which the others must make place. */
  const crowdOut = () => {
    const other = new KeyIndex(max, keyBudget);
    other.extend(range(1, max).map(seq => ({ seq: max + 1 - seq, key: `other ${seq}` })));
    other.clear();
  };
  return { scheduler, settled, take, store, crowdOut, keys: () => keys };
}

lookups('find a copy that is stored meanwhile, even if its index makes place for that of another room', () => {
  const max = 900;
  for (const slicesBefore of [0, 1, 2]) {
    for (const moreAfter of [0, 1, 100]) {
      const { scheduler, settled, take, store, crowdOut, keys } = alone(HELD, max);
      take('late');
      take('new');
      for (let slice = 0; slice < slicesBefore; slice++) scheduler.turn();
      store('late');
      crowdOut();
      for (let index = 0; index < moreAfter; index++) store(`more-${index}`);
      scheduler.finish();
      const name = `${slicesBefore} slices before, ${moreAfter} messages after`;
      assert.equal([settled.get('late'), settled.get('new')], [HELD + 1, 'new'], name);
      assert.ok(keys() < HELD + 100, `${keys()} keys read with ${name}`);
    }
  }
});

lookups('finish even if their index makes place again and again, and find a copy that is stored last', () => {
  const { scheduler, settled, take, store, crowdOut } = alone(HELD, 900);
  take('late');
  take('new');
  for (let turn = 0; turn < 5; turn++) {
    store(`more-${turn}`);
    crowdOut();
    scheduler.turn();
  }
  store('late');
  crowdOut();
  scheduler.finish();
  assert.equal([settled.get('late'), settled.get('new')], [HELD + 6, 'new']);
});

lookups('of one address in many rooms delay it, and hardly anybody else', () => {
  const rooms = range(1, 60).map(index => `room-${index}`);
  const log = memoryLog();
  for (const room of rooms) fillLog(log, 256, room);
  const scheduler = new HandScheduler();
  const rig = new Rig({ log, readScheduler: scheduler });
  const join = (room: string, address: string) => {
    const client = rig.connect(room, 'v1', address);
    client.hello(address, { key: `${room}-0123456789abcdef` });
    return client;
  };
  const [busy, bystander] = ['203.0.113.1', '198.51.100.1'];
  const clients = rooms.map(room => join(room, busy));
  const inSameRoom = join('room-60', bystander);
  scheduler.finish();
  for (const client of clients) client.send(again('new'));
  const newcomer = join('another', bystander);
  inSameRoom.send(again('own'));
  const turnsUntil = (isDone: () => boolean) => {
    let turns = 0;
    for (; !isDone(); turns++) {
      assert.ok(scheduler.waiting > 0);
      scheduler.turn();
      rig.turn();
    }
    return turns;
  };
  assert.ok(turnsUntil(() => newcomer.readOf('page').length > 0) <= 2, 'a page for a newcomer');
  const turns = turnsUntil(() => inSameRoom.said().includes('own'));
  // It takes every other slice, and there are three in a turn.
  assert.ok(turns <= 4, `a retry in a room where the address waits: ${turns} turns`);
  scheduler.finish();
  rig.turn();
  for (const client of clients) assert.ok(client.said().includes('new'));
});

lookups('are right and finish even if no key may be indexed', () => {
  for (const max of [0, 300, 10_000]) {
    const { scheduler, settled, take, keys } = alone(1000, max);
    let asked = 0;
    while (asked < 40 || scheduler.waiting > 0) {
      if (asked < 40) {
        asked += 1;
        assert.ok(take(asked % 2 ? `new-${asked}` : `old-${asked * 25}`));
      }
      const before = keys();
      scheduler.turn();
      assert.ok(keys() - before <= KEYS_PER_TURN);
    }
    for (const index of range(1, 40)) {
      const id = index % 2 ? `new-${index}` : `old-${index * 25}`;
      assert.is(settled.get(id), index % 2 ? 'new' : index * 25, `${id} with ${max}`);
    }
    // Those that came during a pass share the next one.
    assert.ok(keys() <= (max < 1000 ? 8000 : 1100), `${keys()} keys read with ${max}`);
  }
});

lookups('keep no text in memory', () => {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  const held = () => {
    if (typeof gc === 'function') gc();
    return process.memoryUsage().heapUsed;
  };
  const text = 'x'.repeat(4096);
  const databases: Record<string, (database: Database) => void> = {
    current(database) {
      const { room, log } = new OpenedRoom(new SqliteLog(database, { ...OPTIONS, history: 10_000 }));
      for (const index of range(1, 2000)) {
        room.append(new TestMessage({ id: `id-${index}`, message: text }));
        if (index % 20 === 0) log.commit();
      }
    },
    'of format 1': database => {
      writeFormat1(database, { epoch: 'old', rooms: new Map([['lobby', 2000]]), text: () => text });
    },
  };
  for (const [name, fill] of Object.entries(databases)) {
    const database = memoryDatabase();
    fill(database);
    const rig = new Rig({ log: new SqliteLog(database, { ...OPTIONS, history: 10_000 }) });
    const a = rig.join('a');
    const before = held();
    a.send(again('new'));
    const grown = held() - before;
    // The text is 8 MB, and the keys alone would be 0.1 MB.
    assert.ok(grown < 500_000, `${grown} bytes with the database ${name}`);
    rig.turn();
    assert.equal(a.said(), ['new']);
  }
});

lookups.run();
