/** Which rooms may come into being, how long they stay, and who may be in them. */
import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fence, FenceError, parseFence } from '../../src/relay/access/fence.ts';
import { publicId } from '../../src/relay/access/identity.ts';
import { NEW_ROOM_MS, NEW_ROOMS_AT_ONCE } from '../../src/relay/access/new-rooms.ts';
import { SqliteLog } from '../../src/relay/log/sqlite-log.ts';
import { HandScheduler } from '../support/hand-scheduler.ts';
import { memoryDatabase } from '../support/memory-database.ts';
import { OPTIONS } from '../support/opened-room.ts';
import { type FakeClient, memoryLog, Rig } from '../support/rig.ts';

const bounds = suite('bounds');

function say(rig: Rig, client: FakeClient, id: string, more: object = {}): void {
  client.send({ type: 'normal', id, message: `message ${id}`, ...more });
  rig.turn();
}

function sweepFor(rig: Rig, seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    rig.clock.wind(1000);
    rig.relay.sweep();
  }
}

bounds('a room to which nothing was written for long goes once nobody is there, and who comes back is told so', () => {
  const rig = new Rig({ keepMs: 120_000 });
  const ann = rig.join('Ann', 'tea');
  say(rig, ann, '1');
  say(rig, ann, '2');
  const { epoch } = rig.history('tea', undefined, 10);
  for (let second = 0; second < 300; second++) {
    rig.clock.wind(1000);
    if (second % 30 === 0) ann.send('{"type":"ping"}');
    rig.relay.sweep();
  }
  assert.is(rig.history('tea', undefined, 10).head, 2, 'someone is there');
  assert.is(rig.removed, 0);
  ann.gone();
  sweepFor(rig, 150);
  assert.is(rig.removed, 1);
  const { head, payloads, epoch: next } = rig.history('tea', undefined, 10);
  assert.equal([head, payloads], [0, []]);
  assert.is.not(next, epoch);
  const back = rig.connect('tea');
  back.hello('Ann', { epoch, since: 2 });
  const [page] = back.readOf('page');
  assert.equal([page?.missed, page?.replay, page?.head], [null, 0, 0]);
  say(rig, back, '3');
  assert.is(back.readOf('normal')[0]?.seq, 1);
  assert.equal(rig.faults, []);
});

bounds('reading, visiting and leaving a room that never was stores nothing', () => {
  const database = memoryDatabase();
  const rig = new Rig({ log: new SqliteLog(database, OPTIONS), maxRooms: 10, keepMs: 60_000 });
  rig.history('nowhere', undefined, 50);
  rig.history('nowhere', { after: 7 }, 50);
  const visitor = rig.join('Ann', 'nowhere');
  visitor.send({ type: 'typing' });
  visitor.send({ type: 'rename', user: 'Eve' });
  visitor.gone();
  sweepFor(rig, 70);
  for (const table of ['rooms', 'entries', 'speakers']) assert.equal(database.all(`SELECT * FROM ${table}`), [], table);
});

bounds('beyond the bound no room comes into being, and those that exist go on', () => {
  const rig = new Rig({ maxRooms: 2, keepMs: 120_000 });
  const [a, b, c] = [rig.join('Ann', 'a'), rig.join('Bob', 'b'), rig.join('Cas', 'c')];
  say(rig, a, '1');
  assert.equal(rig.bounds, []);
  say(rig, b, '1');
  say(rig, c, '1');
  assert.equal(c.readOf('refused'), [{ type: 'refused', code: 'full', of: 'normal', id: '1' }]);
  say(rig, a, '2');
  assert.equal(a.said(), ['message 1', 'message 2']);
  assert.is(rig.history('c', undefined, 10).head, 0, 'reading it is allowed');
  sweepFor(rig, 1);
  assert.equal(rig.bounds, ['MAX_ROOMS']);
  b.gone();
  for (let second = 0; second < 200; second++) {
    if (second % 50 === 0) for (const client of [a, c]) client.send('{"type":"ping"}');
    sweepFor(rig, 1);
  }
  assert.equal(rig.bounds, []);
  say(rig, c, '2');
  assert.equal(c.said(), ['message 2']);
});

bounds('several rooms that come into being in one turn count together', () => {
  const rig = new Rig({ maxRooms: 2 });
  const clients = ['a', 'b', 'c', 'd'].map(room => rig.join('Ann', room));
  for (const client of clients) client.send({ type: 'normal', id: '1', message: 'first' });
  clients[0]?.send({ type: 'normal', id: '2', message: 'second' });
  rig.turn();
  assert.equal(
    clients.map(client => client.read().map(({ type }) => type)),
    [['normal', 'normal'], ['normal'], ['refused'], ['refused']],
  );
});

