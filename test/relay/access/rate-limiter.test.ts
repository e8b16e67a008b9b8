import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RateLimiter } from '../../../src/relay/access/rate-limiter.ts';

const limiter = suite('limiter');

limiter('gives a burst at once, then says how long to wait', () => {
  const bucket = new RateLimiter(5, 3);
  assert.equal(
    [0, 0, 0, 0].map(now => bucket.take(now)),
    [0, 0, 0, 200],
  );
  assert.is(bucket.take(200), 0, 'after as long as it said, there is one');
  assert.is(bucket.take(200), 200);
});

limiter('gives no more than the burst after a long rest', () => {
  const bucket = new RateLimiter(5, 2);
  for (const now of [0, 0]) assert.is(bucket.take(now), 0);
  assert.equal(
    [9_000, 9_000, 9_000].map(now => bucket.take(now)),
    [0, 0, 200],
  );
});

limiter('gives the rate in the long run, to a client that asks all the time', () => {
  const bucket = new RateLimiter(5, 20);
  let taken = 0;
  for (let now = 0; now < 60_000; now += 10) if (bucket.take(now) === 0) taken += 1;
  assert.ok(taken >= 318 && taken <= 320, `${taken} in a minute`);
});

limiter('is lifted by a rate of 0', () => {
  const bucket = new RateLimiter(0, 1);
  for (let i = 0; i < 1000; i++) assert.is(bucket.take(0), 0);
});

limiter('takes nothing away when the clock is set back', () => {
  const bucket = new RateLimiter(1, 2);
  assert.is(bucket.take(10_000), 0);
  assert.is(bucket.take(0), 0);
  assert.is(bucket.take(0), 1000);
});

limiter.run();
