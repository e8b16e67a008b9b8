import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../../src/relay/log/entry.ts';
import type { KnownKey } from '../../../src/relay/log/log.ts';
import { DedupIndex } from '../../../src/relay/room/dedup.ts';
import { DIALECTS } from '../../../src/relay/room/dialect.ts';
import { PendingMessage } from '../../../src/relay/room/pending-message.ts';
import { Reader } from '../../../src/relay/room/reader.ts';
import { SendBudget } from '../../../src/relay/room/send-budget.ts';
import { FakeSocket } from '../../support/rig.ts';

const index = suite('dedup');

const key = (id: string, from = 'f') => keyOf(from, id);

/** A log with the given keys. */
function logOf(known: KnownKey[]) {
  return {
    oldest: 1,
    keysAfter: (seq: number, limit: number) => known.filter(each => each.seq > seq).slice(0, limit),
  };
}

function keys(count: number): KnownKey[] {
  return Array.from({ length: count }, (_, at) => ({ seq: at + 1, key: key(`id-${at + 1}`) }));
}

function pending(id: string, dedup: DedupIndex<PendingMessage>): PendingMessage {
  const options = { sendBudget: new SendBudget(), allowance: { take: () => undefined }, openedAt: 0 };
  const reader = new Reader(new FakeSocket(), DIALECTS.v1, options);
  const fields = { id, person: { from: 'f', user: 'u' }, message: 'm', at: 0, sender: reader };
  return new PendingMessage({ dedup, pending: new Set() }, fields);
}

index('keeps nothing until a message is retried', () => {
  const dedup = new DedupIndex<PendingMessage>(logOf(keys(1)));
  dedup.note(key('x'), 5);
  assert.not(dedup.active);
  assert.is(dedup.find(key('x')), undefined);
});

index('is filled from the whole log and from the pending messages on the first retry', () => {
  const dedup = new DedupIndex<PendingMessage>(logOf(keys(2500)));
  const waiting = pending('waiting', dedup);
  dedup.activate([waiting]);
  assert.is(dedup.find(key('id-1')), 1);
  assert.is(dedup.find(key('id-1000')), 1000);
  assert.is(dedup.find(key('id-2500')), 2500);
  assert.is(dedup.find(key('waiting')), waiting);
  assert.is(dedup.find(key('id-1', 'someone else')), undefined);
});

index('records whether a message was stored or failed', () => {
  const dedup = new DedupIndex<PendingMessage>(logOf([]));
  dedup.activate([]);
  const [a, b] = [pending('a', dedup), pending('b', dedup)];
  dedup.note(a.key, a);
  dedup.note(b.key, b);
  a.onStored(7);
  b.onFailed();
  assert.is(dedup.find(a.key), 7);
  assert.is(dedup.find(b.key), undefined);
});

index('drops entries that are no longer in the log', () => {
  const log = logOf(keys(10));
  const dedup = new DedupIndex<PendingMessage>(log);
  dedup.activate([]);
  log.oldest = 6;
  assert.is(dedup.find(key('id-5')), undefined, 'even before it is trimmed');
  dedup.trim();
  log.oldest = 1;
  assert.is(dedup.find(key('id-5')), undefined);
  assert.is(dedup.find(key('id-6')), 6);
});

index.run();
