import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { IDLE_MS, runIdleAlarm, scheduleIdleAlarm } from '../../../../src/relay/runtime/workers/idle-alarm.ts';
import { runKeepAlarm } from '../../../../src/relay/runtime/workers/keep-alarm.ts';

const keep = suite('workers: keep alarm');

const DAY = 86_400_000;
const START = 1_700_000_000_000;

/** An object's alarm, which counts how often it is set, and a room that is removed by it. */
class FakeRoom {
  at: number | null = null;
  set = 0;
  now = START;
  newest: number | undefined = START;
  isOpen = false;
  removed = 0;
  connections = 0;
  readonly keepMs: number;

  constructor(keepMs: number) {
    this.keepMs = keepMs;
  }

  getAlarm(): Promise<number | null> {
    return Promise.resolve(this.at);
  }

  setAlarm(at: number): Promise<void> {
    this.at = at;
    this.set += 1;
    return Promise.resolve();
  }

  writtenAt(): number | undefined {
    return this.newest;
  }

  remove(): void {
    this.removed += 1;
    this.newest = undefined;
  }

  connect(): Promise<void> {
    this.connections += 1;
    return scheduleIdleAlarm(this, this.now);
  }

  /** Waits for the alarm and runs it. */
  async fire(): Promise<void> {
    this.now = this.at ?? Number.NaN;
    this.at = null;
    const connection = { lastFrameAt: this.now, idleSince: this.now, close: () => assert.unreachable() };
    await runIdleAlarm(this, this.now, Array(this.connections).fill(connection));
    await runKeepAlarm(this, this.now, this);
  }
}

keep('removes a room once nothing was written for so long, with one more alarm', async () => {
  const room = new FakeRoom(30 * DAY);
  await room.connect();
  await room.fire();
  assert.is(room.at, room.now + IDLE_MS, 'somebody is there');
  room.connections = 0;
  await room.fire();
  assert.is(room.at, START + 30 * DAY);
  await room.fire();
  assert.equal([room.removed, room.at, room.set], [1, null, 3]);
});

keep('looks for idle connections in time although the alarm was set for the removal', async () => {
  const room = new FakeRoom(30 * DAY);
  await room.setAlarm(START + 30 * DAY);
  await room.connect();
  assert.is(room.at, START + IDLE_MS);
  await room.connect();
  assert.is(room.set, 2);
});

keep('counts from the newest message', async () => {
  const room = new FakeRoom(30 * DAY);
  await room.setAlarm(START + 30 * DAY);
  room.newest = START + 20 * DAY;
  await room.fire();
  assert.equal([room.removed, room.at], [0, START + 50 * DAY]);
});

keep('waits while somebody is there, and does nothing for ever or for nothing', async () => {
  const open = new FakeRoom(DAY);
  open.isOpen = true;
  await open.setAlarm(START + 2 * DAY);
  await open.fire();
  assert.equal([open.removed, open.at], [0, open.now + IDLE_MS]);
  const [forever, empty] = [new FakeRoom(0), new FakeRoom(DAY)];
  empty.newest = undefined;
  for (const room of [forever, empty]) {
    await room.setAlarm(START + 2 * DAY);
    await room.fire();
    assert.equal([room.removed, room.at], [0, null]);
  }
});

keep.run();
