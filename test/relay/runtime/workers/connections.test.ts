import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ObjectSocket, ScriptedObject } from '../../../support/scripted-object.ts';

const connections = suite('runtime/workers/connections');

/** A client without a will of its own: it answers no close. Its frames, in order. */
class RawClient {
  readonly ws: ObjectSocket;
  readonly frames: Record<string, unknown>[] = [];
  readonly #object: ScriptedObject;
  #said = 0;

  constructor(object: ScriptedObject, dialect: 'v1' | 'tutorial' = 'v1') {
    this.#object = object;
    this.ws = object.connect(dialect);
    this.ws.onFrame = text => this.frames.push(JSON.parse(text));
  }

  send(frame: object): void {
    this.#object.receive(this.ws, JSON.stringify(frame));
  }

  hello(user: string, more: object = {}): this {
    this.send({ type: 'hello', user, key: `${user}-0123456789abcdef`, ...more });
    return this;
  }

  /** The code with which the object has closed it. */
  get closes(): number[] {
    return this.ws.closedWith === undefined ? [] : [this.ws.closedWith];
  }

  say(message: string): void {
    this.#said += 1;
    this.send({ type: 'normal', id: `m${this.#said}`, message });
  }

  ping(): void {
    this.#object.receive(this.ws, '{"type":"ping"}');
  }

  of(type: string): Record<string, unknown>[] {
    return this.frames.filter(frame => frame.type === type);
  }

  get said(): unknown[] {
    return this.of('normal').map(({ message }) => message);
  }
}

const join = (object: ScriptedObject, user: string) => new RawClient(object).hello(user);
const people = (client: RawClient) => client.of('people').flatMap(({ left }) => left ?? []);

connections("stores a reader's state, and writes it only when it has changed enough", async () => {
  const object = new ScriptedObject();
  const a = join(object, 'a');
  assert.is(a.ws.attachment?.snapshot?.person?.user, 'a');
  const { stores } = a.ws;
  for (let count = 0; count < 5; count++) a.send({ type: 'typing' });
  a.say('short');
  assert.is(a.ws.stores, stores);
  await object.wind(61_000);
  a.send({ type: 'typing' });
  assert.is(a.ws.stores, stores + 1, 'the time of the last frame');
  for (let count = 0; count < 10; count++) a.say(`${count} ${'x'.repeat(1000)}`);
  assert.ok(a.ws.stores > stores + 1 && a.ws.stores < stores + 6, 'what is unread');
  assert.ok(JSON.stringify(a.ws.attachment).length < 1000);
});

