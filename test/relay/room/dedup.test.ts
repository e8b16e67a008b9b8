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

/** A log that holds the keys it is given. */
function logOf(places: KnownKey[]) {
  return {
    oldest: 1,
    keysAfter: (seq: number, limit: number) => places.filter(place => place.seq > seq).slice(0, limit),
  };
}

function places(count: number): KnownKey[] {
  return Array.from({ length: count }, (_, at) => ({ seq: at + 1, key: key(`id-${at + 1}`) }));
}

function pending(id: string, dedup: DedupIndex<PendingMessage>): PendingMessage {
  const options = { sendBudget: new SendBudget(), allowance: { take: () => undefined }, openedAt: 0 };
  const reader = new Reader(new FakeSocket(), DIALECTS.v1, options);
  const said = { id, from: 'f', user: 'u', message: 'm', at: 0, sender: reader };
  return new PendingMessage({ dedup, pending: new Set() }, said);
}

index('keeps nothing until someone asks', () => {
  const dedup = new DedupIndex<PendingMessage>(logOf(places(1)));
  dedup.note(key('x'), 5);
  assert.not(dedup.active);
  assert.is(dedup.find(key('x')), undefined);
});

index('is filled from the whole log and from the messages under way, when first asked', () => {
  const dedup = new DedupIndex<PendingMessage>(logOf(places(2500)));
  const waiting = pending('waiting', dedup);
  dedup.activate([waiting]);
  assert.is(dedup.find(key('id-1')), 1);
  assert.is(dedup.find(key('id-1000')), 1000);
  assert.is(dedup.find(key('id-2500')), 2500);
  assert.is(dedup.find(key('waiting')), waiting);
  assert.is(dedup.find(key('id-1', 'someone else')), undefined);
});

index('follows what becomes of a message', () => {
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

index('drops what the log no longer holds', () => {
  const log = logOf(places(10));
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
