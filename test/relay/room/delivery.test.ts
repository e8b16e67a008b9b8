/** Delivery to a large room in slices: other work runs in between, and every reader gets every entry once, in order. */
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Log } from '../../../src/relay/log/log.ts';
import { SendBudget } from '../../../src/relay/room/send-budget.ts';
import { HandScheduler } from '../../support/hand-scheduler.ts';
import { type FakeClient, memoryLog, Rig } from '../../support/rig.ts';
import { twice } from '../../support/twice.ts';

const delivery = twice('delivery');

function crowd(rig: Rig, count: number): FakeClient[] {
  const clients = Array.from({ length: count }, (_, index) => {
    const client = rig.connect();
    client.hello(`u${index}`, { key: `key-of-sixteen-${index}` });
    return client;
  });
  rig.clock.wind(1000);
  for (const client of clients) client.read();
  return clients;
}

delivery('writes to a few readers at a time, and gathers the messages sent meanwhile into one batch', () => {
  const scheduler = new HandScheduler();
  const rig = new Rig({ scheduler });
  const clients = crowd(rig, 500);
  const writes = () => clients.filter(client => client.socket.payloads.length > 0).length;
  for (const client of clients) client.socket.payloads.length = 0;
  const [first, last] = [clients[0], clients.at(-1)];
  const before = last?.socket.writes ?? 0;
  first?.send({ type: 'normal', id: '1', message: 'one' });
  rig.turn();
  const reached = writes();
  assert.ok(reached > 0 && reached < 500, `${reached}`);
  first?.send('{"type":"ping"}');
  assert.match(first?.socket.payloads.at(-1) ?? '', 'ping', 'other frames are answered in between');
  for (const id of ['2', '3', '4']) {
    first?.send({ type: 'normal', id, message: id });
    rig.turn();
  }
  scheduler.finish();
  rig.turn();
  scheduler.finish();
  assert.equal((last?.socket.writes ?? 0) - before, 2);
  for (const client of clients) {
    const texts = client.socket.payloads.filter(text => text.includes('"normal"'));
    assert.equal(texts.length, 4);
  }
});

delivery('lets the readers that were written to last answer before the next batch is sent', () => {
  const scheduler = new HandScheduler();
  const rig = new Rig({ scheduler });
  const clients = crowd(rig, 500);
  const [first, last] = [clients[0], clients.at(-1)];
  const before = last?.socket.writes ?? 0;
  first?.send({ type: 'normal', id: '1', message: 'one' });
  rig.turn();
  first?.send({ type: 'normal', id: '2', message: 'two' });
  rig.turn();
  while ((last?.socket.writes ?? 0) === before) scheduler.turn();
  last?.send({ type: 'normal', id: '3', message: 'three' });
  scheduler.turn();
  rig.turn();
  scheduler.finish();
  assert.is((last?.socket.writes ?? 0) - before, 2, 'two and three were sent together');
  for (const client of clients) assert.equal(client.said(), ['one', 'two', 'three']);
});

delivery('commits messages to a room once its batch is written, and messages to other rooms at once', () => {
  const scheduler = new HandScheduler();
  const log = memoryLog();
  let commits = 0;
  const counted: Log = {
    open: (name, listener) => log.open(name, listener),
    commit() {
      commits += 1;
      log.commit();
    },
  };
  const rig = new Rig({ scheduler, log: counted });
  const clients = crowd(rig, 500);
  const other = rig.join('other', 'small');
  const [first, last] = [clients[0], clients.at(-1)];
  const before = last?.socket.writes ?? 0;
  const say = (id: string) => {
    first?.send({ type: 'normal', id, message: id });
    rig.turn();
    scheduler.turn();
  };
  say('1');
  commits = 0;
  for (const id of ['2', '3', '4']) say(id);
  assert.is(commits, 0, 'it could not be sent yet');
  other.send({ type: 'normal', id: 'o', message: 'elsewhere' });
  rig.turn();
  assert.is(commits, 1);
  assert.equal(other.said(), ['elsewhere']);
  say('5');
  while ((last?.socket.writes ?? 0) === before) scheduler.turn();
  rig.turn();
  scheduler.finish();
  assert.is(commits, 2);
  for (const client of clients) assert.equal(client.said(), ['1', '2', '3', '4', '5']);
});

