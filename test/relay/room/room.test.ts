import * as assert from 'uvu/assert';
import type { RelayFrame } from '../../../src/protocol/frames.ts';
import type { NewEntry } from '../../../src/relay/log/entry.ts';
import type { Log } from '../../../src/relay/log/log.ts';
import { SqliteLog } from '../../../src/relay/log/sqlite-log.ts';
import { SendBudget } from '../../../src/relay/room/send-budget.ts';
import { memoryDatabase } from '../../support/memory-database.ts';
import { OPTIONS, OpenedRoom } from '../../support/opened-room.ts';
import { type FakeClient, memoryLog, Rig } from '../../support/rig.ts';
import { twice } from '../../support/twice.ts';

const say = (id: string, message: string, more: object = {}) => ({ type: 'normal', id, message, ...more });

function kinds(frames: RelayFrame[]): string[] {
  return frames.map(frame => frame.type);
}

/** Sends many messages, one per turn. */
function fill(rig: Rig, client: FakeClient, count: number, text = (index: number) => `${index}`): void {
  for (let index = 1; index <= count; index++) {
    client.send(say(`fill-${index}`, text(index)));
    rig.turn();
  }
  client.read();
}

const hello = twice('room: hello');

hello('is answered with a welcome and the newest page', () => {
  const rig = new Rig({ rate: 5 });
  const client = rig.connect('大厅');
  client.hello('  xs ');
  const [welcome, page, ...rest] = client.read();
  assert.is(rest.length, 0);
  assert.is(welcome?.type, 'welcome');
  if (welcome?.type !== 'welcome') return;
  assert.is(welcome.v, 1);
  assert.is(welcome.room, '大厅');
  assert.equal(welcome.limits, { message: 4096, frame: 65536, rate: 5, burst: 20, page: 200, spread: 500 });
  assert.equal(welcome.people, { count: 1, list: [{ from: welcome.you, user: 'xs' }] });
  assert.equal(page, { type: 'page', replay: 0, head: 0, missed: 0, more: false });
});

hello('gives a client with the same key the same public id, which is not the key, and others another one', () => {
  const rig = new Rig();
  const you = (key?: string) => {
    const client = rig.connect();
    client.hello('xs', key === undefined ? {} : { key });
    return client.readOf('welcome')[0]?.you;
  };
  const key = 'a-secret-of-sixteen-at-least';
  assert.is(you(key), you(key));
  assert.is.not(you(key), you(`${key}x`));
  assert.is.not(you(), you());
  assert.ok(!key.includes(you(key) ?? key));
});

hello('comes first and once: frames before it and a second one are bad frames', () => {
  const rig = new Rig();
  const client = rig.connect();
  client.send(say('a', 'x'));
  client.send({ type: 'typing' });
  client.send({ type: 'rename', user: 'b' });
  client.send({ type: 'more', after: 0 });
  assert.equal(
    client.readOf('refused').map(({ code, of, id }) => [code, of, id]),
    [
      ['bad-frame', 'normal', 'a'],
      ['bad-frame', 'typing', undefined],
      ['bad-frame', 'rename', undefined],
      ['bad-frame', 'more', undefined],
    ],
  );
  client.hello('xs');
  assert.is(client.readOf('welcome').length, 1);
  client.hello('xs');
  assert.equal(client.read(), [{ type: 'refused', code: 'bad-frame', of: 'hello' }]);
});

hello('may be sent again after it was refused', () => {
  const client = new Rig().connect();
  client.hello('   ');
  assert.equal(client.read(), [{ type: 'refused', code: 'bad-user', of: 'hello' }]);
  client.hello('xs');
  assert.equal(kinds(client.read()), ['welcome', 'page']);
});

hello.run();

const speech = twice('room: what is said');

