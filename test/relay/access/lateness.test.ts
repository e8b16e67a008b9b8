import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Lateness } from '../../../src/relay/access/lateness.ts';

const lateness = suite('lateness');

lateness('is none while the tick comes in time, or nearly', () => {
  const late = new Lateness(1000);
  for (let now = 0; now <= 20_000; now += 1050) {
    assert.is(late.at(now), 0);
    late.tick(now);
    assert.is(late.at(now + 1000), 0);
  }
});

lateness('is seen before the tick that is late, and shrinks after it', () => {
  const late = new Lateness(1000);
  late.tick(5000);
  assert.is(late.at(15_000), 10_000);
  late.tick(15_000);
  assert.is(late.at(15_000), 10_000);
  late.tick(16_000);
  assert.is(late.at(19_000), 10_000 - 4000 + 3000, 'late again');
  late.tick(19_000);
  for (let now = 20_000; now <= 30_000; now += 1000) late.tick(now);
  assert.is(late.at(30_500), 0);
});

lateness('has an upper bound, because a clock may be set, and is none without a tick', () => {
  const late = new Lateness(1000);
  assert.is(late.at(1_700_000_000_000), 0, 'none has come yet');
  late.tick(0);
  assert.is(late.at(3_600_000), 30_000);
  late.tick(3_600_000);
  assert.is(late.at(3_600_000), 30_000);
  late.tick(0);
  assert.is(late.at(500), 0, 'the clock was set back');
  const never = new Lateness(Number.POSITIVE_INFINITY);
  never.tick(0);
  assert.is(never.at(1_700_000_000_000), 0);
});

lateness.run();
