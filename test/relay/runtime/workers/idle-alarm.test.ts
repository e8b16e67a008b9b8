import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { IDLE_MS, runIdleAlarm, scheduleIdleAlarm } from '../../../../src/relay/runtime/workers/idle-alarm.ts';

const idle = suite('runtime/workers/idle-alarm');
const MINUTE_MS = 60_000;

class FakeAlarm {
  at: number | null = null;
  sets = 0;

  async getAlarm(): Promise<number | null> {
    return this.at;
  }

  async setAlarm(at: number): Promise<void> {
    this.at = at;
    this.sets += 1;
  }
}

class FakeConnection {
  idleSince: number;
  closed = false;

  constructor(idleSince: number) {
    this.idleSince = idleSince;
  }

  close(): void {
    this.closed = true;
  }
}

/** Lets time pass, minute by minute, and fires the alarm when it is due. */
async function live(
  alarm: FakeAlarm,
  minutes: number,
  connections: () => FakeConnection[],
  minute: (now: number) => void,
) {
  for (let now = MINUTE_MS; now <= minutes * MINUTE_MS; now += MINUTE_MS) {
    minute(now);
    if (alarm.at === null || alarm.at > now) continue;
    alarm.at = null;
    await runIdleAlarm(alarm, now, connections());
  }
}

idle('closes a connection that is silent for 15 minutes, within half an hour, and no other', async () => {
  const alarm = new FakeAlarm();
  const [silent, pinging] = [new FakeConnection(0), new FakeConnection(0)];
  await scheduleIdleAlarm(alarm, 0);
  await live(
    alarm,
    30,
    () => [silent, pinging].filter(connection => !connection.closed),
    now => {
      if (now <= 5 * MINUTE_MS) silent.idleSince = now;
      pinging.idleSince = now;
    },
  );
  assert.equal([silent.closed, pinging.closed], [true, false]);
});

idle('fires at most 100 times a day while somebody is in the room', async () => {
  const alarm = new FakeAlarm();
  const connection = new FakeConnection(0);
  await scheduleIdleAlarm(alarm, 0);
  await live(
    alarm,
    24 * 60,
    () => [connection],
    now => {
      connection.idleSince = now;
    },
  );
  assert.ok(alarm.sets <= 100, `${alarm.sets}`);
  assert.ok(alarm.sets >= 24 * 4);
});

idle('is set once however many clients connect, and not set if none is left', async () => {
  const alarm = new FakeAlarm();
  for (let i = 0; i < 10; i++) await scheduleIdleAlarm(alarm, i);
  assert.equal([alarm.at, alarm.sets], [IDLE_MS, 1]);
  alarm.at = null;
  await runIdleAlarm(alarm, IDLE_MS, []);
  assert.is(alarm.at, null);
  const silent = new FakeConnection(0);
  await runIdleAlarm(alarm, IDLE_MS, [silent]);
  assert.equal([silent.closed, alarm.at], [true, null]);
});

idle.run();
