import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry, NewEntry } from '../../../src/relay/log/log.ts';
import { encodeStored } from '../../../src/relay/log/sqlite-room-log.ts';
import { DedupIndex } from '../../../src/relay/room/dedup.ts';

const index = suite('id-index');

function draft(id: string, from = 'f'): NewEntry {
  return { id, from, user: 'u', message: 'm', at: 0 };
}

/** A log that holds what it is given. */
function logOf(messages: Entry[]) {
  return {
    epoch: 'e',
    oldest: 1,
    get head() {
      return messages.at(-1)?.seq ?? 0;
    },
    append() {},
    after: (seq: number, limit: number) => messages.filter(message => message.seq > seq).slice(0, limit),
    before: () => [],
    missed: () => 0,
  };
}

const stored = (seq: number): Entry => ({ seq, payload: encodeStored(draft(`id-${seq}`), seq) });

index('keeps nothing until someone asks', () => {
  const ids = new DedupIndex(logOf([stored(1)]));
  ids.note(draft('x'), 5);
  assert.not(ids.active);
  assert.is(ids.find(draft('x')), undefined);
});

index('is filled from the whole log and from the drafts under way, when first asked', () => {
  const waiting = draft('waiting');
  const ids = new DedupIndex(logOf(Array.from({ length: 2500 }, (_, at) => stored(at + 1))));
  ids.activate([waiting]);
  assert.is(ids.find(draft('id-1')), 1);
  assert.is(ids.find(draft('id-1000')), 1000);
  assert.is(ids.find(draft('id-2500')), 2500);
  assert.is(ids.find(waiting), waiting);
  assert.is(ids.find(draft('id-1', 'someone else')), undefined);
});

index('follows what becomes of a draft', () => {
  const ids = new DedupIndex(logOf([]));
  ids.activate([]);
  const [a, b] = [draft('a'), draft('b')];
  ids.note(a, a);
  ids.note(b, b);
  ids.note(a, 7);
  ids.forget(b);
  assert.is(ids.find(a), 7);
  assert.is(ids.find(b), undefined);
});

index('lets go of what the log lets go of', () => {
  const log = logOf(Array.from({ length: 10 }, (_, at) => stored(at + 1)));
  const ids = new DedupIndex(log);
  ids.activate([]);
  log.oldest = 6;
  ids.trim();
  assert.is(ids.find(draft('id-5')), undefined);
  assert.is(ids.find(draft('id-6')), 6);
});

index.run();