speech('is sent to everyone, its sender included, once it is stored and not before', () => {
  const rig = new Rig();
  const [a, b] = [rig.join('a'), rig.join('b')];
  a.send(say('m1', '你好'));
  assert.equal(b.read(), []);
  assert.equal(a.said(), [], 'even its sender does not get it before it is stored');
  rig.turn();
  const [message] = b.readOf('normal');
  assert.is(message?.message, '你好');
  assert.is(message?.seq, 1);
  assert.is(message?.user, 'a');
  assert.is(message?.at, rig.clock.now());
  assert.equal(a.readOf('normal'), [message]);
});

speech('of one turn is one commit and one write per reader, in one order', () => {
  const rig = new Rig();
  const clients = ['a', 'b', 'c'].map(user => rig.join(user));
  const before = clients.map(client => client.socket.writes);
  for (const [index, client] of clients.entries()) client.send(say('m', `${index}`));
  rig.turn();
  assert.equal(
    clients.map((client, index) => client.socket.writes - (before[index] ?? 0)),
    [1, 1, 1],
  );
  for (const client of clients) assert.equal(client.said(), ['0', '1', '2']);
});

speech('keeps its own name, or takes that of hello or rename if it has none', () => {
  const rig = new Rig();
  const client = rig.join('a');
  client.send(say('1', 'x', { user: ' before ' }));
  client.send(say('2', 'x'));
  client.send({ type: 'rename', user: 'after' });
  client.send(say('3', 'x'));
  rig.turn();
  assert.equal(
    client.readOf('normal').map(message => message.user),
    ['before', 'a', 'after'],
  );
});

speech('stays in its room', () => {
  const rig = new Rig();
  const [a, b] = [rig.join('a', 'one'), rig.join('b', 'two')];
  a.send(say('1', 'x'));
  rig.turn();
  assert.equal(b.said(), []);
});

speech('is refused with a code if it is empty, too long, or has a bad name', () => {
  const rig = new Rig();
  const client = rig.join('a');
  client.send(say('1', ' \n　'));
  client.send(say('2', 'x'.repeat(4097)));
  client.send(say('3', 'x', { user: '' }));
  client.send(say('bad id', 'x'));
  rig.turn();
  assert.equal(client.read(), [
    { type: 'refused', code: 'empty', of: 'normal', id: '1' },
    { type: 'refused', code: 'too-long', of: 'normal', id: '2' },
    { type: 'refused', code: 'bad-user', of: 'normal', id: '3' },
    { type: 'refused', code: 'bad-frame', of: 'normal' },
  ]);
});

speech('is refused if it comes too fast, with the time to wait; pings never are', () => {
  const rig = new Rig({ rate: 5, burst: 3 });
  const client = rig.join('a');
  for (let i = 0; i < 4; i++) client.send(say(`${i}`, 'x'));
  client.send('{"type":"ping"}');
  assert.equal(client.read(), [
    { type: 'refused', code: 'too-fast', of: 'normal', id: '3', retryMs: 200 },
    { type: 'ping' },
  ]);
  rig.turn();
  assert.is(client.said().length, 3);
  rig.clock.wind(200);
  client.send(say('3', 'x', { again: true }));
  rig.turn();
  assert.is(client.said().length, 1);
});

speech.run();

const once = twice('room: once');

once('stores a retried message only once, and acknowledges it with the stored message', () => {
  const rig = new Rig();
  const [a, b] = [rig.join('a'), rig.join('b')];
  a.send(say('1', 'x'));
  rig.turn();
  const stored = a.readOf('normal');
  a.send(say('1', 'x', { again: true }));
  rig.turn();
  assert.equal(a.readOf('normal'), stored, 'the same echo again, with its old seq');
  assert.equal(b.said(), ['x'], 'nobody else gets it again');
});

once('knows the messages from before the first retry, and their senders', () => {
  const rig = new Rig();
  const [a, b] = [rig.join('a'), rig.join('b')];
  fill(rig, a, 60);
  b.read();
  a.send(say('fill-1', '1', { again: true }));
  b.send(say('fill-1', 'mine', { again: true }));
  rig.answer();
  rig.turn();
  assert.equal(a.said(), ['1', 'mine']);
  assert.equal(b.said(), ['mine'], 'the same id from another sender is another message');
});