bounds('at the bound on bytes new rooms are refused, a tenth above it every message, and below it none', () => {
  const log = memoryLog();
  let bytes = 0;
  const usage = () => ({ rooms: 1, bytes });
  const rig = new Rig({
    log: { open: (...args) => log.open(...args), commit: () => log.commit(), usage },
    maxDisk: 1_000_000,
  });
  const [ann, bob, old] = [rig.join('Ann', 'a'), rig.join('Bob', 'b'), rig.connect('a', 'tutorial')];
  const codes = (size: number, id: string) => {
    bytes = size;
    sweepFor(rig, 1);
    say(rig, ann, id);
    say(rig, bob, id);
    old.send({ type: 'normal', user: 'old', message: `old ${id}` });
    rig.turn();
    return [ann, bob].map(client => client.readOf('refused').map(({ code, retryMs }) => [code, retryMs]));
  };
  say(rig, ann, '0');
  assert.equal([codes(1_000_000, '1'), rig.bounds], [[[], [['full', undefined]]], ['MAX_DISK']]);
  const dropped = rig.relay.dropped;
  assert.equal(codes(1_100_000, '2'), [[['full', undefined]], [['full', undefined]]]);
  assert.equal(rig.bounds, ['MAX_DISK', 'MAX_DISK_EXCEEDED']);
  assert.is(rig.relay.dropped, dropped + 1);
  say(rig, ann, '1', { again: true });
  assert.is(ann.readOf('refused').length, 0, 'a retry of what is stored is answered all the same');
  assert.equal(codes(999_000, '3'), [[], []]);
  sweepFor(rig, 1);
  assert.equal(rig.bounds, []);
});

bounds('a class of 30 behind one address opens a room each, and one address not many more', () => {
  const rig = new Rig({ rate: 5, maxPerAddress: 200 });
  const open = (room: string) => {
    // The rate of messages is another bound.
    rig.clock.wind(300);
    const client = rig.connect(room);
    client.hello('pupil');
    say(rig, client, '1');
    say(rig, client, '2');
    const [refused] = client.readOf('refused');
    client.gone();
    return refused;
  };
  for (let pupil = 0; pupil < NEW_ROOMS_AT_ONCE; pupil++) assert.is(open(`room-${pupil}`), undefined);
  assert.is(rig.newRoomsRefused, 0);
  const refused = open('one-more');
  assert.is(rig.newRoomsRefused, 2, 'the operator is told');
  assert.equal([refused?.code, refused?.of, refused?.id], ['too-fast', 'normal', '1']);
  assert.ok((refused?.retryMs ?? 0) > 0 && (refused?.retryMs ?? 0) < NEW_ROOM_MS, `${refused?.retryMs}`);
  assert.is(open('room-1'), undefined, 'a room that exists is none that is new');
  rig.clock.wind(NEW_ROOM_MS);
  assert.is(open('one-more'), undefined);
});

function fenceOf(...lines: string[]) {
  const rules = parseFence(lines.join('\n'));
  if (rules instanceof FenceError) throw new Error(rules.message);
  return rules;
}

bounds('the fence closes who may not be there, at once, at the hello, and when it changes', () => {
  const key = 'Eve-0123456789abcdef';
  const id = publicId(key, text => createHash('sha256').update(text).digest());
  const fence = new Fence(fenceOf('room a', 'room b', 'network 198.51.100.0/24'));
  const rig = new Rig({ fence });
  assert.is(rig.connect('c').socket.closedWith?.code, 4403);
  assert.is(rig.connect('a', 'v1', '198.51.100.7').socket.closedWith?.code, 4403);
  assert.is(rig.connect('lobby', 'tutorial').socket.closedWith?.code, 4403);
  const [ann, eve, far] = [rig.join('Ann', 'a'), rig.connect('a'), rig.connect('b', 'v1', '203.0.113.9')];
  eve.hello('Eve', { key });
  fence.replace(fenceOf('room a', 'room b', `id ${id}`, 'network 203.0.113.0/24'));
  rig.relay.enforceFence();
  assert.is(ann.socket.closedWith, undefined);
  assert.equal(
    [eve, far].map(({ socket }) => socket.closedWith?.code),
    [4403, 4403],
  );
  const again = rig.connect('b');
  assert.is(again.socket.closedWith, undefined);
  again.hello('Eve', { key });
  assert.is(again.socket.closedWith?.code, 4403);
  assert.equal(again.read(), [], 'and it is told nothing');
  fence.replace(fenceOf('room b'));
  rig.relay.enforceFence();
  assert.is(ann.socket.closedWith?.code, 4403);
});

bounds('a connection that was open before a sleep is closed if the fence has changed meanwhile', () => {
  const rig = new Rig({ fence: new Fence(fenceOf('room a')) });
  const [ann, eve] = [rig.join('Ann', 'a'), rig.join('Eve', 'a')];
  const id = eve.snapshot?.person?.from;
  const fence = new Fence(fenceOf('room a', `id ${id}`));
  const woken = new Rig({ fence });
  const [back, gone] = [woken.restore(ann, 'a'), woken.restore(eve, 'a')];
  assert.equal(
    [back, gone].map(({ socket }) => socket.closedWith?.code),
    [undefined, 4403],
  );
  fence.replace(fenceOf('room b'));
  assert.is(woken.restore(ann, 'a').socket.closedWith?.code, 4403);
});

bounds('a changed fence is enforced in slices, and in the end everywhere', () => {
  const fence = new Fence();
  const readScheduler = new HandScheduler();
  const rig = new Rig({ fence, readScheduler });
  const clients = Array.from({ length: 1000 }, (_, index) => rig.connect('a', 'v1', `203.0.113.${index % 250}`));
  const closed = () => clients.filter(({ socket }) => socket.closedWith?.code === 4403).length;
  fence.replace(fenceOf('network 203.0.113.0/24'));
  rig.relay.enforceFence();
  assert.ok(closed() > 0 && closed() < 500, `${closed()} in the first turn`);
  readScheduler.finish();
  assert.is(closed(), 1000);
});

bounds.run();
