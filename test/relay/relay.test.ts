import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Log } from '../../src/relay/log/log.ts';
import { HandScheduler } from '../support/hand-scheduler.ts';
import { type FakeClient, Rig } from '../support/rig.ts';

const relay = suite('relay');

relay('closes a connection without a hello within 10 s, and no other', () => {
  const rig = new Rig();
  const [mute, polite, old] = [rig.connect(), rig.connect(), rig.connect('lobby', 'tutorial')];
  polite.hello('a');
  for (let s = 0; s < 9; s++) {
    rig.clock.wind(1000);
    mute.send('{"type":"ping"}');
    rig.relay.sweep();
  }
  assert.is(mute.socket.closedWith, undefined);
  rig.clock.wind(1000);
  rig.relay.sweep();
  assert.is(mute.socket.closedWith?.code, 4408);
  assert.is(polite.socket.closedWith, undefined);
  assert.is(old.socket.closedWith, undefined, 'the tutorial never sends a hello');
});

relay('closes a connection that is silent for 150 s', () => {
  const rig = new Rig();
  const [silent, alive] = [rig.join('a'), rig.join('b')];
  for (let s = 0; s < 151; s++) {
    rig.clock.wind(1000);
    if (s % 60 === 0) alive.send('{"type":"ping"}');
    rig.relay.sweep();
  }
  assert.is(silent.socket.closedWith?.code, 4408);
  assert.is(alive.socket.closedWith, undefined);
});

relay('closes a connection that takes nothing for 60 s although much waits, but not one that takes a little', () => {
  const rig = new Rig();
  const [stuck, slow, idle] = [rig.join('a'), rig.join('b'), rig.join('c')];
  for (const client of [stuck, slow]) client.socket.stuck = true;
  idle.send({ type: 'normal', id: '1', message: 'x'.repeat(4000) });
  rig.turn();
  for (let s = 0; s < 61; s++) {
    assert.is(stuck.socket.closedWith, undefined, `after ${s} s`);
    rig.clock.wind(1000);
    if (s === 30) slow.socket.trickle(1);
    for (const client of [stuck, slow, idle]) client.send('{"type":"ping"}');
    rig.relay.sweep();
  }
  assert.is(stuck.socket.closedWith?.code, 4408);
  assert.is(slow.socket.closedWith, undefined);
  assert.is(idle.socket.closedWith, undefined);
});

relay('rejects connections over the limits, with a close code', () => {
  const rig = new Rig({ maxConnections: 3, maxPerAddress: 2 });
  const open = [rig.connect(), rig.connect()];
  assert.is(rig.connect().socket.closedWith?.code, 4429);
  assert.is(rig.connect('lobby', 'v1', '192.0.2.2').socket.closedWith, undefined);
  assert.is(rig.connect('lobby', 'v1', '192.0.2.3').socket.closedWith?.code, 1013);
  for (const client of open) assert.is(client.socket.closedWith, undefined);
});

relay('waits 5 s before it rejects a connection in the tutorial dialect, and ignores its frames meanwhile', () => {
  const rig = new Rig({ maxPerAddress: 200 });
  for (let i = 0; i < 8; i++) rig.connect('lobby', 'tutorial');
  const ninth = rig.connect('lobby', 'tutorial');
  ninth.send('{"type":"normal","user":"x","message":"x"}');
  rig.clock.wind(4999);
  assert.is(ninth.socket.closedWith, undefined);
  rig.clock.wind(1);
  assert.is(ninth.socket.closedWith?.code, 4429);
  rig.turn();
  assert.equal(rig.history('lobby', undefined, 10).payloads, []);
});

relay('cancels the timer of a rejected connection that leaves first', () => {
  const rig = new Rig({ maxPerAddress: 200 });
  for (let i = 0; i < 8; i++) rig.connect('lobby', 'tutorial');
  const ninth = rig.connect('lobby', 'tutorial');
  assert.is(rig.clock.pending, 1);
  ninth.gone();
  assert.is(rig.clock.pending, 0);
});

relay('evicts a room once everyone has left and everything is stored, and opens it again', () => {
  const rig = new Rig();
  const a = rig.join('a');
  a.send({ type: 'normal', id: '1', message: 'x' });
  a.gone();
  assert.is(rig.relay.rooms, 1, 'a message is pending');
  rig.turn();
  rig.relay.sweep();
  assert.is(rig.relay.rooms, 1, 'a client may come back at once');
  rig.clock.wind(60_000);
  rig.relay.sweep();
  assert.is(rig.relay.rooms, 0);
  assert.is(rig.clock.pending, 0);
  const b = rig.connect();
  b.hello('b');
  assert.equal(b.said(), ['x']);
});

