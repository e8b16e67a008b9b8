/** Being near the end. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FOLLOW_PX, isNearEnd } from '../../../src/web/messages/scroll-anchor.ts';

const place = suite('place');

place('is near the end within the bound, and where nothing scrolls', () => {
  const box = { scrollHeight: 1000, clientHeight: 400 };
  assert.ok(isNearEnd({ ...box, scrollTop: 600 }));
  assert.ok(isNearEnd({ ...box, scrollTop: 600 - FOLLOW_PX }));
  assert.not.ok(isNearEnd({ ...box, scrollTop: 599 - FOLLOW_PX }));
  assert.ok(isNearEnd({ scrollHeight: 300, clientHeight: 400, scrollTop: 0 }));
});

place.run();
