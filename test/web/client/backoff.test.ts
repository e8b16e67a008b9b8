import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backoff } from '../../../src/web/client/backoff.ts';

const waits = suite('backoff');

waits('the wait doubles from half a second up to 15 s, or up to a minute while hidden', () => {
  const most = (hidden: boolean) => Array.from({ length: 9 }, (_, n) => backoff(n, hidden, 1));
  assert.equal(most(false), [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000]);
  assert.equal(most(true), [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
});

waits('the wait is a random share between half and all of it, also at the maximum', () => {
  for (const n of [0, 3, 40, 2000]) {
    const whole = backoff(n, false, 1);
    assert.is(backoff(n, false, 0), whole / 2);
    assert.is(backoff(n, false, 0.5), whole * 0.75);
  }
});

waits.run();
