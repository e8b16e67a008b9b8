import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Client, createClient, type WebSocketLike } from '../../../src/web/client/client.ts';
import { HandClock } from '../../support/clock.ts';
import { edited, erased, FakeSocket, FakeStorage, LIMITS, message, Pair } from '../../support/pair.ts';

const connecting = suite('client: connecting');

connecting('is connected once the welcome arrives, not when the socket opens', () => {
  const pair = new Pair();
  assert.is(pair.client.state.name, 'closed');
  pair.client.open();
  pair.socket.open();
  assert.is(pair.client.state.name, 'connecting');
  assert.equal(pair.socket.read(), [{ type: 'hello', user: 'xs', key: 'a-key-of-sixteen-or-more' }]);
  pair.socket.welcome();
  assert.is(pair.client.state.name, 'connected');
  assert.is(pair.client.you, 'me');
});

connecting('gives up an attempt after 8 s, and keeps trying forever', () => {
  const pair = new Pair();
  pair.client.open();
  const waits: number[] = [];
  for (let n = 0; n < 12; n++) {
    if (n % 2) pair.socket.open();
    pair.clock.wind(7999);
    assert.is(pair.client.state.name, 'connecting');
    pair.clock.wind(1);
    assert.ok(pair.socket.closedWith, 'it lets go of the socket');
    waits.push(pair.waiting);
    pair.clock.wind(pair.waiting);
  }
  assert.equal(waits, [375, 750, 1500, 3000, 6000, 11_250, 11_250, 11_250, 11_250, 11_250, 11_250, 11_250]);
  assert.is(pair.sockets.length, 13);
});

connecting('waits up to a minute between attempts while hidden', () => {
  const pair = new Pair();
  pair.lifecycle.hidden = true;
  pair.random = 1;
  pair.client.open();
  for (let n = 0; n < 10; n++) {
    pair.socket.end();
    pair.clock.wind(pair.waiting);
  }
  pair.socket.end();
  assert.is(pair.waiting, 60_000);
});

connecting('resets the count of attempts only after being connected for 5 s', () => {
  const pair = new Pair();
  pair.client.open();
  for (let n = 0; n < 5; n++) {
    pair.socket.end();
    pair.clock.wind(pair.waiting);
  }
  for (const expected of [11_250, 11_250]) {
    pair.live();
    pair.clock.wind(4999);
    pair.socket.end();
    assert.is(pair.waiting, expected, 'a connection that breaks at once does not reset the count');
    pair.clock.wind(pair.waiting);
  }
  pair.live();
  pair.clock.wind(5000);
  pair.socket.end();
  assert.is(pair.waiting, 250, 'a random part of the spread');
});

connecting('reconnects after a random part of the spread when the connection is closed unexpectedly', () => {
  for (const random of [0, 0.25, 1]) {
    const pair = new Pair();
    pair.live([], { limits: { spread: 10_000 } });
    pair.clock.wind(5000);
    pair.random = random;
    pair.socket.end(1006);
    assert.is(pair.waiting, random * 10_000);
  }
});

connecting('retries if the socket cannot even be created', () => {
  const pair = new Pair({
    connect: () => {
      throw new Error('SecurityError');
    },
  });
  pair.client.open();
  assert.is(pair.client.state.name, 'waiting');
});

connecting('retries a hello that was refused temporarily, and reports a name that is refused for good', () => {
  const pair = new Pair();
  pair.client.open();
  pair.socket.open();
  pair.socket.hear({ type: 'refused', code: 'unavailable', of: 'hello', retryMs: 300 });
  pair.socket.read();
  pair.clock.wind(300);
  assert.is(pair.socket.read()[0]?.type, 'hello');
  pair.socket.hear({ type: 'refused', code: 'bad-user', of: 'hello' });
  assert.equal(pair.events, ['refused hello bad-user']);
  pair.client.rename('good');
  assert.equal(
    pair.socket.read().map(({ type, user }) => [type, user]),
    [['hello', 'good']],
  );
});

connecting('sends a new name only after the pending hello has been answered', () => {
  const pair = new Pair();
  pair.client.open();
  pair.client.rename('b');
  pair.socket.open();
  pair.client.rename('c');
  assert.equal(
    pair.socket.read().map(({ type, user }) => [type, user]),
    [['hello', 'b']],
  );
  pair.socket.welcome();
  assert.equal(pair.socket.read(), [{ type: 'rename', user: 'c' }]);
});

connecting.run();

const closing = suite('client: closing');

closing('stays closed after close(), whatever events the page receives, until it is opened', () => {
  const pair = new Pair().live();
  pair.client.close();
  assert.equal(pair.socket.closedWith, { code: 1000 });
  assert.is(pair.client.state.name, 'closed');
  for (const event of ['online', 'offline', 'hidden', 'visible', 'resume', 'pagehide', 'pageshow'] as const) {
    pair.lifecycle.tell(event);
    pair.clock.wind(60_000);
  }
  pair.client.retry();
  assert.is(pair.sockets.length, 1);
  assert.is(pair.clock.pending, 0);
  pair.client.open();
  assert.is(pair.sockets.length, 2);
});

