/** Many readers that catch up at once take turns, and neither they nor anyone else waits long. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CountingLog } from '../../support/counting-log.ts';
import { TestMessage } from '../../support/entries.ts';
import { HandScheduler } from '../../support/hand-scheduler.ts';
import { range } from '../../support/opened-room.ts';
import { type FakeClient, memoryLog, Rig } from '../../support/rig.ts';

/** Pages are read for 2 ms per turn, and a read takes a millisecond here. */
const PAGES_PER_TURN = 3;
const PAGE_BYTES = 262_144;

const turns = suite('page turns');

function crowd(held: number, text = 'x') {
  const scheduler = new HandScheduler();
  const log = new CountingLog(memoryLog());
  const room = log.open('lobby', { stored() {}, rewritten() {} });
  for (let index = 1; index <= held; index++) {
    room.append(new TestMessage({ id: `old-${index}`, message: text }));
    log.commit();
  }
  const rig = new Rig({ log, readScheduler: scheduler });
  const { epoch } = room;
  const resume = (user: string, since: number): FakeClient => {
    const client = rig.connect();
    client.hello(user, { key: `${user}-0123456789abcdef`, epoch, since });
    return client;
  };
  log.reset();
  return { scheduler, log, rig, epoch, resume };
}

/** A client that reads what it is sent, and asks for more if there is more. */
class CatchingUp {
  readonly client: FakeClient;
  since: number;
  pages = 0;

  constructor(client: FakeClient, since: number) {
    this.client = client;
    this.since = since;
  }

  /** Reads, and requests the next page `times` times. */
  read(times = 1): void {
    let more = false;
    for (const frame of this.client.read()) {
      if (frame.type === 'page') {
        this.pages += 1;
        more = frame.more;
      }
      if (frame.type !== 'normal') continue;
      assert.is(frame.seq, this.since + 1, 'nothing is missed or repeated');
      this.since = frame.seq;
    }
    if (!more) return;
    for (let time = 0; time < times; time++) this.client.send({ type: 'more', after: this.since });
  }
}

turns('of 30 readers that resume at different places: a few pages a turn, and all get all of theirs', () => {
  const { scheduler, log, rig, resume } = crowd(500);
  const live = resume('live', 500);
  scheduler.finish();
  rig.clock.wind(1000);
  live.read();
  log.reset();
  const readers = range(1, 30).map(since => new CatchingUp(resume(`u${since}`, since), since));
  assert.ok(log.reads <= PAGES_PER_TURN, `${log.reads} in the first turn`);
  for (let turn = 1; scheduler.waiting > 0; turn++) {
    const before = log.reads;
    live.send({ type: 'normal', id: `${turn}`, message: `live ${turn}` });
    rig.turn();
    assert.equal(live.said(), [`live ${turn}`], 'live readers do not wait');
    scheduler.turn();
    for (const reader of readers) reader.read();
    assert.ok(log.reads - before <= PAGES_PER_TURN, `${log.reads - before} pages`);
    assert.ok(turn < 1000);
  }
  const { head } = rig.history('lobby', undefined, 1);
  for (const reader of readers) {
    reader.read();
    assert.is(reader.since, head);
  }
});

turns('of one reader that asks again and again are no more than those of another', () => {
  const { scheduler, resume } = crowd(1000);
  const greedy = range(1, 8).map(since => new CatchingUp(resume(`g${since}`, since), since));
  const modest = new CatchingUp(resume('modest', 100), 100);
  while (modest.since < 1000) {
    scheduler.turn();
    // A request that comes too early is refused.
    for (const reader of greedy) reader.read(2);
    modest.read();
  }
  for (const { pages } of greedy) assert.ok(pages <= modest.pages + 1, `${pages} and ${modest.pages}`);
});

turns('of readers that want the same page make it once', () => {
  const { scheduler, log, resume } = crowd(300);
  const readers = range(1, 30).map(index => resume(`u${index}`, 50));
  scheduler.finish();
  assert.is(log.reads, 1);
  for (const reader of readers) assert.is(reader.said().length, 200);
});

turns('read little more from the log than fits in a page', () => {
  for (const text of ['x'.repeat(4000), '林'.repeat(4000), 'x']) {
    const { scheduler, log, resume } = crowd(300, text);
    resume('a', 10);
    scheduler.finish();
    const bytes = text.length > 1 ? Buffer.byteLength(text) * (log.length / text.length) : log.length;
    assert.ok(bytes < PAGE_BYTES * 1.4, `${bytes} bytes for a page of ${PAGE_BYTES}`);
    assert.is(log.reads, 1);
  }
});

turns('that fail close only their reader', () => {
  const { scheduler, log, rig, resume } = crowd(500);
  const [first, second, broken, last] = ['a', 'b', 'c', 'd'].map((user, index) => resume(user, 10 + index));
  scheduler.finish();
  log.reset();
  const all = [first, second, broken, last];
  for (const client of all) client?.read();
  if (broken) broken.socket.broken = true;
  for (const [index, client] of all.entries()) client?.send({ type: 'more', after: 210 + index });
  scheduler.finish();
  for (const client of [first, second, last]) assert.is(client?.said().length, 200);
  assert.is(broken?.socket.closedWith?.code, 1011);
  assert.is(rig.faults.length, 1);
});

turns('of HTTP are read in the same turns', async () => {
  const { scheduler, log, rig, resume } = crowd(300);
  range(1, 10).map(since => resume(`u${since}`, since));
  const reads = log.reads;
  const asked = range(1, 10).map(after => rig.relay.history('lobby', { after }, 50));
  assert.is(log.reads, reads, 'not in this turn');
  scheduler.finish();
  for (const page of await Promise.all(asked)) assert.is(page.payloads.length, 50);
});

turns.run();
