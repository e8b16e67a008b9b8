import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PendingMessages } from '../../../src/relay/room/pending-messages.ts';

const messages = suite('room/pending-messages');

messages('holds what was added and not removed, in order, as a set would', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 3 }), { freq: 2 }), { maxLength: 60 }), steps => {
      const [pending, expected] = [new PendingMessages<object>(), new Set<object>()];
      for (const step of steps) {
        if (step === null) {
          const message = {};
          pending.add(message);
          expected.add(message);
        } else {
          const message = [...expected][step];
          if (message === undefined) continue;
          pending.remove(message);
          expected.delete(message);
        }
        assert.is(pending.size, expected.size);
        assert.ok([...pending].every((message, index) => message === [...expected][index]));
      }
    }),
  );
});

messages('drops what was removed although it is never empty', () => {
  const pending = new PendingMessages<number>();
  for (let index = 0; index < 5000; index++) {
    pending.add(index);
    if (index >= 10) pending.remove(index - 10);
  }
  assert.equal(
    [...pending],
    Array.from({ length: 10 }, (_, index) => 4990 + index),
  );
});

messages.run();
