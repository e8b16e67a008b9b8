/**
 * Behaviour of Workers alone: rooms sleep with open connections, all connections can be lost without warning, and the
 * relay cannot see how much is queued for a slow reader.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { within } from '../support/deadline.ts';
import { WireClient } from '../support/wire-client.ts';
import { WorkersProcess } from '../support/workers-process.ts';

const HISTORY = 500;
/** An idle object sleeps after 10 s, later on a busy machine. */
const ASLEEP_MS = 12_000;
const READERS = 1000;

const workers = suite('workers');
const relay = new WorkersProcess({
  RATE: '0',
  MAX_PER_ADDRESS: '0',
  HISTORY: `${HISTORY}`,
  // Logs when a room wakes up.
  LOG_LEVEL: 'debug',
});

workers.before(async () => {
  await relay.start();
});
workers.after(() => relay.dispose());

const awakenings = () => relay.output.match(/room awake with 2 connections/g) ?? [];
const asleep = (ms = ASLEEP_MS) => new Promise(resolve => setTimeout(resolve, ms));

workers(
  'sleeps through pings with open connections, and wakes with the same state',
  within(async () => {
    const a = await WireClient.join(relay.host, 'sleep', 'a', { key: 'a-secret-key-0123456789' });
    const b = await WireClient.join(relay.host, 'sleep', 'b');
    a.say('m1', 'before');
    const before = await b.message('before');
    await a.until('people', frame => frame.joined?.some(({ user }) => user === 'b') ?? false);
    const said = a.frames.length;
    a.say('m1', 'before', { again: true });
    await a.until('normal', ({ id }) => id === 'm1', said);
    const pings = setInterval(() => {
      for (const client of [a, b]) client.send('{"type":"ping"}');
    }, 1000);
    const received = a.frames.length;
    const awake = awakenings().length;
    await asleep();
    assert.ok(a.of('ping').length >= 9, 'pings are answered');
    assert.is(awakenings().length, awake);
    b.say('m2', 'after');
    const after = await a.message('after');
    clearInterval(pings);
    // The room's log line passes through wrangler, which takes a moment.
    for (let tries = 0; tries < 100 && awakenings().length === awake; tries++) await asleep(50);
    assert.is(awakenings().length, awake + 1, 'it had slept');
    assert.ok(after.seq > before.seq);
    assert.is(after.user, 'b');
    // A first attempt that was delayed for so long that the message was retried in the meantime.
    a.say('m1', 'before');
    await a.until('normal', ({ id }) => id === 'm1', received);
    a.say('m3', 'and back');
    await b.message('and back');
    const c = await WireClient.join(relay.host, 'sleep', 'c');
    await c.pong();
    assert.equal(
      c.of('welcome')[0]?.people.list.map(({ user }) => user),
      ['a', 'b', 'c'],
    );
    assert.equal(c.said, ['before', 'after', 'and back'], 'the retried message is stored once');
    await a.until('people', frame => frame.joined?.some(({ user }) => user === 'c') ?? false);
    const news = a.frames.slice(received).flatMap(frame => (frame.type === 'people' ? (frame.joined ?? []) : []));
    assert.equal(
      news.map(({ user }) => user),
      ['c'],
      'nobody else is announced',
    );
    await Promise.all([a, b, c].map(client => client.close()));
  }, 60_000),
);

workers(
  'neither loses nor duplicates messages when it is killed, and keeps its epoch',
  within(async () => {
    const key = 'b-secret-key-0123456789';
    const a = await WireClient.join(relay.host, 'kill', 'a', { key });
    for (let i = 1; i <= 20; i++) a.say(`m${i}`, `${i}`);
    const { seq } = await a.message('10');
    await a.message('20');
    await relay.kill();
    await a.closed;
    await relay.start();
    const epoch = a.of('welcome')[0]?.epoch;
    const back = await WireClient.join(relay.host, 'kill', 'a', { key, epoch, since: seq });
    back.say('m20', '20', { again: true });
    back.say('m21', '21');
    await back.message('21');
    assert.is(back.of('welcome')[0]?.epoch, epoch);
    assert.is(back.of('page')[0]?.missed, 0);
    const texts = [...new Set(back.said)];
    assert.equal(
      texts,
      Array.from({ length: 11 }, (_, index) => `${index + 11}`),
    );
    const fresh = await WireClient.join(relay.host, 'kill', 'c');
    await fresh.pong();
    assert.is(fresh.said.length, 21);
    await Promise.all([back.close(), fresh.close()]);
  }, 60_000),
);

workers(
  'keeps as much history as configured',
  within(async () => {
    const a = (await WireClient.join(relay.host, 'history', 'a')).keepUp();
    for (let i = 1; i <= 2 * HISTORY; i++) {
      a.say(`m${i}`, `${i}`);
      if (i % 100 === 0) await a.message(`${i}`);
    }
    const response = await fetch(`http://${relay.host}/rooms/history/messages?after=0&limit=1`);
    const { messages }: { messages: { seq: number }[] } = await response.json();
    const held = 2 * HISTORY + 1 - (messages[0]?.seq ?? 0);
    assert.ok(held >= HISTORY && held <= HISTORY * 1.3, `${held}`);
    await a.close();
  }, 60_000),
);