once('stores a message once if it is sent several times in one turn', () => {
  const rig = new Rig();
  const a = rig.join('a');
  a.send(say('1', 'x'));
  a.send(say('1', 'x', { again: true }));
  a.send(say('1', 'x', { again: true }));
  rig.turn();
  assert.equal(a.said(), ['x']);
});

once('stores a message once if its first copy, on a connection that its sender has given up, is read last', () => {
  const rig = new Rig();
  const key = 'k'.repeat(20);
  const [old, fresh] = [rig.connect(), rig.connect()];
  for (const client of [old, fresh]) client.hello('a', { key });
  fresh.send(say('1', 'x', { again: true }));
  rig.turn();
  old.send(say('1', 'x'));
  rig.turn();
  assert.equal(fresh.said(), ['x']);
  assert.equal(old.said(), ['x', 'x'], 'the delivered message, and the acknowledgement');
});

once('knows an unmarked copy of a message that was stored and then retried', () => {
  const rig = new Rig();
  const a = rig.join('a');
  a.send(say('1', 'x'));
  rig.turn();
  a.send(say('1', 'x', { again: true }));
  a.send(say('1', 'x'));
  rig.turn();
  assert.equal(a.said(), ['x', 'x', 'x'], 'the delivered message, and two acknowledgements');
  assert.is(rig.history('lobby', undefined, 50).head, 1);
});

once('does not acknowledge a message that the sender has yet to read', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, 250);
  const late = rig.connect();
  late.hello('a', { key: 'a-0123456789abcdef', epoch: epochOf(rig), since: 0 });
  assert.is(late.said().length, 200);
  late.send(say('fill-240', '240', { again: true }));
  late.send(say('fill-3', '3', { again: true }));
  rig.turn();
  assert.equal(late.said(), ['3'], 'a message that was read is acknowledged, the rest will come');
  late.send({ type: 'more', after: 200 });
  assert.is(late.said().filter(message => message === '240').length, 1);
});

once('tells a client that retried a message, too, if it could not be stored', () => {
  const rig = new Rig({ log: failingLog() });
  const [a, b] = [rig.join('a'), rig.join('a')];
  a.send(say('1', 'x'));
  b.send(say('1', 'x', { again: true }));
  rig.turn();
  for (const client of [a, b]) {
    assert.equal(client.readOf('refused'), [
      { type: 'refused', code: 'unavailable', of: 'normal', id: '1', retryMs: 1000 },
    ]);
  }
  a.send(say('1', 'x', { again: true }));
  rig.turn();
  assert.equal(a.said(), ['x'], 'the next retry is accepted');
});

once('tells everyone whose message could not be stored, even if one of the connections is broken', () => {
  const rig = new Rig({ log: failingLog() });
  const [a, broken, c] = [rig.join('a'), rig.join('b'), rig.join('c')];
  for (const client of [a, broken, c]) client.send(say('1', 'x'));
  broken.socket.broken = true;
  rig.turn();
  for (const client of [a, c]) assert.is(client.readOf('refused')[0]?.code, 'unavailable');
  assert.is(broken.socket.closedWith?.code, 1011);
  assert.is(rig.faults.length, 1);
});

/** A log whose first commit fails. */
function failingLog(): Log {
  const log = memoryLog();
  let failed = false;
  const entries: NewEntry[] = [];
  return {
    open(room, listener) {
      const inner = log.open(room, listener);
      return new Proxy(inner, {
        get(_target, name) {
          if (name === 'append' && !failed) return (entry: NewEntry) => entries.push(entry);
          const value: unknown = Reflect.get(inner, name, inner);
          return typeof value === 'function' ? value.bind(inner) : value;
        },
      });
    },
    commit() {
      failed = true;
      for (const entry of entries.splice(0)) entry.onFailed();
      log.commit();
    },
  };
}

once.run();

const pages = twice('room: pages');