closing('stops at 4400, 4401, 4403 and unknown codes from 4500 to 4999, and at no other code', () => {
  for (const code of [4400, 4401, 4403, 4500, 4777, 4999]) {
    const pair = new Pair().live();
    pair.socket.end(code);
    assert.equal(pair.client.state, { name: 'stopped', code });
    pair.lifecycle.tell('online');
    pair.clock.wind(100_000);
    assert.is(pair.sockets.length, 1);
    assert.is(pair.clock.pending, 0);
    pair.client.open();
    assert.is(pair.sockets.length, 2);
  }
  for (const code of [1000, 1001, 1005, 1006, 1009, 1011, 1012, 1013, 3000, 4000, 4402, 4408, 4429, 4499, 5000]) {
    const pair = new Pair().live();
    pair.socket.end(code);
    assert.is(pair.client.state.name, 'waiting', `${code}`);
  }
});

closing(
  'reconnects after 1012 within the time in the reason, after 1013 and 4429 in 5 to 30 s, and at once if it was slow',
  () => {
    const after = (code: number, reason: string, random: number) => {
      const pair = new Pair().live();
      pair.random = random;
      pair.socket.end(code, reason);
      return pair.waiting;
    };
    assert.equal([after(1012, '8000', 0), after(1012, '8000', 0.5), after(1012, '8000', 1)], [0, 4000, 8000]);
    assert.is(after(1012, '', 1), 500, 'without a time in the reason, the spread applies');
    assert.is(after(1012, 'soon', 1), 500);
    for (const code of [1013, 4429]) assert.equal([after(code, '', 0), after(code, '', 1)], [5000, 30_000]);
    assert.is(after(1013, 'slow', 1), 0);
  },
);

closing('leaves no timer, socket or listener behind when it is disposed of', () => {
  for (const state of ['connecting', 'connected', 'waiting'] as const) {
    const pair = new Pair();
    pair.client.open();
    if (state !== 'connecting') pair.live();
    if (state === 'waiting') pair.socket.end();
    pair.client.say('x');
    pair.client.dispose();
    assert.is(pair.clock.pending, 0, state);
    assert.not(pair.lifecycle.listening);
    if (state !== 'waiting') assert.ok(pair.socket.closedWith);
    assert.is(pair.socket.onclose, null);
  }
});

closing('leaves nothing behind if an event handler disposes of it', () => {
  for (const name of ['connecting', 'connected', 'waiting', 'message']) {
    const clock = new HandClock();
    const sockets: FakeSocket[] = [];
    const connect = () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    };
    const tell = (what: string) => what === name && client.dispose();
    const client: Client = createClient(
      'wss://relay.example/rooms/r',
      { user: 'xs', key: 'k'.repeat(16), clock, connect },
      { state: state => tell(state.name), message: () => tell('message') },
    );
    client.open();
    sockets[0]?.open();
    sockets[0]?.welcome();
    sockets[0]?.page([message(1), message(2)]);
    sockets[0]?.end();
    assert.is(clock.pending, 0, name);
    assert.is(sockets.length, 1);
    assert.is(sockets[0]?.onclose, null, name);
  }
});

closing('leaves nothing behind if a handler of the welcome, the page or an unsent message disposes of it', () => {
  for (const name of ['reset', 'page', 'outgoing unknown', 'outgoing failed']) {
    for (const end of ['dispose', 'close'] as const) {
      const clock = new HandClock();
      const sockets: FakeSocket[] = [];
      const connect = () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      };
      let armed = false;
      const tell = (what: string) => armed && what === name && client[end]();
      const client: Client = createClient(
        'wss://relay.example/rooms/r',
        { user: 'xs', key: 'k'.repeat(16), clock, connect },
        {
          reset: () => tell('reset'),
          page: () => tell('page'),
          outgoing: ({ state }) => tell(`outgoing ${state}`),
        },
      );
      client.open();
      sockets[0]?.open();
      sockets[0]?.welcome();
      sockets[0]?.page([]);
      client.say('x');
      armed = true;
      sockets[0]?.end(name === 'outgoing failed' ? 1009 : 1006);
      const { state } = client;
      if (state.name === 'waiting') {
        clock.wind(state.until - clock.now());
        sockets[1]?.open();
        sockets[1]?.welcome({ epoch: name === 'reset' ? 'F' : 'E' });
        sockets[1]?.page([], { missed: name === 'outgoing unknown' ? 1 : 0 });
      }
      assert.is(client.state.name, 'closed', `${name} ${end}`);
      assert.is(clock.pending, 0, `${name} ${end}`);
      clock.wind(60_000);
      assert.is(sockets.length, name === 'outgoing failed' ? 1 : 2, `${name} ${end}`);
      assert.equal(
        sockets.filter(({ readyState }) => readyState < 2),
        [],
      );
    }
  }
});