workers(
  'writes no more than its share to a client that reads nothing, though it pings, and lets it catch up',
  within(async () => {
    const [pinging, sender] = await Promise.all(
      ['pinging', 'sender'].map(name => WireClient.join(relay.host, 'slow', name)),
    );
    if (!pinging || !sender) return assert.unreachable();
    sender.keepUp();
    const text = (index: number) => `${index} ${'x'.repeat(4000)}`;
    for (let index = 0; index < 400; index++) {
      sender.say(`m${index}`, text(index));
      if (index % 10 !== 9) continue;
      pinging.send('{"type":"ping"}');
      await sender.message(text(index));
    }
    await pinging.pong();
    const bytes = pinging.said.join('').length;
    assert.ok(bytes > 200_000 && bytes < 400_000, `${bytes} bytes`);
    for (let more = true; more; ) {
      const from = pinging.frames.length;
      pinging.send({ type: 'more', after: pinging.of('normal').at(-1)?.seq });
      more = (await pinging.until('page', () => true, from)).more;
      await pinging.pong();
    }
    assert.equal(
      pinging.of('normal').map(({ seq }) => seq),
      Array.from({ length: 400 }, (_, index) => index + 1),
    );
    await Promise.all([pinging, sender].map(client => client.close()));
  }, 60_000),
);

workers(
  'closes a room to a stranger that is told to go and stays, and sleeps all the same',
  within(async () => {
    const a = await WireClient.join(relay.host, 'strangers', 'a');
    const stranger = new WebSocket(`ws://${relay.host}/rooms/strangers`);
    await new Promise(resolve => stranger.once('open', resolve));
    const awake = () => (relay.output.match(/room awake/g) ?? []).length;
    const before = awake();
    // It does not read, and so does not answer the close.
    stranger.pause();
    await asleep(11_000 + ASLEEP_MS);
    a.say('m1', 'awake');
    await a.message('awake');
    for (let tries = 0; tries < 100 && awake() === before; tries++) await asleep(50);
    assert.ok(awake() > before, 'it had slept');
    stranger.resume();
    stranger.terminate();
    await a.close();
  }, 60_000),
);

workers(
  'is not disturbed by sockets that break, close codes that cannot be echoed, and oversized frames',
  within(async () => {
    const a = await WireClient.join(relay.host, 'rough', 'a');
    for (let round = 0; round < 3; round++) {
      const clients = await Promise.all([1, 2, 3, 4, 5].map(n => WireClient.join(relay.host, 'rough', `x${n}`)));
      const [broken, bare, coded, large, binary] = clients;
      broken?.ws.terminate();
      bare?.ws.close();
      coded?.ws.close(4999, 'x');
      large?.send('x'.repeat(70_000));
      binary?.send(new Uint8Array(70_000));
      assert.is((await large?.closed)?.code, 1009);
      assert.is((await binary?.closed)?.code, 1009);
      await Promise.all([broken?.closed, bare?.closed, coded?.closed]);
    }
    await a.until('people', ({ count, left }) => count === 1 && left !== undefined);
    a.say('m1', 'still here');
    await a.message('still here');
    assert.not.match(relay.output, /Uncaught|exception|Error:/);
    await a.close();
  }, 60_000),
);

workers(
  "uses far less than an object's memory for a thousand clients that return at once and do not read",
  within(async () => {
    const a = (await WireClient.join(relay.host, 'herd', 'a')).keepUp();
    for (let i = 0; i < HISTORY; i++) a.say(`m${i}`, `${i} ${'x'.repeat(4000)}`);
    await a.message(`${HISTORY - 1} ${'x'.repeat(4000)}`);
    const { epoch } = a.of('welcome')[0] ?? {};
    // A thousand handshakes at once take a busy machine more than the 10 s in which a client must say hello.
    const herd: WebSocket[] = [];
    while (herd.length < READERS) {
      const opened = Array.from({ length: READERS / 20 }, () => openUnread(`ws://${relay.host}/rooms/herd`));
      for (const ws of await Promise.all(opened)) {
        herd.push(ws);
        ws.send(JSON.stringify({ type: 'hello', user: `r${herd.length}`, epoch, since: 0 }));
      }
    }
    while (!a.of('people').some(({ count }) => count >= READERS)) {
      await asleep(100);
      a.send('{"type":"ping"}');
    }
    // Everything that the object sent without a sign of life from the other end.
    const bytes = (await Promise.all(herd.map(readQueued))).reduce((sum, waiting) => sum + waiting);
    process.stdout.write(`${Math.round(bytes / 1e6)} MB for ${READERS} returning readers\n`);
    assert.ok(bytes > READERS * 10_000 && bytes < 64_000_000, `${bytes} bytes`);
    for (const ws of herd) ws.terminate();
    await a.close();
  }, 60_000),
);

workers.run();

/** Opens a socket that is not read. */
function openUnread(url: string): Promise<WebSocket> {
  const ws = new WebSocket(url);
  return new Promise((resolve, reject) => {
    ws.on('error', reject);
    ws.on('open', () => {
      ws.pause();
      resolve(ws);
    });
  });
}

/** Reads everything that is queued, up to the answer to a ping. Returns the number of bytes. */
function readQueued(ws: WebSocket): Promise<number> {
  let bytes = 0;
  return new Promise(resolve => {
    ws.on('message', data => {
      const frame = data.toString();
      bytes += frame.length;
      if (frame === '{"type":"ping"}') resolve(bytes);
    });
    ws.send('{"type":"ping"}');
    ws.resume();
  });
}
