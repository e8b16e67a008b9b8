import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RateLimiter } from '../../../src/relay/access/rate-limiter.ts';

const limiter = suite('rate limiter');

limiter('allows a burst, then returns how long to wait', () => {
  const bucket = new RateLimiter(5, 3);
  assert.equal(
    [0, 0, 0, 0].map(now => bucket.take(now)),
    [0, 0, 0, 200],
  );
  assert.is(bucket.take(200), 0, 'a token is there after the returned time');
  assert.is(bucket.take(200), 200);
});

limiter('allows no more than a burst after a long pause', () => {
  const bucket = new RateLimiter(5, 2);
  for (const now of [0, 0]) assert.is(bucket.take(now), 0);
  assert.equal(
    [9_000, 9_000, 9_000].map(now => bucket.take(now)),
    [0, 0, 200],
  );
});

limiter('allows the rate in the long run to a client that asks constantly', () => {
  const bucket = new RateLimiter(5, 20);
  let taken = 0;
  for (let now = 0; now < 60_000; now += 10) if (bucket.take(now) === 0) taken += 1;
  assert.ok(taken >= 318 && taken <= 320, `${taken} in a minute`);
});

limiter('has no limit at a rate of 0', () => {
  const bucket = new RateLimiter(0, 1);
  for (let i = 0; i < 1000; i++) assert.is(bucket.take(0), 0);
});

limiter('loses no tokens when the clock is set back', () => {
  const bucket = new RateLimiter(1, 2);
  assert.is(bucket.take(10_000), 0);
  assert.is(bucket.take(0), 0);
  assert.is(bucket.take(0), 1000);
});

limiter.run();
