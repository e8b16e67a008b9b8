/** What a relay answers to a request for older messages is believed only where it looks like messages. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseHistory } from '../../../src/web/client/history.ts';

const older = suite('older messages');
const message = { type: 'normal', seq: 1, id: 'i', from: 'f', user: 'Ann', message: 'hi', at: 1 };

older('are read in their order', () => {
  assert.equal(
    parseHistory({ messages: [message, { ...message, seq: 2 }] }).map(m => m.seq),
    [1, 2],
  );
});

older('leave out what is none', () => {
  assert.equal(parseHistory({ messages: [{ ...message, user: 3 }, { type: 'ping' }, null, 'x', message] }), [message]);
});

older.run();