closing('handles every error of a socket: outside a browser, an unhandled one ends the process', () => {
  const pair = new Pair();
  pair.client.open();
  assert.type(pair.socket.onerror, 'function');
  pair.client.close();
  assert.type(pair.socket.onerror, 'function');
});

closing.run();

const heartbeat = suite('client: heartbeat');

heartbeat('pings every 3 s whatever else it receives, and reports how long the answer took', () => {
  const pair = new Pair().live();
  for (let count = 1; count <= 10; count++) {
    pair.socket.hear(message(count));
    pair.clock.wind(count === 1 ? 3000 : 2992);
    assert.is(pair.socket.pings, count);
    pair.clock.wind(8);
    pair.socket.hear({ type: 'ping' });
  }
  assert.equal(pair.pongs, Array(10).fill(8));
});

heartbeat('pings every 25 s while hidden, at a configured interval, or not at all', () => {
  const hidden = new Pair().live();
  hidden.lifecycle.tell('hidden');
  hidden.clock.wind(24_999);
  assert.is(hidden.socket.pings, 0);
  hidden.clock.wind(1);
  assert.is(hidden.socket.pings, 1);
  const slow = new Pair({ heartbeatMs: 10_000 }).live();
  slow.clock.wind(10_000);
  assert.is(slow.socket.pings, 1);
  const off = new Pair({ heartbeatMs: 0 }).live();
  off.clock.wind(100_000);
  assert.is(off.socket.pings, 0);
  assert.is(off.client.state.name, 'connected');
});

heartbeat(
  'treats a connection as dead if it receives nothing for 10 s after a ping, and does not wait for it to close',
  () => {
    const pair = new Pair().live();
    const { socket } = pair;
    pair.clock.wind(12_999);
    assert.is(pair.client.state.name, 'connected');
    pair.clock.wind(1);
    assert.is(pair.client.state.name, 'waiting');
    assert.ok(socket.closedWith);
    socket.end();
    socket.hear(message(1));
    assert.equal(pair.messages, [], 'its handlers are removed');
    pair.clock.wind(pair.waiting);
    assert.is(pair.sockets.length, 2);
  },
);

heartbeat('treats any frame as a sign of life', () => {
  const pair = new Pair().live();
  for (let i = 0; i < 20; i++) {
    pair.clock.wind(9000);
    pair.socket.hear({ type: 'something new' });
  }
  assert.is(pair.client.state.name, 'connected');
});

heartbeat('takes a late timer as a sign that the machine slept, and probes before giving up', () => {
  const pair = new Pair().live();
  pair.clock.wind(3000);
  pair.clock.sleep(55_000);
  pair.clock.wind(0);
  assert.is(pair.client.state.name, 'connected');
  const { pings } = pair.socket;
  assert.ok(pings >= 2);
  pair.clock.wind(1000);
  pair.socket.hear({ type: 'ping' });
  pair.clock.wind(9000);
  assert.is(pair.client.state.name, 'connected');

  const dead = new Pair().live();
  dead.clock.wind(3000);
  dead.clock.sleep(55_000);
  dead.clock.wind(4999);
  assert.is(dead.client.state.name, 'connected');
  dead.clock.wind(1);
  assert.is(dead.client.state.name, 'waiting', 'no answer to the probe within 5 s');
});

heartbeat('keeps the connection of a background tab whose timers run once a minute', () => {
  const pair = new Pair().live();
  pair.lifecycle.tell('hidden');
  for (let minute = 0; minute < 60; minute++) {
    pair.clock.sleep(60_000);
    pair.clock.wind(0);
    pair.socket.hear({ type: 'ping' });
  }
  assert.is(pair.client.state.name, 'connected');
  assert.is(pair.sockets.length, 1);
});

heartbeat('notices in such a tab too that the relay no longer answers', () => {
  const pair = new Pair().live();
  pair.lifecycle.tell('hidden');
  for (let minute = 0; minute < 4 && pair.sockets.length === 1; minute++) {
    pair.clock.sleep(60_000);
    pair.clock.wind(0);
  }
  assert.is(pair.sockets.length, 2);
});

heartbeat.run();

const waking = suite('client: waking');

waking('retries at once when an event says that the relay may be reachable again', () => {
  for (const event of ['online', 'visible', 'resume', 'pageshow'] as const) {
    const pair = new Pair().live();
    pair.random = 1;
    pair.socket.end(1013);
    assert.is(pair.waiting, 30_000);
    pair.lifecycle.tell(event);
    assert.is(pair.client.state.name, 'connecting', event);
    assert.is(pair.sockets.length, 2);
    pair.lifecycle.tell(event);
    assert.is(pair.sockets.length, 2, 'a running attempt continues');
  }
});

waking('does not trust an open connection then, but probes it', () => {
  for (const event of ['online', 'offline', 'visible', 'resume', 'pageshow'] as const) {
    const pair = new Pair().live();
    pair.lifecycle.tell(event);
    assert.is(pair.socket.pings, 1, event);
    pair.clock.wind(5000);
    assert.is(pair.client.state.name, 'waiting', event);
  }
});