relay('keeps a room whose name had an earlier room, when a connection of the earlier one is closed late', () => {
  const rig = new Rig();
  rig.join('first').gone();
  const late = rig.join('late');
  late.ended();
  rig.clock.wind(60_000);
  rig.relay.sweep();
  assert.is(rig.relay.rooms, 0);
  const carol = rig.join('carol');
  late.gone();
  rig.clock.wind(60_000);
  rig.relay.sweep();
  const dave = rig.join('dave');
  carol.send({ type: 'normal', id: '1', message: 'from carol' });
  dave.send({ type: 'normal', id: '2', message: 'from dave' });
  rig.turn();
  for (const client of [carol, dave]) assert.equal(client.said(), ['from carol', 'from dave']);
  assert.equal(rig.faults, []);
  assert.is(rig.relay.connections, 2);
});

relay('returns the history of the room that is open when the turn of the request comes', async () => {
  const scheduler = new HandScheduler();
  const rig = new Rig({ readScheduler: scheduler });
  // The first requests take up this turn.
  for (let index = 0; index < 5; index++) rig.relay.history('other', undefined, 10);
  const asked = rig.relay.history('lobby', undefined, 10);
  assert.instance(asked, Promise);
  const a = rig.connect();
  a.hello('a');
  a.send({ type: 'normal', id: '1', message: 'x' });
  rig.turn();
  scheduler.finish();
  const { head, payloads } = await asked;
  assert.equal([head, payloads.length], [1, 1]);
});

relay('keeps nothing of closed connections', () => {
  const rig = new Rig();
  for (let i = 0; i < 100; i++) {
    const client = rig.connect(`room-${i % 7}`);
    client.hello('x');
    client.gone();
  }
  rig.clock.wind(60_000);
  rig.relay.sweep();
  assert.is(rig.relay.rooms, 0);
  assert.is(rig.relay.connections, 0);
  assert.is(rig.clock.pending, 0);
});

relay('keeps at most a hundred empty rooms, and any room that a client has come back to', () => {
  const rig = new Rig();
  for (let i = 0; i < 150; i++) {
    const client = rig.connect(`room-${i}`);
    client.hello('x');
    client.gone();
  }
  rig.relay.sweep();
  assert.is(rig.relay.rooms, 100);
  const back = rig.join('x', 'room-149');
  rig.clock.wind(60_000);
  rig.relay.sweep();
  assert.is(rig.relay.rooms, 1);
  back.send({ type: 'normal', id: '1', message: 'here' });
  rig.turn();
  assert.equal(back.said(), ['here']);
});

relay('closes no connection as silent after its clock has jumped or the machine slept', () => {
  const rig = new Rig();
  const a = rig.join('a');
  rig.relay.sweep();
  rig.clock.sleep(3_600_000);
  rig.relay.sweep();
  assert.is(a.socket.closedWith, undefined);
  for (let s = 0; s < 150; s++) {
    rig.clock.wind(1000);
    rig.relay.sweep();
  }
  assert.is(a.socket.closedWith?.code, 4408, 'no later than the whole idle time after that');
});

const DAY_MS = 24 * 3_600_000;

/** Lets seconds pass with a sweep in each, while some clients send pings. */
function live(rig: Rig, seconds: number, pinging: readonly FakeClient[] = []) {
  for (let second = 0; second < seconds; second++) {
    rig.clock.wind(1000);
    for (const client of pinging) client.send('{"type":"ping"}');
    rig.relay.sweep();
  }
}

