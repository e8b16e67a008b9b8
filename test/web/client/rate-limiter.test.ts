import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRateLimiter } from '../../../src/web/client/rate-limiter.ts';

const limiter = suite('rate limiter');

limiter('allows a burst, which includes the hello, and then keeps to the rate', () => {
  const pace = createRateLimiter();
  pace.start(5, 4, 1000);
  assert.equal(
    [pace.take(1000), pace.take(1000), pace.take(1000), pace.take(1000), pace.take(1150)],
    [0, 0, 0, 200, 50],
  );
  assert.equal([pace.take(1200), pace.take(1200), pace.take(1400)], [0, 200, 0]);
});

limiter('never allows more than a burst after a pause', () => {
  const pace = createRateLimiter();
  pace.start(5, 2, 0);
  assert.equal([pace.take(100_000), pace.take(100_000), pace.take(100_000)], [0, 0, 200]);
});

limiter('returns exactly how long to wait, whatever the rate', () => {
  for (const rate of [1, 3, 7, 9, 1000]) {
    const pace = createRateLimiter();
    pace.start(rate, 1, 0);
    for (let now = 0, turns = 0; turns < 100; turns++) {
      const waitMs = pace.take(now);
      now += waitMs;
      if (waitMs > 0) assert.is(pace.take(now), 0, `${rate}`);
    }
  }
});

limiter('has no limit at rate 0, before the welcome and after it', () => {
  const pace = createRateLimiter();
  for (let i = 0; i < 1000; i++) assert.is(pace.take(5), 0);
  pace.start(5, 1, 5);
  pace.start(0, 20, 5);
  for (let i = 0; i < 1000; i++) assert.is(pace.take(5), 0);
});

limiter.run();
