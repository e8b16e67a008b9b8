import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_WAITING, type Shared, SharedBuckets } from '../../../src/relay/access/shared-buckets.ts';
import { TokenBucket } from '../../../src/relay/access/token-bucket.ts';

const shared = suite('shared buckets');

type One = { readonly tokens: TokenBucket };

/** Buckets of 10 tokens a second, and 50 at once. */
const make = () => new SharedBuckets<One>(() => ({ tokens: new TokenBucket(10, 50) }));

/** Takes tokens at `now`. Returns how many are left. */
function spend({ buckets: { tokens } }: Shared<One>, now: number, count = 0): number {
  tokens.refill(now);
  tokens.take(count);
  return tokens.tokens;
}

shared('are the same for every connection with a key, and others for another key', () => {
  const all = make();
  const [a, same, other] = [all.acquire('a', 0), all.acquire('a', 0), all.acquire('b', 0)];
  spend(a, 0, 30);
  assert.is(spend(same, 0), 20);
  assert.is(spend(other, 0), 50);
});

shared('are not fresh for a connection that comes back', () => {
  const all = make();
  for (let count = 0; count < 5; count++) {
    const back = all.acquire('a', 0);
    assert.is(spend(back, 0), 50 - count * 10);
    spend(back, 0, 10);
    all.release(back);
  }
  assert.is(spend(all.acquire('a', 2000), 2000), 20);
});

shared('are forgotten once nobody uses them and they are full again', () => {
  const all = make();
  for (const key of ['a', 'b', 'c']) {
    const used = all.acquire(key, 0);
    spend(used, 0, 50);
    all.release(used);
  }
  const kept = all.acquire('d', 4999);
  assert.is(all.size, 4);
  all.acquire('d', 5000);
  assert.is(all.size, 1);
  all.release(kept);
  assert.is(all.size, 1, 'it is still used');
});

shared('take bounded memory, and no number of keys makes any of them fresh', () => {
  const all = make();
  const attacker = all.acquire('attacker', 0);
  spend(attacker, 0, 60);
  all.release(attacker);
  for (let index = 0; index < MAX_WAITING + 5000; index++) {
    const other = all.acquire(`${index}`, 0);
    spend(other, 0, 1);
    all.release(other);
  }
  assert.ok(all.size <= MAX_WAITING + 256, `${all.size}`);
  const back = all.acquire('attacker', 1000);
  assert.ok(spend(back, 1000) <= 0, `${spend(back, 1000)}`);
  all.release(back);
  assert.is(spend(all.acquire('attacker', 10_000), 10_000), 50, 'it is full again in time');
});

shared('that were merged are used until nobody has them and they are full', () => {
  const all = make();
  for (let index = 0; index < MAX_WAITING + 2000; index++) {
    const other = all.acquire(`${index}`, 0);
    if (spend(other, 0) === 50) spend(other, 0, 50);
    all.release(other);
  }
  const stranger = all.acquire('stranger', 1000);
  const behindIt = all.acquire('stranger', 9000);
  assert.is(stranger, behindIt);
  all.release(stranger);
  all.release(behindIt);
  assert.is(spend(all.acquire('stranger', 20_000), 20_000), 50);
});

shared.run();