for (const days of [-1, 1]) {
  const jump = days < 0 ? 'set back' : 'set forward';

  relay(`timeouts and rates are the same after the time of day is ${jump} by a day`, () => {
    const rig = new Rig({ rate: 1, burst: 2 });
    const pinging = rig.join('pinging');
    live(rig, 5, [pinging]);
    const [stranger, silent] = [rig.connect(), rig.join('silent')];
    live(rig, 1, [pinging]);
    for (const id of ['1', '2']) pinging.send({ type: 'normal', id, message: 'x' });
    rig.clock.set(days * DAY_MS);
    pinging.read();
    pinging.send({ type: 'normal', id: '3', message: 'too fast' });
    assert.is(pinging.readOf('refused')[0]?.retryMs, 1000);
    live(rig, 7, [pinging]);
    assert.is(stranger.socket.closedWith, undefined, 'after 9 s');
    live(rig, 1, [pinging]);
    assert.is(stranger.socket.closedWith?.code, 4408, 'after 10 s');
    live(rig, 139, [pinging]);
    assert.is(silent.socket.closedWith, undefined, 'after 149 s');
    live(rig, 1, [pinging]);
    assert.is(silent.socket.closedWith?.code, 4408, 'after 150 s');
    assert.is(pinging.socket.closedWith, undefined);
    pinging.send({ type: 'normal', id: '3', message: 'x' });
    rig.turn();
    assert.is(pinging.readOf('normal').at(-1)?.at, rig.clock.date());
  });

  relay(
    `where the time of day is the only clock, a wait ends soon after it is ${jump}, and nobody else is closed`,
    () => {
      const rig = new Rig({ onlyDate: true, rate: 1, burst: 3 });
      const pinging = rig.join('pinging');
      const stranger = rig.connect();
      live(rig, 2, [pinging]);
      rig.clock.set(days * DAY_MS);
      live(rig, 1);
      assert.is(stranger.socket.closedWith?.code, 4408);
      for (const id of ['1', '2']) pinging.send({ type: 'normal', id, message: 'x' });
      rig.turn();
      assert.equal(pinging.said(), ['x', 'x']);
      live(rig, 100, [pinging]);
      assert.is(pinging.socket.closedWith, undefined);
    },
  );
}

relay('does not count a connection whose room cannot be opened', () => {
  const log: Log = {
    open() {
      throw new Error('disk I/O error');
    },
    commit() {},
  };
  const rig = new Rig({ log, maxPerAddress: 2 });
  for (let i = 0; i < 5; i++) assert.throws(() => rig.connect(), /disk/);
  assert.is(rig.relay.connections, 0);
});

relay('asks clients to spread their return over a longer time, the more of them there are', () => {
  const rig = new Rig();
  for (let i = 0; i < 2000; i++) rig.connect();
  const last = rig.connect();
  last.hello('x');
  assert.is(last.readOf('welcome')[0]?.limits.spread, 2001);
});

relay('shuts down in order: stores and delivers every message, then tells every client when to return', () => {
  const rig = new Rig();
  const [a, b] = [rig.join('a'), rig.join('b')];
  a.send({ type: 'normal', id: '1', message: 'the last word' });
  rig.relay.drain();
  assert.equal(b.said(), ['the last word']);
  for (const client of [a, b]) assert.equal(client.socket.closedWith, { code: 1012, reason: '500' });
  assert.ok(rig.relay.draining);
  const late = rig.connect();
  assert.equal(late.socket.closedWith, { code: 1012, reason: '500' });
});

relay('returns the history of an empty room', () => {
  const rig = new Rig();
  const a = rig.join('a', '大厅');
  for (let i = 0; i < 5; i++) a.send({ type: 'normal', id: `${i}`, message: `${i}` });
  rig.turn();
  a.gone();
  rig.clock.wind(60_000);
  rig.relay.sweep();
  const { head, payloads } = rig.history('大厅', { after: 3 }, 10);
  assert.is(head, 5);
  assert.is(payloads.length, 2);
  assert.is(rig.history('大厅', { before: 3 }, 1).payloads.length, 1);
  assert.is(rig.relay.rooms, 0, 'reading the history leaves no room open');
});

relay('returns no more history at once than fits in a page, and the rest on request', () => {
  const rig = new Rig();
  const a = rig.join('a');
  for (let i = 0; i < 200; i++) a.send({ type: 'normal', id: `${i}`, message: `x${'\u0001'.repeat(3999)}` });
  rig.turn();
  const bytes = (payloads: readonly string[]) => payloads.join('').length;
  const newest = rig.history('lobby', undefined, 200).payloads;
  assert.ok(bytes(newest) <= 256_000);
  assert.match(newest.at(-1) ?? '', '"seq":200,');
  const oldest = rig.history('lobby', { after: 0 }, 200).payloads;
  assert.ok(bytes(oldest) <= 256_000);
  assert.match(oldest[0] ?? '', '"seq":1,');
  assert.match(rig.history('lobby', { after: oldest.length }, 200).payloads[0] ?? '', `"seq":${oldest.length + 1},`);
});

relay.run();