waking('only probes when the browser says that it is offline', () => {
  const pair = new Pair().live();
  pair.lifecycle.tell('offline');
  pair.socket.hear({ type: 'ping' });
  pair.clock.wind(9000);
  pair.socket.hear({ type: 'ping' });
  assert.is(pair.client.state.name, 'connected');
  const broken = new Pair().live();
  broken.random = 1;
  broken.socket.end(1013);
  broken.lifecycle.tell('offline');
  assert.is(broken.client.state.name, 'waiting');
});

waking('notices that the machine slept, by a tick that is more than 20 s late', () => {
  const pair = new Pair();
  pair.random = 1;
  pair.live();
  pair.socket.end(1013);
  pair.clock.sleep(26_000);
  pair.clock.wind(0);
  assert.is(pair.client.state.name, 'connecting');

  const off = new Pair({ heartbeatMs: 0 }).live();
  off.clock.sleep(26_000);
  off.clock.wind(0);
  assert.is(off.socket.pings, 1, 'an open connection is probed');
});

waking('closes its socket before the page enters the back/forward cache, and resumes afterwards', () => {
  const pair = new Pair().live([message(1), message(2)]);
  pair.lifecycle.tell('pagehide');
  assert.equal(pair.socket.closedWith, { code: undefined });
  assert.is(pair.clock.pending, 0);
  pair.lifecycle.tell('pageshow');
  pair.socket.open();
  assert.equal(
    pair.socket.read().map(({ epoch, since }) => [epoch, since]),
    [['E', 2]],
  );
});

waking.run();

const reading = suite('client: reading');

