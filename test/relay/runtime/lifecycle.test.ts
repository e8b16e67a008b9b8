import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drain, guard, guardedClock, startSweep } from '../../../src/relay/runtime/lifecycle.ts';
import { HandClock } from '../../support/clock.ts';
import { within } from '../../support/deadline.ts';

const lifecycle = suite('runtime/lifecycle');

const unreachable = (error: unknown) => assert.unreachable(String(error));

/** A function that counts its calls. */
function counter() {
  const count = Object.assign(
    () => {
      count.calls += 1;
    },
    { calls: 0 },
  );
  return count;
}

lifecycle('a guarded function reports what it throws, and does not throw', () => {
  const [calls, reports]: [number[], unknown[]] = [[], []];
  const bug = new Error('a bug');
  const guarded = guard(
    (value: number) => {
      calls.push(value);
      if (value === 1) throw bug;
    },
    error => reports.push(error),
  );
  guarded(1);
  guarded(2);
  assert.equal([calls, reports], [[1, 2], [bug]]);
});

lifecycle(
  'the guarded clock reports errors in timers, and can clear timers',
  within(async () => {
    const bug = new Error('a bug');
    const reported = new Promise<unknown>(resolve => {
      const clock = guardedClock(resolve, () => 0);
      clock.clearTimeout(clock.setTimeout(() => resolve('it was not cleared'), 0));
      clock.setTimeout(() => {
        throw bug;
      }, 0);
    });
    assert.is(await reported, bug);
  }),
);

lifecycle('the guarded clock has the time of day, and measures by the clock that it is given', () => {
  const clock = guardedClock(unreachable, () => 5.5);
  assert.is(clock.now(), 5.5);
  assert.ok(Number.isInteger(clock.date()) && Math.abs(clock.date() - Date.now()) < 60_000);
});

lifecycle('sweeps once a second until it is stopped, even after a sweep that failed', () => {
  const clock = new HandClock();
  let sweeps = 0;
  const sweep = () => {
    sweeps += 1;
    if (sweeps === 2) throw new Error('a bug');
  };
  const guarded = {
    ...clock,
    now: clock.now,
    date: clock.date,
    setTimeout: (run: () => void, ms: number) =>
      clock.setTimeout(
        guard(run, () => {}),
        ms,
      ),
  };
  const stop = startSweep({ sweep }, guarded);
  clock.wind(999);
  assert.is(sweeps, 0);
  clock.wind(1);
  assert.is(sweeps, 1);
  clock.wind(3000);
  assert.is(sweeps, 4);
  stop();
  clock.wind(10_000);
  assert.is(sweeps, 4);
  assert.is(clock.pending, 0);
});

lifecycle('drain ends as soon as the last connection is closed', () => {
  const clock = new HandClock();
  const relay = { connections: 2, drain() {} };
  const onDrained = counter();
  drain(relay, { clock, report: unreachable, onDrained });
  clock.wind(1000);
  assert.is(onDrained.calls, 0);
  relay.connections = 0;
  clock.wind(20);
  assert.is(onDrained.calls, 1);
  clock.wind(10_000);
  assert.is(onDrained.calls, 1);
  assert.is(clock.pending, 0);
});

lifecycle('drain waits at most 3 s for connections to close', () => {
  const clock = new HandClock();
  const onDrained = counter();
  drain({ connections: 1, drain() {} }, { clock, report: unreachable, onDrained });
  clock.wind(2999);
  assert.is(onDrained.calls, 0);
  clock.wind(1);
  assert.is(onDrained.calls, 1);
  assert.is(clock.pending, 0);
});

lifecycle('drain ends even if the relay fails to drain, and reports the error', () => {
  const clock = new HandClock();
  const reports: unknown[] = [];
  const bug = new Error('a bug');
  const relay = {
    connections: 0,
    drain() {
      throw bug;
    },
  };
  const onDrained = counter();
  drain(relay, { clock, report: error => reports.push(error), onDrained });
  clock.wind(20);
  assert.equal([onDrained.calls, reports], [1, [bug]]);
});

lifecycle.run();