connections('wakes with the same readers, and announces nobody', async () => {
  const object = new ScriptedObject();
  const [a, b] = [join(object, 'a'), join(object, 'b')];
  await object.wind(15_000);
  assert.ok(object.asleep);
  const known = [a, b].map(({ frames }) => frames.length);
  a.say('after');
  await object.wind(5000);
  for (const [index, client] of [a, b].entries()) {
    assert.equal(
      client.frames.slice(known[index]).map(({ type }) => type),
      ['normal'],
    );
  }
  const c = join(object, 'c');
  await object.wind(2000);
  const [welcome] = c.of('welcome');
  assert.match(JSON.stringify(welcome), /"count":3,"list":\[.*"a".*"b".*"c"/);
});

connections('does not take back after a sleep whom it has closed, though the close is not answered', async () => {
  for (const close of ['bad frames', 'silence', 'too big', 'no hello'] as const) {
    const object = new ScriptedObject();
    const watcher = join(object, 'watcher');
    const closed = close === 'no hello' ? new RawClient(object) : join(object, 'closed');
    await object.wind(2000);
    if (close === 'bad frames') for (let count = 0; count < 20; count++) closed.send({ type: 'normal' });
    if (close === 'too big') closed.send({ type: 'normal', id: '1', message: 'x'.repeat(70_000) });
    // The watcher's pings are a sign of life; the other client sends none.
    for (let minute = 0; minute < 40 && closed.closes.length === 0; minute++) {
      watcher.ping();
      await object.wind(60_000);
    }
    assert.equal(closed.closes.length, 1, close);
    await object.wind(2000);
    if (close !== 'no hello') assert.match(JSON.stringify(people(watcher)), /closed/, `${close}: it is gone at once`);
    await object.wind(20_000);
    assert.ok(object.asleep, close);
    closed.say('I speak again');
    closed.hello('again');
    watcher.say('alone');
    await object.wind(2000);
    assert.equal(object.log, ['alone'], close);
    assert.not(closed.said.includes('alone'));
    const late = join(object, 'late');
    assert.match(JSON.stringify(late.of('welcome')), /"count":2/, close);
  }
});

connections('counts a connection that it has closed until its socket is gone', async () => {
  const object = new ScriptedObject({ maxPerAddress: 2 });
  const strangers = [new RawClient(object), new RawClient(object)];
  await object.wind(30_000);
  assert.equal(
    strangers.map(({ closes }) => closes),
    [[4408], [4408]],
  );
  const third = new RawClient(object);
  assert.equal(third.closes, [4429]);
  await object.wind(30_000);
  for (const { ws } of [...strangers, third]) object.hangUp(ws);
  const fourth = join(object, 'd');
  assert.is(fourth.of('welcome').length, 1);
});

connections('sleeps although strangers that it has closed stay', async () => {
  const object = new ScriptedObject();
  join(object, 'a');
  const stranger = new RawClient(object);
  await object.wind(11_000);
  assert.equal(stranger.closes, [4408]);
  await object.wind(11_000);
  assert.ok(object.asleep);
  await object.wind(600_000);
  assert.ok(object.wakes <= 3, `${object.wakes}`);
});

connections('closes a refused connection whose delay was lost in a sleep', async () => {
  const object = new ScriptedObject({ maxPerAddress: 200 });
  const clients = Array.from({ length: 9 }, () => new RawClient(object, 'tutorial'));
  object.sleep();
  clients[0]?.send({ type: 'normal', user: 'x', message: 'hi' });
  assert.equal(clients[8]?.closes, [1011]);
});

connections('accepts no more sockets of an address that has many refused ones, which it keeps open', () => {
  const object = new ScriptedObject({ maxPerAddress: 5 });
  const clients: RawClient[] = [];
  while (!object.refuses()) clients.push(new RawClient(object));
  assert.is(clients.length, 10);
  assert.equal(
    clients.flatMap(({ closes }) => closes),
    Array(5).fill(4429),
  );
  assert.not(object.refuses('192.0.2.2'));
  const [, , , , , refused] = clients;
  if (refused) object.hangUp(refused.ws);
  assert.not(object.refuses());
});

connections('answers pings whatever a client asks for without reading it', () => {
  const object = new ScriptedObject();
  const others = Array.from({ length: 600 }, (_, index) => join(object, `u${index}`));
  for (let count = 0; count < 100; count++) others[count]?.say('x'.repeat(4000));
  const idle = new RawClient(object).hello('idle', { since: 0, epoch: others[0]?.of('welcome')[0]?.epoch });
  for (let count = 0; count < 50; count++) idle.send({ type: 'more', after: 0 });
  for (let count = 0; count < 50; count++) {
    idle.send({ type: 'normal', id: 'm1', message: 'x', again: true });
  }
  assert.equal([idle.closes.filter(code => code !== 4400), object.answersPings], [[], true]);
});

connections('stops answering pings while a client may not know that it is lost, and begins again', async () => {
  const object = new ScriptedObject();
  const [a, b] = [join(object, 'a'), join(object, 'b')];
  await object.wind(2000);
  assert.ok(object.answersPings);
  a.ws.swallows = true;
  a.ws.readyState = 3;
  b.say('one');
  assert.not(object.answersPings);
  const heard = a.frames.length;
  a.ping();
  b.ping();
  assert.is(a.frames.length, heard, 'the lost client hears nothing');
  assert.is(b.of('ping').length, 1, 'the others do');
  await object.wind(2000);
  assert.match(JSON.stringify(people(b)), /"a"/, 'it has left');
  object.sleep();
  b.say('two');
  assert.not(object.answersPings, 'over a sleep too');
  a.ws.heal();
  a.say('three');
  assert.equal(object.log, ['one', 'two']);
  object.hangUp(a.ws);
  assert.ok(object.answersPings);
});

connections('finds a lost client on a message of its own, and on waking', async () => {
  const object = new ScriptedObject();
  const [a, b] = [join(object, 'a'), join(object, 'b')];
  a.ws.readyState = 3;
  a.say('not stored');
  assert.equal([object.answersPings, object.log], [false, []]);
  object.hangUp(a.ws);
  await object.wind(15_000);
  b.ws.readyState = 3;
  const c = join(object, 'c');
  assert.not(object.answersPings);
  await object.wind(2000);
  assert.match(JSON.stringify(people(c)), /"b"/);
});

connections('waits no longer than five minutes for a lost client', async () => {
  const object = new ScriptedObject();
  const [a, b] = [join(object, 'a'), join(object, 'b')];
  a.ws.readyState = 3;
  b.say('one');
  for (let minute = 0; minute < 6; minute++) {
    assert.not(object.answersPings);
    await object.wind(55_000);
    a.ping();
    b.ping();
  }
  assert.ok(object.answersPings);
});

connections(
  'asks a reader that only pings whether it reads, and writes it no more than its share until it does',
  async () => {
    const object = new ScriptedObject();
    const [pinging, reading] = [join(object, 'pinging'), join(object, 'reading')];
    let read = 0;
    let bytes = 0;
    pinging.ws.onFrame = text => {
      bytes += text.length;
      pinging.frames.push(JSON.parse(text));
    };
    for (let count = 0; count < 700; count++) {
      reading.say(`${count} ${'x'.repeat(1000)}`);
      if (count % 50 === 0) pinging.ping();
      for (; read < reading.frames.length; read++) {
        const frame = reading.frames[read];
        // It has read everything before the page, and its entries.
        if (frame?.type === 'page' && frame.more)
          reading.send({ type: 'more', after: reading.of('normal').at(-1)?.seq });
      }
    }
    assert.is(reading.of('normal').length, 700);
    assert.ok(bytes > 200_000 && bytes < 262_144 + 2 * 32_768, `${bytes}`);
    assert.equal([pinging.closes, reading.closes], [[], []]);
    const last = Number(pinging.of('normal').at(-1)?.seq);
    assert.is(pinging.of('normal').length, last, 'nothing was left out');
    assert.ok(pinging.of('page').at(-1)?.more);
    // Over a sleep it is still behind.
    await object.wind(12_000);
    reading.say('after a sleep');
    assert.is(pinging.of('normal').at(-1)?.seq, last);
    for (let more = true; more; ) {
      pinging.send({ type: 'more', after: pinging.of('normal').at(-1)?.seq });
      more = pinging.of('page').at(-1)?.more === true;
    }
    assert.is(pinging.of('normal').length, 701);
    reading.say('live again');
    assert.is(pinging.said.at(-1), 'live again');
  },
);

connections('counts what a reader has not read over sleeps too', async () => {
  const object = new ScriptedObject();
  const [pinging, speaker] = [join(object, 'pinging'), join(object, 'speaker')];
  for (let count = 0; count < 200; count++) {
    speaker.say(`${count} ${'x'.repeat(2000)}`);
    await object.wind(11_000);
    pinging.ping();
  }
  assert.ok(pinging.of('page').at(-1)?.more);
  const bytes = pinging.frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
  assert.ok(bytes < 262_144 + 2 * 32_768, `${bytes}`);
});

connections('leaves each of many readers less unread, so that all together fit into an object', async () => {
  const object = new ScriptedObject();
  const readers = Array.from({ length: 200 }, (_, index) => join(object, `r${index}`));
  let bytes = 0;
  for (const { ws } of readers) {
    ws.onFrame = text => {
      bytes += text.length;
    };
  }
  for (let count = 0; count < 120; count++) readers[0]?.say(`${count} ${'x'.repeat(1000)}`);
  assert.ok(bytes > 8_000_000 && bytes < 16_777_216 + 200 * 32_768, `${bytes}`);
});

connections('closes a reader that has not gone on reading for a quarter of an hour', async () => {
  const object = new ScriptedObject();
  const [pinging, speaker] = [join(object, 'pinging'), join(object, 'speaker')];
  for (let count = 0; count < 400; count++) speaker.say(`${count} ${'x'.repeat(1000)}`);
  for (let minute = 0; minute < 31; minute++) {
    pinging.ping();
    speaker.ping();
    await object.wind(60_000);
  }
  // The speaker reads as little.
  assert.equal([pinging.closes, speaker.closes], [[4408], [4408]]);
});

connections('knows after a sleep when a client last sent a frame that is no ping', async () => {
  const object = new ScriptedObject();
  const a = join(object, 'a');
  for (let minute = 0; minute < 120; minute++) {
    // A ping that the platform does not answer by itself.
    object.receive(a.ws, '{ "type": "ping" }');
    await object.wind(60_000);
  }
  assert.equal(a.closes, []);
  await object.wind(1_900_000);
  assert.equal(a.closes, [4408]);
});

connections('counts bad frames over a sleep', async () => {
  const object = new ScriptedObject();
  const a = join(object, 'a');
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 9; count++) a.send({ type: 'normal' });
    await object.wind(12_000);
    assert.ok(object.asleep);
  }
  assert.equal(a.closes, [4400]);
});

connections('names everyone after a sleep once a crowd is small enough to be named', async () => {
  const object = new ScriptedObject();
  const crowd = Array.from({ length: 205 }, (_, index) => join(object, `p${index}`));
  await object.wind(20_000);
  assert.ok(object.asleep);
  for (const { ws } of crowd.slice(0, 10)) object.hangUp(ws);
  await object.wind(6000);
  const last = crowd.at(-1)?.of('people').at(-1);
  assert.is(last?.count, 195);
  assert.ok(Array.isArray(last?.list) && last.list.length === 195);
});

connections(
  'closes a client that sends too large a frame, and reads binary frames only where they are accepted',
  async () => {
    const object = new ScriptedObject();
    const a = join(object, 'a');
    a.say('字'.repeat(22_000));
    assert.equal(a.closes, [1009]);
  },
);

connections.run();