pages('show a new client the newest 50, and a returning client everything since', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, 60);
  const fresh = rig.connect();
  fresh.hello('b');
  const frames = fresh.read();
  assert.equal(frames[1], { type: 'page', replay: 50, head: 60, missed: 0, more: false });
  assert.is(frames.length, 52);
  assert.equal(frames[2]?.type === 'normal' && frames[2].seq, 11);

  const back = rig.connect();
  back.hello('b', { epoch: epochOf(rig), since: 57 });
  assert.equal(
    back.readOf('normal').map(message => message.seq),
    [58, 59, 60],
  );
});

pages('are requested one by one, and no message sent meanwhile is lost or doubled', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, 450);
  const back = rig.connect();
  back.hello('b', { epoch: epochOf(rig), since: 0 });
  const seqs: number[] = [];
  for (let asked = 0; ; asked++) {
    const frames = back.read();
    for (const frame of frames) if (frame.type === 'normal') seqs.push(frame.seq);
    const page = frames.find(frame => frame.type === 'page');
    if (page?.type !== 'page') return assert.unreachable('no page');
    a.send(say(`meanwhile-${asked}`, 'x'));
    rig.turn();
    if (!page.more) break;
    back.send({ type: 'more', after: seqs.at(-1) });
  }
  rig.turn();
  seqs.push(...back.readOf('normal').map(message => message.seq));
  assert.equal(
    seqs,
    Array.from({ length: 453 }, (_, index) => index + 1),
  );
});

pages('are followed by the list of people once the client has caught up', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, 201);
  const back = rig.connect();
  back.hello('b', { epoch: epochOf(rig), since: 0 });
  back.read();
  rig.join('c');
  back.send({ type: 'more', after: 200 });
  assert.equal(
    back.readOf('people').map(people => people.list?.map(person => person.user)),
    [['a', 'b', 'c']],
  );
});

pages('may not be requested out of turn', () => {
  const rig = new Rig();
  const a = rig.join('a');
  a.send({ type: 'more', after: 0 });
  assert.equal(a.read(), [{ type: 'refused', code: 'bad-frame', of: 'more' }], 'there was no more');
  fill(rig, a, 250);
  const back = rig.connect();
  back.socket.stuck = true;
  back.hello('b', { epoch: epochOf(rig), since: 0 });
  back.read();
  back.send({ type: 'more', after: 200 });
  assert.equal(kinds(back.read()), ['refused'], 'the last page has not been flushed');
  back.drain();
  back.send({ type: 'more', after: 251 });
  assert.equal(kinds(back.read()), ['refused'], 'beyond the head');
  back.send({ type: 'more', after: 200 });
  assert.is(back.readOf('normal').length, 50);
});

