/** What is read aloud, and what an unsent message says of itself. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { en } from '../../../src/web/i18n/en.ts';
import { zh } from '../../../src/web/i18n/zh.ts';
import { type Change, countQuiet, MAX_SPOKEN } from '../../../src/web/messages/message-list.ts';
import { outgoingWords } from '../../../src/web/messages/message-row.ts';

const message = { type: 'normal', seq: 1, id: 'i', from: 'f', user: 'Ann', message: 'hi', at: 1 } as const;
const live: Change = { message, replayed: false, counts: true };
const replayed: Change = { message, replayed: true, counts: true };
const times = (count: number, change: Change) => Array.from({ length: count }, () => change);

const reading = suite('reading aloud');

reading('is for live messages, not for a replay and what came before it', () => {
  assert.is(countQuiet([live]), 0);
  assert.is(countQuiet([replayed, replayed]), 2);
  assert.is(countQuiet([live, replayed, live]), 2);
  assert.is(countQuiet([{ missed: 3 }, live]), 1);
  assert.is(countQuiet([]), 0);
});

reading('stops when too much comes at once; what was only acknowledged does not count', () => {
  assert.is(countQuiet(times(MAX_SPOKEN, live)), 0);
  assert.is(countQuiet(times(MAX_SPOKEN + 1, live)), MAX_SPOKEN + 1);
  assert.is(countQuiet([...times(MAX_SPOKEN, live), { sent: 'i' }]), 0);
});

const unsent = suite('unsent messages');
const item = { id: 'i', message: 'hi', user: 'Ann', at: 1 };

unsent('say that they are under way, or why not', () => {
  assert.is(outgoingWords({ ...item, state: 'pending' }, zh), '发送中…');
  assert.is(outgoingWords({ ...item, state: 'failed', code: 'too-long' }, zh), '消息过长，未发送');
  assert.is(outgoingWords({ ...item, state: 'failed', code: 'too-big' }, en), 'Not sent. Message too large.');
  assert.is(outgoingWords({ ...item, state: 'unknown' }, en), en.unknown);
  assert.ok(outgoingWords({ ...item, state: 'failed' }, en));
  const tomorrow: string = 'a-code-of-tomorrow';
  assert.is(
    outgoingWords({ ...item, state: 'failed', code: tomorrow as 'empty' }, en),
    'Not sent. a-code-of-tomorrow.',
  );
});

reading.run();
unsent.run();