delivery('continues after a bug at one reader, and closes only its connection', () => {
  const scheduler = new HandScheduler();
  const rig = new Rig({ scheduler });
  const clients = crowd(rig, 100);
  const [talker, unlucky] = clients;
  if (!talker || !unlucky) return assert.unreachable();
  unlucky.socket.broken = true;
  for (const id of ['1', '2']) {
    talker.send({ type: 'normal', id, message: id });
    rig.turn();
    scheduler.finish();
  }
  assert.is(unlucky.socket.closedWith?.code, 1011);
  assert.is(rig.faults.length, 1);
  for (const client of clients) if (client !== unlucky) assert.equal(client.said(), ['1', '2']);
});

delivery('is finished before clients are disconnected at shutdown', () => {
  const scheduler = new HandScheduler();
  const rig = new Rig({ scheduler });
  const clients = crowd(rig, 500);
  clients[0]?.send({ type: 'normal', id: '1', message: 'one' });
  rig.turn();
  clients[0]?.send({ type: 'normal', id: '2', message: 'two' });
  rig.relay.drain();
  for (const client of clients) assert.equal(client.said(), ['one', 'two']);
  scheduler.finish();
});

/** A client that follows the seq, asks for more, and fails if a message is missing or comes twice. */
class Model {
  client: FakeClient;
  /** The ids of its retries, once for each: each is answered. */
  readonly asked: string[] = [];
  since: number;
  #left = 0;
  #more = false;

  constructor(client: FakeClient, since: number) {
    this.client = client;
    this.since = since;
  }

  read(): void {
    for (const frame of this.client.read()) {
      if (frame.type === 'page') {
        this.#left = frame.replay;
        this.#more = frame.more;
        assert.is(frame.missed, 0);
      } else if (frame.type === 'normal') {
        if (frame.seq <= this.since) {
          const asked = this.asked.indexOf(frame.id);
          assert.ok(asked >= 0, `${frame.seq} came twice`);
          this.asked.splice(asked, 1);
          continue;
        }
        assert.is(frame.seq, this.since + 1, 'one is missing');
        this.since = frame.seq;
        if (this.#left > 0) this.#left -= 1;
      }
      if (this.#left === 0 && this.#more && (frame.type === 'normal' || frame.type === 'page')) {
        this.#more = false;
        this.client.send({ type: 'more', after: this.since });
      }
    }
  }
}

delivery('sends every message to every client once, whichever clients join, leave, stall and retry meanwhile', () => {
  const operation = fc.record({
    what: fc.constantFrom('say', 'say', 'turn', 'turn', 'slice', 'slice', 'come', 'back', 'stick', 'unstick', 'again'),
    who: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120 }), operations => {
      const scheduler = new HandScheduler();
      const rig = new Rig({ scheduler, sendBudget: new SendBudget(2000, 1e9) });
      const models = crowd(rig, 100).map(client => new Model(client, 0));
      const epoch = rig.history('lobby', undefined, 1).epoch;
      const said: [number, string][] = [];
      const join = (since: number, who: number) => {
        const client = rig.connect();
        client.hello(`u${who}`, { key: `key-of-sixteen-${who}`, epoch, since });
        return client;
      };
      for (const { what, who } of operations) {
        const index = who % models.length;
        const model = models[index];
        if (!model) continue;
        if (what === 'say') {
          said.push([index, `m${said.length}`]);
          model.client.send({ type: 'normal', id: `m${said.length - 1}`, message: 'x'.repeat(300) });
        }
        if (what === 'turn') rig.turn();
        if (what === 'slice') scheduler.turn();
        if (what === 'come') models.push(new Model(join(0, models.length), 0));
        if (what === 'back') {
          model.read();
          model.client.gone();
          model.client = join(model.since, index);
        }
        if (what === 'stick') model.client.socket.stuck = true;
        if (what === 'unstick') model.client.drain();
        if (what === 'again') {
          const [author, id] = said[who % Math.max(1, said.length)] ?? [];
          const sender = author === undefined ? undefined : models[author];
          if (!sender || id === undefined) continue;
          sender.asked.push(id);
          sender.client.send({ type: 'normal', id, message: 'x'.repeat(300), again: true });
        }
        if (who % 3 === 0) model.read();
      }
      for (let round = 0; round < 6; round++) {
        rig.turn();
        scheduler.finish();
        for (const model of models) {
          model.client.drain();
          model.read();
        }
      }
      const { head } = rig.history('lobby', undefined, 1);
      assert.is(head, said.length, 'stored once');
      for (const model of models) assert.is(model.since, head);
    }),
    // The suite runs twice, so these are 150 in all.
    { numRuns: 75 },
  );
});

delivery.run();