reading('delivers every message once, in order, and knows which come from the log', () => {
  const pair = new Pair().live([message(1), message(2)]);
  pair.socket.hear(message(3));
  pair.socket.hear(message(2));
  pair.socket.hear(message(3));
  pair.socket.hear(message(4));
  assert.equal(
    pair.messages.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
  assert.equal(pair.replayed, [true, true, false, false]);
});

reading('resumes from the last entry that it has read', () => {
  const pair = new Pair().live([message(1)]);
  pair.socket.hear(message(2));
  pair.socket.end();
  pair.clock.wind(pair.waiting);
  pair.socket.open();
  assert.equal(
    pair.socket.read().map(({ epoch, since }) => [epoch, since]),
    [['E', 2]],
  );
});

reading('has a cursor in an empty room too, but none before its first page', () => {
  const empty = new Pair().live();
  empty.socket.end();
  empty.clock.wind(empty.waiting);
  empty.socket.open();
  assert.is(empty.socket.read()[0]?.since, 0);

  const early = new Pair();
  early.client.open();
  early.socket.open();
  early.socket.welcome();
  early.socket.hear({ type: 'page', replay: 50, head: 60, missed: 0, more: false });
  early.socket.hear(message(11));
  early.socket.read();
  early.socket.end();
  early.clock.wind(early.waiting);
  early.socket.open();
  assert.is(early.socket.read()[0]?.since, 11, 'an incomplete page does not move the cursor to its head');
});

reading('asks for the next page after receiving one completely, and is live only after the last', () => {
  const pair = new Pair();
  pair.client.say('mine');
  pair.client.open();
  pair.socket.open();
  pair.socket.welcome();
  pair.socket.read();
  pair.socket.hear({ type: 'page', replay: 2, head: 4, missed: 0, more: true });
  pair.socket.hear(message(1));
  assert.equal(pair.socket.read(), []);
  pair.socket.hear(message(2));
  assert.equal(pair.socket.read(), [{ type: 'more', after: 2 }]);
  pair.socket.page([message(3), message(4)]);
  assert.equal(
    pair.socket.read().map(({ type, message }) => [type, message]),
    [['normal', 'mine']],
  );
});

reading('asks again for a page that the relay could not read', () => {
  const pair = new Pair().live();
  pair.socket.page([message(1), message(2)], { head: 4, more: true });
  assert.equal(pair.socket.read(), [{ type: 'more', after: 2 }]);
  pair.socket.hear({ type: 'refused', code: 'unavailable', of: 'more', retryMs: 500 });
  pair.clock.wind(499);
  assert.equal(pair.socket.read(), []);
  pair.clock.wind(1);
  assert.equal(pair.socket.read(), [{ type: 'more', after: 2 }]);
});

reading('starts over if the log is another one', () => {
  const pair = new Pair().live([message(5), message(6)]);
  pair.socket.end();
  pair.clock.wind(pair.waiting);
  pair.socket.open();
  pair.socket.welcome({ epoch: 'F' });
  assert.equal(pair.events.at(-1), 'reset');
  pair.socket.page([message(1)], { missed: null });
  assert.equal(
    pair.messages.map(({ seq }) => seq),
    [5, 6, 1],
  );
  assert.is(pair.events.at(-1), 'page missed null');
});

reading('counts unknown entries, in a page and live, and otherwise ignores them', () => {
  const pair = new Pair();
  pair.client.open();
  pair.socket.open();
  pair.socket.welcome();
  pair.socket.read();
  pair.socket.hear({ type: 'page', replay: 3, head: 5, missed: 0, more: true });
  pair.socket.hear({ type: 'of a later version', seq: 1 });
  pair.socket.hear({ type: 'normal', seq: 2, user: 7 });
  pair.socket.hear({ type: 'gone', seq: 3 });
  assert.equal(pair.socket.read(), [{ type: 'more', after: 3 }]);
  pair.socket.page([message(4), edited(5, 4)]);
  pair.socket.hear({ type: 'of a later version', seq: 6 });
  pair.socket.hear(message(7));
  assert.equal(
    pair.messages.map(({ seq }) => seq),
    [4, 7],
  );
  assert.is(pair.sockets.length, 1);
  pair.socket.end();
  pair.clock.wind(pair.waiting);
  pair.socket.open();
  assert.is(pair.socket.sent[0]?.since, 7);
});

reading('reports edited and erased messages', () => {
  const pair = new Pair().live([message(1), message(2), message(3)]);
  pair.socket.hear(edited(4, 2));
  pair.socket.hear(erased(5, [1, 3]));
  pair.socket.hear(edited(6, 1));
  assert.equal(pair.changed, [edited(4, 2), edited(6, 1)]);
  assert.equal(pair.erased, [[1, 3]]);
  assert.equal(pair.shown, [message(2, { message: 'edit 4', edited: 4, rev: 4 })]);
});

reading('forgets all edits and erasures if the log is another one', () => {
  const pair = new Pair().live([message(1), message(2)]);
  pair.socket.hear(erased(3, 1));
  pair.socket.end();
  pair.clock.wind(pair.waiting);
  pair.live([message(1)], { epoch: 'F' });
  assert.equal(
    pair.messages.map(({ seq }) => seq),
    [1, 2, 1],
  );
});

reading('resumes once when live entries are missing, and receives them', () => {
  const pair = new Pair().live([message(1)]);
  pair.socket.hear(message(4));
  assert.is(pair.client.state.name, 'waiting');
  assert.equal(pair.messages.length, 1, 'the entry after the gap is not shown before the missing ones');
  pair.relive([message(2), { type: 'gone', seq: 3 }, message(4)]);
  assert.equal(
    pair.messages.map(({ seq }) => seq),
    [1, 2, 4],
  );
  pair.socket.hear(message(5));
  assert.is(pair.sockets.length, 2);
});

reading('accepts a gap that is still there after resuming: it is a floor', () => {
  const pair = new Pair().live([message(1)]);
  pair.socket.hear(message(1001));
  pair.relive([], { head: 1 });
  pair.socket.hear(message(1001));
  pair.socket.hear(message(1002));
  assert.is(pair.sockets.length, 2);
  assert.equal(
    pair.messages.map(({ seq }) => seq),
    [1, 1001, 1002],
  );
});

reading('neither loses nor duplicates a message in flight when it resumes from a gap', () => {
  const pair = new Pair().live([message(1)]);
  pair.client.say('one');
  pair.client.say('two');
  const [one = '', two = ''] = pair.client.outgoing.map(({ id }) => id);
  pair.socket.hear(message(3, { id: one, from: 'me', message: 'one' }));
  assert.equal(pair.client.outgoing.length, 2);
  pair.relive([message(2), message(3, { id: one, from: 'me', message: 'one' })]);
  assert.equal(pair.sent, [one]);
  assert.equal(
    pair.socket.sent.filter(({ type }) => type === 'normal').map(({ id, again }) => [id, again]),
    [[two, undefined]],
  );
  pair.socket.hear(message(4, { id: two, from: 'me', message: 'two' }));
  assert.equal(pair.client.outgoing, []);
  assert.equal(
    pair.messages.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
});

reading('detects a gap between live entries after it was behind, but none where a page reports missed entries', () => {
  const pair = new Pair().live([message(1)]);
  pair.socket.page([message(2), message(3)], { head: 6, more: true });
  pair.socket.page([message(5), message(6)], { missed: 1 });
  assert.is(pair.client.state.name, 'connected');
  pair.socket.hear(message(8));
  assert.is(pair.client.state.name, 'waiting');
  pair.clock.wind(pair.waiting);
  pair.socket.open();
  assert.is(pair.socket.sent[0]?.since, 6);
});

reading('ignores invalid frames', () => {
  const pair = new Pair().live();
  for (const junk of [
    null,
    7,
    [],
    {},
    { type: 'welcome' },
    { type: 'page', replay: -1 },
    { type: 'normal', seq: 'x' },
    { type: 'of a later version', seq: 0 },
  ]) {
    pair.socket.hear(junk as object);
  }
  pair.socket.onmessage?.({ data: 'not json' });
  pair.socket.onmessage?.({ data: new ArrayBuffer(8) });
  assert.equal(pair.messages, []);
  assert.is(pair.client.state.name, 'connected');
});

reading.run();

const saying = suite('client: saying');
const idOf = (pair: Pair, index = 0) => pair.client.outgoing[index]?.id ?? '';

saying('sends one message at a time, in order, under the name it was written under', () => {
  const pair = new Pair();
  pair.client.say('one');
  pair.client.rename('新角色');
  pair.client.say('two');
  pair.live();
  const [first] = pair.socket.sent.filter(({ type }) => type === 'normal');
  assert.equal([first?.message, first?.user, first?.again], ['one', 'xs', undefined]);
  assert.equal(pair.socket.sent.filter(({ type }) => type === 'normal').length, 1, 'one under way');
  pair.socket.hear(message(1, { id: idOf(pair), from: 'me', message: 'one' }));
  assert.equal(
    pair.socket.read().map(({ message, user }) => [message, user]),
    [['two', '新角色']],
  );
  pair.socket.hear(message(2, { id: idOf(pair), from: 'me', message: 'two' }));
  assert.equal(pair.client.outgoing, []);
  assert.is(pair.sent.length, 2);
  assert.equal(
    pair.messages.map(({ seq }) => seq),
    [1, 2],
  );
  assert.is(pair.storage.kept.size, 0);
});

saying('recognises the echo of its own message by id and author', () => {
  const pair = new Pair().live();
  pair.client.say('mine');
  pair.socket.hear(message(1, { id: idOf(pair), from: 'someone else' }));
  assert.is(pair.client.outgoing.length, 1);
  pair.socket.hear(message(2, { id: idOf(pair), from: 'me' }));
  assert.is(pair.client.outgoing.length, 0);
});

saying('after a disconnect, first retries messages that may not have arrived', () => {
  const pair = new Pair().live();
  pair.client.say('one');
  pair.client.say('two');
  const id = idOf(pair);
  pair.socket.end();
  pair.clock.wind(pair.waiting);
  pair.live();
  const said = () => pair.socket.sent.filter(({ type }) => type === 'normal');
  assert.equal(said(), [{ type: 'normal', id, message: 'one', user: 'xs', again: true }]);
});

saying('accepts the acknowledgement of an old message without moving its cursor', () => {
  const pair = new Pair().live([message(90), message(91)]);
  pair.client.say('one');
  pair.socket.hear(message(3, { id: idOf(pair), from: 'me' }));
  assert.equal(pair.client.outgoing, []);
  assert.is(pair.sent.length, 1);
  assert.equal(
    pair.messages.map(({ seq }) => seq),
    [90, 91],
  );
  pair.socket.end();
  pair.clock.wind(pair.waiting);
  pair.socket.open();
  assert.is(pair.socket.sent[0]?.since, 91);
});

saying('accepts its own message in a page as the acknowledgement', () => {
  const pair = new Pair().live();
  pair.client.say('one');
  const id = idOf(pair);
  pair.socket.end();
  pair.clock.wind(pair.waiting);
  pair.live([message(1, { id, from: 'me' })]);
  assert.equal(pair.client.outgoing, []);
  assert.equal(
    pair.socket.sent.filter(({ type }) => type === 'normal'),
    [],
  );
});

saying('retries a message after a temporary refusal, in its place, and fails it after a final one', () => {
  for (const code of ['too-fast', 'unavailable'] as const) {
    const pair = new Pair().live();
    pair.client.say('one');
    pair.client.say('two');
    const id = idOf(pair);
    pair.socket.read();
    pair.socket.hear({ type: 'refused', code, of: 'normal', id, retryMs: 700 });
    pair.clock.wind(699);
    assert.equal(pair.socket.read(), []);
    pair.clock.wind(1);
    assert.equal(pair.socket.read(), [{ type: 'normal', id, message: 'one', user: 'xs', again: true }]);
  }
  for (const code of ['too-long', 'empty', 'bad-user', 'bad-frame', 'read-only'] as const) {
    const pair = new Pair().live();
    pair.client.say('one');
    pair.client.say('two');
    const id = idOf(pair);
    pair.socket.read();
    pair.socket.hear({ type: 'refused', code, of: 'normal', id });
    assert.equal([pair.client.outgoing[0]?.state, pair.client.outgoing[0]?.code], ['failed', code]);
    assert.is(pair.socket.read()[0]?.message, 'two', 'the next goes');
    pair.socket.hear(message(1, { id: idOf(pair, 1), from: 'me' }));
    pair.client.resend(id);
    assert.is(pair.outgoing.at(-1)?.state, 'pending');
    assert.equal(pair.socket.read(), [{ type: 'normal', id, message: 'one', user: 'xs', again: true }]);
  }
});

saying('silently drops a message that was stored and then erased', () => {
  const pair = new Pair().live();
  pair.client.say('one');
  const id = idOf(pair);
  pair.relive([{ type: 'gone', seq: 1 }]);
  assert.is(pair.socket.sent.at(-1)?.again, true);
  pair.socket.hear({ type: 'refused', code: 'gone', of: 'normal', id });
  assert.is(pair.events.at(-1), `discarded ${id}`);
  assert.equal(pair.client.outgoing, []);
  assert.equal(
    pair.outgoing.map(({ state }) => state),
    ['pending'],
  );
  assert.is(pair.storage.kept.size, 0);
});

saying('drops a message only when the user discards it', () => {
  const pair = new Pair().live();
  pair.client.say('one');
  pair.client.say('two');
  const [one, two] = [idOf(pair), idOf(pair, 1)];
  pair.socket.read();
  pair.client.discard(one);
  assert.is(pair.events.at(-1), `discarded ${one}`);
  assert.is(pair.socket.read()[0]?.id, two, 'it does not block the next');
  pair.socket.hear(message(1, { id: one, from: 'me' }));
  assert.is(pair.messages.length, 1, 'if it was stored anyway, it is shown like any other message');
});

saying('marks sent messages as unknown if entries were missed, and does not retry them by itself', () => {
  for (const missed of [3, null]) {
    const pair = new Pair().live([message(1)]);
    pair.client.say('one');
    pair.client.say('two');
    const id = idOf(pair);
    pair.socket.end();
    pair.clock.wind(pair.waiting);
    pair.socket.open();
    pair.socket.welcome();
    pair.socket.read();
    pair.socket.page([message(9)], { missed });
    assert.equal(
      pair.client.outgoing.map(({ message, state }) => [message, state]),
      [
        ['one', 'unknown'],
        ['two', 'pending'],
      ],
    );
    assert.is(pair.socket.read()[0]?.message, 'two');
    pair.socket.hear(message(10, { id: idOf(pair, 1), from: 'me' }));
    pair.client.resend(id);
    assert.is(pair.socket.read()[0]?.again, true);
  }
});

saying('fails a message that was too big for a frame, and sends the next', () => {
  const pair = new Pair().live();
  pair.client.say('huge');
  pair.client.say('small');
  pair.socket.end(1009);
  assert.equal([pair.client.outgoing[0]?.state, pair.client.outgoing[0]?.code], ['failed', 'too-big']);
  pair.clock.wind(pair.waiting);
  pair.live();
  assert.is(pair.socket.sent.find(({ type }) => type === 'normal')?.message, 'small');
});

saying("keeps to the relay's rate and burst", () => {
  const pair = new Pair();
  pair.live([], { limits: { rate: 5, burst: 4 } });
  for (let i = 0; i < 13; i++) pair.client.say(`${i}`);
  let seq = 0;
  const times: number[] = [];
  const start = pair.clock.now();
  for (let ms = 0; ms < 4000; ms += 10) {
    for (const frame of pair.socket.read()) {
      times.push(pair.clock.now() - start);
      pair.socket.hear(message(++seq, { id: String(frame.id), from: 'me' }));
    }
    pair.clock.wind(10);
  }
  assert.is(times.length, 13);
  assert.ok(times.filter(ms => ms < 200).length <= 4, 'the burst');
  for (let index = 4; index < 13; index++) assert.ok((times[index] ?? 0) >= (index - 3) * 200, `${times}`);
});

saying('retries a message if no answer comes although the connection is alive', () => {
  const pair = new Pair().live();
  pair.client.say('one');
  for (let s = 0; s < 10; s++) {
    pair.clock.wind(1000);
    pair.socket.hear({ type: 'ping' });
  }
  const said = pair.socket.sent.filter(({ type }) => type === 'normal');
  assert.equal(
    said.map(({ again }) => again),
    [undefined, true],
  );
});

saying('keeps unsent messages across a reload, and sends them', () => {
  const storage = new FakeStorage();
  const before = new Pair({ storage: storage });
  before.client.say('one');
  before.client.say('two');
  before.client.dispose();
  const after = new Pair({ storage: storage });
  assert.equal(
    after.client.outgoing.map(({ message }) => message),
    ['one', 'two'],
  );
  after.live();
  assert.equal(
    after.socket.sent.filter(({ type }) => type === 'normal').map(({ message, again }) => [message, again]),
    [['one', undefined]],
  );
  after.client.dispose();
  const last = new Pair({ storage: storage }).live();
  assert.is(last.socket.sent.find(({ message }) => message === 'one')?.again, true, 'it may be stored');
});

saying('cannot know whether a message is stored that was sent under another key, and sends the others', () => {
  const storage = new FakeStorage();
  const before = new Pair({ storage: storage }).live();
  before.client.say('one');
  before.client.say('two');
  before.client.dispose();
  const after = new Pair({ storage: storage, key: 'another-key-of-sixteen' }).live([], { you: 'you' });
  const sent = () =>
    after.socket.sent.filter(({ type }) => type === 'normal').map(({ message, again }) => [message, again]);
  assert.equal(sent(), [['two', undefined]]);
  const [one, two] = after.client.outgoing;
  assert.equal([one?.state, two?.state], ['unknown', 'pending']);
  after.socket.hear(message(1, { id: `${two?.id}`, from: 'you' }));
  after.client.resend(`${one?.id}`);
  assert.equal(sent(), [
    ['two', undefined],
    ['one', true],
  ]);
});

saying('takes messages that are added to its storage, and sends them', () => {
  const storage = new FakeStorage();
  const pair = new Pair({ storage: storage }).live();
  new Pair({ storage: storage }).client.say('added');
  pair.client.load();
  assert.equal(
    pair.client.outgoing.map(({ message }) => message),
    ['added'],
  );
  assert.is(pair.socket.sent.at(-1)?.message, 'added');
});

saying('shares no outbox with another client in the same tab', () => {
  const storage = new FakeStorage();
  new Pair({ storage: storage, instance: 'a' }).client.say('x');
  assert.equal(new Pair({ storage: storage, instance: 'b' }).client.outgoing, []);
  assert.is(new Pair({ storage: storage, instance: 'a' }).client.outgoing.length, 1);
});

saying('refuses a message if too many are already waiting', () => {
  const pair = new Pair();
  for (let i = 0; i < 200; i++) assert.ok(pair.client.say('x'));
  assert.not(pair.client.say('x'));
  assert.is(pair.client.outgoing.length, 200);
});

saying('announces that someone is typing, at intervals', () => {
  const pair = new Pair();
  pair.client.typing();
  pair.live();
  for (let i = 0; i < 50; i++) {
    pair.client.typing();
    pair.clock.wind(100);
    pair.socket.hear({ type: 'ping' });
  }
  assert.is(pair.socket.read().length, 2);
});

saying('retries a rename that was too fast, and reports one that is refused for good', () => {
  const pair = new Pair().live();
  pair.client.rename('b');
  assert.equal(pair.socket.read(), [{ type: 'rename', user: 'b' }]);
  pair.socket.hear({ type: 'refused', code: 'too-fast', of: 'rename', retryMs: 400 });
  pair.clock.wind(400);
  assert.equal(pair.socket.read(), [{ type: 'rename', user: 'b' }]);
  pair.socket.hear({ type: 'refused', code: 'bad-user', of: 'rename' });
  assert.is(pair.events.at(-1), 'refused rename bad-user');
});

saying.run();

const herd = suite('client: the herd');

/** How many of `count` clients redial in each 100 ms after the relay, which announced `spread`, has closed them. */
function returnOf(count: number, spread: number, random: () => number): number[] {
  const clock = new HandClock();
  const sockets: WebSocketLike[] = [];
  const attempts: number[] = [];
  let dead = false;
  for (let index = 0; index < count; index++) {
    const client = createClient(
      'wss://r/rooms/r',
      {
        user: 'x',
        key: 'k'.repeat(16),
        clock,
        heartbeatMs: 0,
        random,
        connect: () => {
          if (dead) attempts.push(clock.now());
          const socket: WebSocketLike = {
            onopen: null,
            onmessage: null,
            onclose: null,
            onerror: null,
            readyState: 1,
            send() {},
            close() {},
          };
          sockets.push(socket);
          return socket;
        },
      },
      {},
    );
    client.open();
  }
  const limits = { ...LIMITS, spread };
  const welcome = JSON.stringify({
    type: 'welcome',
    v: 1,
    room: 'r',
    you: 'y',
    epoch: 'E',
    limits,
    people: { count: 1, list: [] },
  });
  for (const socket of sockets) socket.onmessage?.({ data: welcome });
  clock.sleep(5000);
  clock.wind(0);
  dead = true;
  const died = clock.now();
  for (const socket of [...sockets]) socket.onclose?.({ code: 1006, reason: '' });
  const firsts = new Array<number>(spread / 100).fill(0);
  clock.windInSteps(spread);
  for (const at of attempts) {
    const slot = Math.min(firsts.length - 1, Math.floor((at - died) / 100));
    firsts[slot] = (firsts[slot] ?? 0) + 1;
  }
  return firsts;
}

herd('ten thousand clients reconnect over the spread that the relay asked for', () => {
  const firsts = returnOf(10_000, 10_000, Math.random);
  assert.ok(firsts.reduce((sum, count) => sum + count) >= 10_000);
  assert.ok(Math.max(...firsts) < 1000, `${Math.max(...firsts)} in 100 ms`);
  assert.ok(Math.min(...firsts) > 0, 'and nobody waits for nothing');
});

herd('of a hundred clients closed by a deploy, at most twenty reconnect within 100 ms', () => {
  // A seeded random number generator (mulberry32).
  let seed = 1;
  const random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const firsts = returnOf(100, 1000, random);
  assert.is(
    firsts.reduce((sum, count) => sum + count),
    100,
  );
  assert.ok(Math.max(...firsts) <= 20, `${Math.max(...firsts)} in 100 ms`);
});

herd.run();
