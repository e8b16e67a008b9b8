import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TokenBucket } from '../../../src/relay/access/token-bucket.ts';

const bucket = suite('token bucket');

/** Takes a token at `now` if there is one. Returns the time until there is (ms). */
function take(tokens: TokenBucket, now: number, lateMs = 0): number {
  tokens.refill(now, lateMs);
  const waitMs = tokens.msUntil(1);
  if (waitMs === 0) tokens.take(1);
  return waitMs;
}

bucket('allows a burst, then returns how long to wait', () => {
  const tokens = new TokenBucket(5, 3);
  assert.equal(
    [0, 0, 0, 0].map(now => take(tokens, now)),
    [0, 0, 0, 200],
  );
  assert.is(take(tokens, 200), 0, 'a token is there after the returned time');
  assert.is(take(tokens, 200), 200);
});

bucket('allows no more than a burst after a long pause', () => {
  const tokens = new TokenBucket(5, 2);
  for (const now of [0, 0]) assert.is(take(tokens, now), 0);
  assert.equal(
    [9_000, 9_000, 9_000].map(now => take(tokens, now)),
    [0, 0, 200],
  );
});

bucket('allows the rate in the long run to a client that asks constantly', () => {
  const tokens = new TokenBucket(5, 20);
  let taken = 0;
  for (let now = 0; now < 60_000; now += 10) if (take(tokens, now) === 0) taken += 1;
  assert.ok(taken >= 318 && taken <= 320, `${taken} in a minute`);
});

bucket('loses no tokens when the clock is set back', () => {
  const tokens = new TokenBucket(1, 2);
  assert.is(take(tokens, 10_000), 0);
  assert.is(take(tokens, 0), 0);
  assert.is(take(tokens, 0), 1000);
});

bucket('keeps what is earned while the relay cannot read on top of the burst, and no more', () => {
  const tokens = new TokenBucket(5, 20);
  tokens.take(20);
  tokens.refill(0);
  tokens.refill(10_000, 10_000);
  assert.is(tokens.tokens, 50);
  tokens.refill(60_000, 10_000);
  assert.is(tokens.tokens, 70);
  tokens.refill(60_000);
  assert.is(tokens.tokens, 20, 'it is gone once the relay is no longer late');
});

bucket('can be overdrawn, and takes over what another one is overdrawn by', () => {
  const [tokens, other] = [new TokenBucket(10, 5), new TokenBucket(10, 5)];
  tokens.refill(1000);
  tokens.take(9);
  assert.is(tokens.tokens, -4);
  assert.is(tokens.msUntil(0), 400);
  other.absorb(tokens);
  other.refill(1400);
  assert.is(other.tokens, 0);
});

bucket.run();
