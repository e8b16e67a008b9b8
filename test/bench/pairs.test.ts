import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LIMIT, type Pair, ratioOf, reachesBelow } from '../../bench/pairs.ts';

const pairs = suite('pairs');

const paired = (ratios: readonly number[]): Pair[] =>
  ratios.map((ratio, index) => ({ before: 2 + index, after: (2 + index) * ratio }));
const near = (value: number | undefined, wanted: number, tolerance = 1e-9) =>
  assert.ok(value !== undefined && Math.abs(value - wanted) < tolerance, `${value} instead of ${wanted}`);

pairs('give the median ratio of after to before, whichever way it goes', () => {
  near(ratioOf([{ before: 4, after: 5 }]).median, 1.25);
  near(ratioOf([{ before: 5, after: 4 }]).median, 0.8);
  near(ratioOf(paired([1.3, 0.9, 1.1])).median, 1.1);
  near(ratioOf(paired([1.3, 0.9, 1.1, 1.2])).median, Math.sqrt(1.1 * 1.2));
  const ratios = [1.1, 1.2, 1.3, 1.25, 1.15, 1.22, 1.01];
  const slower = ratioOf(paired(ratios));
  const faster = ratioOf(paired(ratios.map(ratio => 1 / ratio)));
  near(faster.median, 1 / slower.median);
  near(faster.interval?.low, 1 / (slower.interval?.high ?? 0));
  near(faster.interval?.high, 1 / (slower.interval?.low ?? 0));
});

pairs('give no interval below six', () => {
  for (const count of [1, 2, 5]) {
    const ratio = ratioOf(paired(Array.from({ length: count }, () => 1.01)));
    assert.is(ratio.interval, undefined);
    assert.is(reachesBelow(ratio), undefined);
  }
});

pairs('interpolate the interval between the order statistics that hold more and less than 95 %', () => {
  // Logarithms 1 to n, so that an end is its own depth. Held by hand: of 6, 62/64 and 50/64; of 11, 2024/2048 and 1914/2048.
  const lowOf = (count: number) => {
    const { interval } = ratioOf(paired(Array.from({ length: count }, (_, index) => Math.exp(index + 1))));
    const low = Math.log(interval?.low ?? 0);
    near(Math.log(interval?.high ?? 0), count + 1 - low);
    return low;
  };
  const six = (62 / 64 - 0.95) / (12 / 64);
  near(lowOf(6), 1 + (5 * six) / (1 + 4 * six));
  const eleven = (2024 / 2048 - 0.95) / (110 / 2048);
  near(lowOf(11), 2 + (9 * eleven) / (2 + 7 * eleven));
  // Near the middle less 1.96 standard deviations of the number of values below it.
  near(lowOf(101), 51 - 1.96 * Math.sqrt(101 / 4), 0.2);
});

pairs('are hardly moved by two disturbed runs of eleven, on either side', () => {
  const calm = [0.985, 1, 1.01, 1, 0.995, 1.005, 1.015, 0.99, 1.002];
  for (const strays of [
    [3, 4],
    [0.3, 0.2],
    [0.3, 3],
  ]) {
    const { median, interval } = ratioOf(paired([...calm, ...strays]));
    near(median, 1, 0.01);
    assert.ok(interval && interval.low > 0.85 && interval.high < 1.2, JSON.stringify(interval));
  }
  const slow = ratioOf(paired([...calm.map(ratio => ratio * 1.06), 1.06, 0.3]));
  assert.is(reachesBelow(slow), false);
});

pairs('hold the ratio in 95 of 100 draws', () => {
  // A generator with a seed of its own (mulberry32), so that every run draws the same.
  let state = 1;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const draws = 4000;
  for (const count of [6, 11, 12]) {
    let held = 0;
    for (let draw = 0; draw < draws; draw++) {
      const { interval } = ratioOf(paired(Array.from({ length: count }, () => 1.05 * Math.exp(0.03 * normal()))));
      if (interval && interval.low <= 1.05 && interval.high >= 1.05) held++;
    }
    near(held / draws, 0.95, 0.012);
  }
});

pairs('reach below the limit only where the lower end does', () => {
  const ratio = (low: number) => ({ median: 1.1, interval: { low, high: 1.2 } });
  assert.is(reachesBelow(ratio(LIMIT - 0.001)), true);
  assert.is(reachesBelow(ratio(LIMIT)), false);
});

pairs('refuse values that have no ratio', () => {
  assert.throws(() => ratioOf([]), 'there is no pair');
  for (const [before, after] of [
    [0, 1],
    [1, 0],
    [-1, -1],
    [1, Number.NaN],
    [Number.POSITIVE_INFINITY, 1],
  ] as const) {
    assert.throws(() => ratioOf([{ before, after }]), 'have no ratio');
  }
});

pairs.run();
