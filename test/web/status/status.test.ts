/** The countdown. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { secondsUntil } from '../../../src/web/status/status.ts';

const countdown = suite('countdown');

countdown('counts whole seconds and never shows 0 or less', () => {
  assert.is(secondsUntil(3000, 0), 3);
  assert.is(secondsUntil(2001, 0), 3);
  assert.is(secondsUntil(2000, 1), 2);
  assert.is(secondsUntil(1000, 1000), 1);
  assert.is(secondsUntil(0, 60_000), 1);
});

countdown.run();