pages('hold at most 256 kB, and always one message', () => {
  const rig = new Rig();
  const a = rig.join('a');
  // Each control character takes six bytes when encoded.
  fill(rig, a, 15, () => `x${'\u0001'.repeat(4095)}`);
  const back = rig.connect();
  back.hello('b', { epoch: epochOf(rig), since: 0 });
  const first = back.read();
  const bytes = back.socket.payloads.slice(2).reduce((sum, payload) => sum + Buffer.byteLength(payload), 0);
  assert.ok(bytes <= 256_000 && bytes > 225_000, `${bytes}`);
  assert.equal(first[1], { type: 'page', replay: 10, head: 15, missed: 0, more: true });

  const fresh = rig.connect();
  fresh.hello('c');
  const frames = fresh.read();
  assert.equal(frames[1], { type: 'page', replay: 10, head: 15, missed: 0, more: false });
  assert.is(frames.at(-1)?.type === 'normal' && frames.at(-1), frames.at(-1), 'they are the newest');
  assert.equal(
    frames.flatMap(frame => (frame.type === 'normal' ? [frame.seq] : [])),
    [6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  );
});

pages('count the missed messages, or say that the number is unknown', () => {
  const rig = new Rig({ history: 8 });
  const a = rig.join('a');
  fill(rig, a, 30);
  const missed = (more: object) => {
    const client = rig.connect();
    client.hello('b', more);
    return client.readOf('page')[0];
  };
  const epoch = epochOf(rig);
  const held = rig.history('lobby', undefined, 200).payloads.length;
  assert.ok(held >= 8 && held <= 9, `${held} held`);
  assert.is(missed({ epoch, since: 10 })?.missed, 30 - held - 10);
  assert.is(missed({ epoch, since: 30 - held })?.missed, 0);
  assert.is(missed({ epoch, since: 29 })?.missed, 0);
  assert.equal(missed({ epoch: 'another', since: 10 }), {
    type: 'page',
    replay: held,
    head: 30,
    missed: null,
    more: false,
  });
  assert.is(missed({ epoch, since: 31 })?.missed, null);
  assert.is(missed({})?.missed, 0);
});

pages('say once that a power cut may have taken messages, also while nobody says anything after it', () => {
  const database = memoryDatabase();
  const before = new OpenedRoom(new SqliteLog(database, OPTIONS));
  before.post('kept');
  const rig = new Rig({ log: new SqliteLog(database, { ...OPTIONS, interrupted: true }) });
  const { epoch } = before.room;
  const ask = (since: number | undefined) => {
    const client = rig.connect();
    client.hello('b', since === undefined ? {} : { epoch, since });
    const [page] = client.readOf('page');
    return { client, head: page?.head ?? 0, missed: page?.missed };
  };
  const newcomer = ask(undefined);
  assert.is(newcomer.missed, 0);
  assert.ok(newcomer.head > 1000, 'the next message comes after it');
  assert.equal([ask(1).missed, ask(1).head], [null, newcomer.head]);
  const { client, missed } = ask(newcomer.head);
  assert.is(missed, 0, 'it has been told');
  assert.is(ask(newcomer.head + 1).missed, null, 'beyond everything that there is');
  client.send(say('m', 'next'));
  rig.turn();
  assert.is(client.readOf('normal')[0]?.seq, newcomer.head + 1);
  assert.equal([ask(1).missed, ask(newcomer.head).missed, ask(newcomer.head + 1).missed], [null, 0, 0]);
});

pages('end before the place that a power cut may have taken messages from, and the next one says so', () => {
  const database = memoryDatabase();
  const before = new OpenedRoom(new SqliteLog(database, OPTIONS));
  for (const text of ['one', 'two', 'three']) before.post(text);
  const rig = new Rig({ log: new SqliteLog(database, { ...OPTIONS, interrupted: true }) });
  const { epoch } = before.room;
  /** Reads every page, as a client does that lets no gap pass. */
  const read = (since: number) => {
    const client = rig.connect();
    client.hello('b', { epoch, since });
    const told: string[] = [];
    let cursor = since;
    for (let more = true; more; ) {
      const frames = client.read();
      const page = frames.find(frame => frame.type === 'page');
      if (!page) throw new Error('no page came');
      const seqs = frames.flatMap(frame => (frame.type === 'normal' ? [frame.seq] : []));
      told.push(`missed ${page.missed}: ${seqs.join()}`);
      let mayJump = page.missed !== 0;
      for (const seq of seqs) {
        assert.ok(seq === cursor + 1 || mayJump, `${told.join('; ')} after ${since}`);
        mayJump = false;
        cursor = seq;
      }
      ({ more } = page);
      if (more) client.send({ type: 'more', after: cursor });
      else assert.ok(page.head === cursor || page.missed === null, `${told.join('; ')}, and live at ${page.head}`);
    }
    return { client, told };
  };
  assert.equal(read(1).told, ['missed 0: 2,3', 'missed null: '], 'also while nobody says anything after it');
  assert.equal(read(3).told, ['missed null: ']);
  const { client } = read(1);
  const newcomer = rig.join('c');
  newcomer.read();
  for (const text of ['four', 'five']) {
    client.send(say(text, text));
    rig.turn();
  }
  const [four = 0, five = 0] = client.readOf('normal').map(({ seq }) => seq);
  assert.ok(four > 1000);
  assert.equal(
    newcomer.read().map(frame => 'seq' in frame && frame.seq),
    [four, five],
    'whoever was live is sent no page',
  );
  // The second time, the pages are shared.
  for (let round = 0; round < 2; round++) {
    assert.equal(read(0).told, ['missed 0: 1,2,3', `missed null: ${four},${five}`]);
    assert.equal(read(2).told, ['missed 0: 3', `missed null: ${four},${five}`]);
    assert.equal(read(3).told, [`missed null: ${four},${five}`]);
    assert.equal(read(four - 1).told, [`missed 0: ${four},${five}`], 'it has been told');
  }
  const late = rig.connect();
  late.hello('d');
  const [, page, ...entries] = late.read();
  assert.equal(page, { type: 'page', replay: 5, head: five, missed: 0, more: false });
  assert.equal(
    entries.map(entry => 'seq' in entry && entry.seq),
    [1, 2, 3, four, five],
    'the places that were jumped over hide nothing from a newcomer',
  );
});

pages('may be asked for from a floor that the client was told to go on from, and from nowhere above it', () => {
  const database = memoryDatabase();
  new OpenedRoom(new SqliteLog(database, OPTIONS)).post('one');
  const rig = new Rig({ log: new SqliteLog(database, { ...OPTIONS, interrupted: true }) });
  const a = rig.connect();
  a.hello('a');
  const floor = a.readOf('page')[0]?.head ?? 0;
  assert.ok(floor > 1);
  a.socket.buffered = Number.MAX_SAFE_INTEGER;
  rig.join('b');
  a.goOn();
  assert.equal(a.readOf('page'), [{ type: 'page', replay: 0, head: floor, missed: null, more: true }]);
  a.socket.buffered = 0;
  a.send({ type: 'more', after: floor + 1 });
  assert.equal(kinds(a.read()), ['refused']);
  a.send({ type: 'more', after: floor });
  assert.equal(kinds(a.read()), ['page', 'people']);
  a.send(say('1', 'live again'));
  rig.turn();
  assert.equal(a.said(), ['live again']);
});

pages.run();

const slow = twice('room: who reads slowly');

slow('falls behind, delays nobody, and gets everything once it reads again', () => {
  const rig = new Rig({ sendBudget: new SendBudget(10_000) });
  const [a, b] = [rig.join('a'), rig.join('b')];
  b.socket.stuck = true;
  fill(rig, a, 300, index => `${index} ${'x'.repeat(1000)}`);
  assert.ok(b.socket.buffered < 13_000, `${b.socket.buffered} bytes wait`);
  const seqs: number[] = [];
  // The pages are no larger than a tight budget allows.
  for (let page = 0; page < 15; page++) {
    b.drain();
    const frames = b.read();
    for (const frame of frames) if (frame.type === 'normal') seqs.push(frame.seq);
    if (frames.some(frame => frame.type === 'page' && frame.more)) b.send({ type: 'more', after: seqs.at(-1) });
  }
  assert.equal(
    seqs,
    Array.from({ length: 300 }, (_, index) => index + 1),
  );
  a.send(say('live', 'again'));
  rig.turn();
  assert.equal(b.said(), ['again']);
});

slow('is not read from while answers to its own frames wait', () => {
  const rig = new Rig({ sendBudget: new SendBudget(1000) });
  const a = rig.join('a');
  a.socket.stuck = true;
  for (let i = 0; i < 100 && !a.socket.paused; i++) a.send('{"type":"ping"}');
  assert.ok(a.socket.paused);
  assert.ok(a.socket.buffered < 1100, `${a.socket.buffered}`);
  a.drain();
  assert.not(a.socket.paused);
});

slow('is closed in the tutorial dialect, which cannot catch up', () => {
  const rig = new Rig({ sendBudget: new SendBudget(1000) });
  const a = rig.join('a');
  const old = rig.connect('lobby', 'tutorial');
  old.socket.stuck = true;
  fill(rig, a, 20, () => 'x'.repeat(100));
  assert.equal(old.socket.closedWith, { code: 1013, reason: 'slow' });
});

slow('gets no presence or typing', () => {
  const rig = new Rig({ sendBudget: new SendBudget(1000) });
  const [a, b] = [rig.join('a'), rig.join('b')];
  b.socket.stuck = true;
  fill(rig, a, 20, () => 'x'.repeat(100));
  const before = b.socket.payloads.length;
  a.send({ type: 'typing' });
  rig.join('c');
  assert.is(b.socket.payloads.length, before);
});

slow.run();

const fleeting = twice('room: people and typing');

fleeting('announces who joined and left, at most once a second', () => {
  const rig = new Rig();
  const a = rig.join('a');
  const others = ['b', 'c', 'd'].map(user => {
    const client = rig.connect();
    client.hello(user);
    return client;
  });
  rig.clock.wind(1000);
  const [came, ...more] = a.readOf('people');
  assert.is(more.length, 0);
  assert.equal(
    came?.joined?.map(person => person.user),
    ['b', 'c', 'd'],
  );
  assert.is(came?.count, 4);
  for (const other of others) other.gone();
  rig.clock.wind(1000);
  assert.equal(
    a.readOf('people').map(people => [people.count, people.left?.length]),
    [[1, 3]],
  );
});

fleeting('shows a rename as one person leaving and another joining', () => {
  const rig = new Rig();
  const a = rig.join('a');
  a.send({ type: 'rename', user: '新角色' });
  rig.clock.wind(1000);
  const [people] = a.readOf('people');
  assert.equal(
    [people?.count, people?.left?.map(one => one.user), people?.joined?.map(one => one.user)],
    [1, ['a'], ['新角色']],
  );
});

fleeting('tells the others that a person is typing, at most three times a second, and never stores it', () => {
  const rig = new Rig();
  const [a, b] = [rig.join('a'), rig.join('b')];
  for (let i = 0; i < 100; i++) {
    a.send({ type: 'typing' });
    rig.clock.wind(10);
  }
  assert.is(b.readOf('typing').length, 3);
  assert.is(a.readOf('typing').length, 0);
  assert.equal(rig.history('lobby', undefined, 50).payloads, []);
});

fleeting('sends a crowd only a count every 5 s, and no typing', () => {
  const rig = new Rig();
  const a = rig.join('a');
  for (let i = 0; i < 201; i++) rig.connect().hello(`${i}`);
  rig.clock.wind(5000);
  const frames = a.readOf('people');
  assert.equal(frames.at(-1), { type: 'people', count: 202 });
  rig.connect().hello('one more');
  rig.clock.wind(0);
  assert.equal(a.read(), [{ type: 'people', count: 203 }]);
  rig.connect().hello('and one more');
  rig.clock.wind(4999);
  assert.is(a.read().length, 0);
  rig.clock.wind(1);
  assert.equal(a.read(), [{ type: 'people', count: 204 }]);
  a.send({ type: 'typing' });
  const b = rig.join('b');
  a.send({ type: 'typing' });
  assert.equal(b.read(), []);
});

fleeting.run();

const sleeping = twice('room: sleeping');

sleeping('remembers that a message was retried, and stores it once if its first copy arrives after the sleep', () => {
  const log = memoryLog();
  const noted: number[] = [];
  const awake = new Rig({ log, dedupWindow: { note: head => noted.push(head), after: () => noted[0] } });
  const a = awake.join('a');
  fill(awake, a, 3);
  assert.equal(noted, []);
  a.send({ ...say('1', 'once'), again: true });
  assert.equal(noted, [3]);
  awake.turn();
  const woken = new Rig({ log, dedupWindow: { note() {}, after: () => noted[0] } });
  const b = woken.join('a');
  b.send(say('1', 'once'));
  b.send(say('2', 'new'));
  woken.turn();
  assert.is(woken.history('lobby', undefined, 50).head, 5);
});

sleeping('restores a reader as it was, without an announcement', () => {
  const log = memoryLog();
  const before = new Rig({ log });
  const a = before.join('a');
  for (let i = 0; i < 300; i++) a.send(say(`${i}`, `${i}`));
  before.turn();
  const behind = before.connect();
  behind.hello('b', { epoch: epochOf(before), since: 0 });
  before.answer();
  const after = new Rig({ log });
  const [live, late] = [after.restore(a), after.restore(behind)];
  after.clock.wind(10_000);
  assert.equal(live.read(), [], 'nobody is announced');
  late.send({ type: 'more', after: 200 });
  assert.is(late.said().length, 100, 'it continues at its cursor');
  const c = after.connect();
  c.hello('c');
  assert.equal(
    c.readOf('welcome')[0]?.people.list.map(({ user }) => user),
    ['a', 'b', 'c'],
  );
  live.send(say('x', 'still a'));
  after.turn();
  assert.equal(
    late.readOf('normal').map(({ user, message }) => [user, message]),
    [['a', 'still a']],
  );
});

sleeping.run();

const garbage = twice('room: garbage');

garbage('closes a connection after 20 bad frames in a minute', () => {
  const rig = new Rig();
  const a = rig.join('a');
  for (let i = 0; i < 19; i++) a.send(i % 2 ? 'garbage' : undefined);
  assert.is(a.socket.closedWith, undefined);
  a.send('{}');
  assert.equal(a.socket.closedWith, { code: 4400, reason: '' });
  a.send(say('1', 'x'));
  rig.turn();
  assert.equal(rig.history('lobby', undefined, 50).payloads, [], 'nothing is received on a closing connection');
});

garbage('allows a few bad frames a minute', () => {
  const rig = new Rig();
  const a = rig.join('a');
  for (let i = 0; i < 200; i++) {
    a.send('garbage');
    rig.clock.wind(4000);
  }
  assert.is(a.socket.closedWith, undefined);
});

garbage('ignores types it does not know', () => {
  const rig = new Rig();
  const a = rig.join('a');
  for (let i = 0; i < 30; i++) a.send({ type: 'reaction', of: 3 });
  assert.equal(a.read(), []);
  assert.is(a.socket.closedWith, undefined);
});

garbage.run();

const tutorial = twice('room: the tutorial dialect');

tutorial('exchanges messages with people on the page, who see its sender in the list', () => {
  const rig = new Rig();
  const a = rig.join('a');
  const old = rig.connect('lobby', 'tutorial');
  old.send('{"type":"normal","user":"老王","message":"你好"}');
  rig.turn();
  const [message] = a.readOf('normal');
  assert.equal([message?.user, message?.message], ['老王', '你好']);
  assert.match(message?.id ?? '', /^[\w-]{22}$/);
  assert.equal(old.said(), ['你好'], 'its own message too');
  rig.clock.wind(1000);
  assert.equal(
    a.readOf('people').map(people => people.joined?.map(person => person.user)),
    [['老王']],
  );
  assert.equal(old.read(), [], 'it is sent no frame that it does not know');
});

tutorial('gets its own ping back, and no other client does', () => {
  const rig = new Rig();
  const a = rig.join('a');
  const old = rig.connect('lobby', 'tutorial');
  old.send('{"type":"ping"}');
  assert.equal(old.read(), [{ type: 'ping' }]);
  assert.equal(a.read(), []);
});

tutorial('has its refused frames dropped and counted', () => {
  const rig = new Rig({ rate: 5, burst: 3 });
  const old = rig.connect('lobby', 'tutorial');
  for (let i = 0; i < 30; i++) old.send('garbage');
  assert.equal(old.read(), []);
  assert.is(old.socket.closedWith, undefined);
  assert.is(rig.relay.dropped, 30);
});

tutorial.run();

function epochOf(rig: Rig, room = 'lobby'): string {
  return rig.history(room, undefined, 1).epoch;
}
