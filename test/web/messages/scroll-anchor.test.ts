/** Being near the end. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isNearEnd, STICK_PX } from '../../../src/web/messages/scroll-anchor.ts';

const place = suite('place');

place('is near the end within the bound, and where nothing scrolls', () => {
  const box = { scrollHeight: 1000, clientHeight: 400 };
  assert.ok(isNearEnd({ ...box, scrollTop: 600 }));
  assert.ok(isNearEnd({ ...box, scrollTop: 600 - STICK_PX }));
  assert.not.ok(isNearEnd({ ...box, scrollTop: 599 - STICK_PX }));
  assert.ok(isNearEnd({ scrollHeight: 300, clientHeight: 400, scrollTop: 0 }));
});

place.run();
