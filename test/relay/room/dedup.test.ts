import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../../src/relay/log/entry.ts';
import type { KnownKey } from '../../../src/relay/log/log.ts';
import { Dedup } from '../../../src/relay/room/dedup.ts';
import { KeyBudget, KeyIndex } from '../../../src/relay/room/key-index.ts';
import { RetryWindow } from '../../../src/relay/room/retry-window.ts';
import { range, seqs } from '../../support/opened-room.ts';

const key = (id: string, from = 'f') => keyOf(from, id);

/** The keys of a log with entries from 1 to `count`, newest first. */
const keys = (count: number): KnownKey[] =>
  range(1, count)
    .map(seq => ({ seq, key: key(`id-${seq}`) }))
    .reverse();

const index = suite('key index');

index('finds the places of keys, in whatever order they were added', () => {
  const budget = new KeyBudget(10_000);
  const known = new KeyIndex(1000, budget);
  assert.is(known.after, 1000);
  for (const seq of range(1001, 2000)) known.append(key(`id-${seq}`), seq);
  const older = keys(1000);
  for (const start of [0, 1, 300, 900]) {
    const end = { 0: 1, 1: 300, 300: 900, 900: 1000 }[start];
    known.extend(older.slice(start, end));
    assert.is(known.after, 1000 - Number(end));
  }
  for (const seq of range(1, 2000)) assert.ok(known.find(key(`id-${seq}`), 0).includes(seq), `${seq}`);
  const strange = range(1, 2000).filter(at => known.find(key(`id-${at}`, 'g'), 0).length > 0);
  assert.ok(strange.length < 5, `${strange.length} of 2,000 unknown keys look known`);
  assert.is(budget.used, 2000);
});

index('looks only among the entries after a seq', () => {
  const known = new KeyIndex(600, new KeyBudget(10_000));
  for (const seq of range(601, 1000)) known.append(key(`id-${seq}`), seq);
  known.extend(keys(600));
  for (const after of [0, 1, 255, 256, 599, 600, 601, 855, 999, 1000]) {
    const found = range(1, 1000).filter(seq => known.find(key(`id-${seq}`), after).includes(seq));
    assert.equal(found, range(after + 1, 1000), `after ${after}`);
  }
});

index('finds the places of very many keys, before it and after it is trimmed', () => {
  const known = new KeyIndex(15_000, new KeyBudget(100_000));
  known.extend(keys(15_000));
  for (const seq of range(15_001, 40_000)) known.append(key(`id-${seq}`), seq);
  const some = range(1, 40_000).filter(seq => seq % 7 === 0);
  for (const seq of some) assert.ok(known.find(key(`id-${seq}`), 0).includes(seq), `${seq}`);
  for (const oldest of [5000, 20_000, 39_999]) {
    known.trim(oldest);
    const kept = some.filter(seq => seq >= oldest);
    for (const seq of kept) assert.ok(known.find(key(`id-${seq}`), seq - 1).includes(seq), `${seq} of ${oldest}`);
    assert.ok(known.after < oldest && known.after >= oldest - 4096, `${known.after} of ${oldest}`);
  }
});

index('finds every place of a key that it holds several times', () => {
  const known = new KeyIndex(300, new KeyBudget(10_000));
  known.extend(keys(300).map(({ seq }) => ({ seq, key: key('same') })));
  for (const seq of range(301, 900)) known.append(key('same'), seq);
  assert.equal(
    known.find(key('same'), 0).sort((a, b) => a - b),
    range(1, 900),
  );
});

index('drops what is before the oldest entry, and everything when it is cleared', () => {
  const budget = new KeyBudget(10_000);
  const known = new KeyIndex(0, budget);
  for (const seq of range(1, 1000)) known.append(key(`id-${seq}`), seq);
  known.trim(700);
  assert.ok(known.after < 700 && known.after > 400, `${known.after}`);
  assert.equal(known.find(key('id-1'), 0), []);
  for (const seq of range(700, 1000)) assert.ok(known.find(key(`id-${seq}`), 0).includes(seq));
  assert.is(budget.used, 1000 - known.after);
  known.clear();
  assert.is(budget.used, 0);
  assert.equal(known.find(key('id-1000'), 0), []);
});

index('keeps no more older keys than the ceiling of all rooms allows, but every new one', () => {
  const budget = new KeyBudget(100);
  const known = new KeyIndex(80, budget);
  known.extend(keys(80));
  assert.is(known.after, 0);
  for (const seq of range(81, 200)) known.append(key(`id-${seq}`), seq);
  assert.ok(known.find(key('id-200'), 0).includes(200));
  assert.is(budget.used, 200);
  const other = new KeyIndex(101, budget);
  other.extend(keys(101));
  assert.is(other.after, 101, 'more than the ceiling');
});

index('makes place for the keys of a room by dropping those that were needed least recently', () => {
  const budget = new KeyBudget(100);
  const [one, two, three] = [new KeyIndex(40, budget), new KeyIndex(40, budget), new KeyIndex(40, budget)];
  one.extend(keys(40));
  two.extend(keys(40));
  one.find(key('id-1'), 0);
  three.extend(keys(40));
  assert.equal([one.after, two.after, three.after], [0, 40, 0]);
  assert.is(budget.used, 80);
  two.append(key('id-41'), 41);
  assert.equal(two.find(key('id-41'), 0), [41], 'it goes on from there');
  one.clear();
  assert.is(budget.used, 41);
});

index.run();

const recent = suite('retry window');

recent('knows the head before the first of the recent retries', () => {
  let now = 0;
  const window = new RetryWindow(() => now, { windowMs: 300_000 });
  assert.is(window.after(), undefined);
  window.note(10);
  now = 59_999;
  window.note(20);
  assert.equal(window.marks, [{ at: 0, seq: 10 }], 'one mark a minute');
  window.note(8);
  assert.equal(window.marks, [{ at: 0, seq: 8 }], 'of the first of its messages');
  now = 100_000;
  window.note(30);
  assert.is(window.after(), 8);
  now = 359_999;
  assert.is(window.after(), 8, 'the last retry of the first minute is 300 s ago');
  now = 360_000;
  assert.is(window.after(), 30);
  now = 460_000;
  assert.is(window.after(), undefined);
  window.note(40);
  assert.equal(window.marks, [{ at: 460_000, seq: 40 }]);
});

recent('continues from the marks of an earlier window', () => {
  const window = new RetryWindow(() => 100_000, { marks: [{ at: 50_000, seq: 7 }], windowMs: 60_000 });
  assert.is(window.after(), 7);
});

recent.run();

const dedup = suite('dedup');

interface Pending {
  readonly key: string;
}

/** A log with `count` entries. */
function make({ count = 0, max = 10_000, oldest = 1 } = {}) {
  const all = keys(count);
  const log = {
    head: count,
    oldest,
    keysBefore: (seq: number, limit: number) =>
      all.filter(each => each.seq < seq && each.seq >= log.oldest).slice(0, limit),
    store(id: string) {
      log.head += 1;
      all.unshift({ seq: log.head, key: key(id) });
      known.stored(key(id), log.head);
    },
  };
  let now = 0;
  const pending = new Set<Pending>();
  const known = new Dedup<Pending>(log, {
    window: new RetryWindow(() => now, { windowMs: 300_000 }),
    keyBudget: new KeyBudget(max),
    pending,
  });
  return { log, known, pending, wait: (ms: number) => (now += ms) };
}

dedup('keeps nothing until a message is retried, and nothing once that is long ago', () => {
  const { log, known, wait } = make({ count: 3 });
  assert.not(known.active);
  log.store('x');
  known.retried();
  assert.ok(known.active);
  assert.is(known.find(key('x'), 0), 'unread', 'the entries from before the retry have to be read');
  log.store('y');
  assert.is(known.find(key('y'), 0), 5);
  wait(300_000);
  known.forget();
  assert.ok(known.active);
  wait(60_000);
  known.forget();
  assert.not(known.active);
});

dedup('tells new messages from stored ones as far as the keys were read', () => {
  const { log, known } = make({ count: 100 });
  known.retried();
  assert.is(known.indexedAfter, 100);
  assert.is(known.find(key('new'), 100), 'new');
  assert.is(known.find(key('new'), 40), 'unread');
  known.read(log.keysBefore(101, 60), 101);
  assert.is(known.find(key('new'), 40), 'new');
  assert.is(known.find(key('new'), 39), 'unread');
  assert.is(known.find(key('id-50'), 0), 50);
  known.read(log.keysBefore(31, 30), 31);
  assert.is(known.indexedAfter, 40, 'keys that do not follow are not taken');
  known.read(log.keysBefore(41, 40), 41);
  assert.is(known.find(key('new'), 0), 'new');
  assert.is(known.find(key('id-50', 'someone else'), 0), 'new');
});

dedup('knows pending messages, from before the retry and after it', () => {
  const { known, pending } = make();
  const [first, second] = [{ key: key('a') }, { key: key('b') }];
  pending.add(first);
  known.retried();
  known.appended(second);
  assert.is(known.find(first.key, 0), first);
  assert.is(known.find(second.key, 0), second);
  known.failed(first.key);
  known.stored(second.key, 1);
  assert.is(known.find(first.key, 0), 'new');
});

dedup('does not know entries that are no longer in the log', () => {
  const { log, known } = make({ count: 10 });
  known.retried();
  known.read(log.keysBefore(11, 10), 11);
  log.oldest = 6;
  assert.is(known.find(key('id-5'), 0), 'new', 'even before it is trimmed');
  known.trim();
  assert.is(known.find(key('id-5'), 0), 'new');
  assert.is(known.find(key('id-6'), 0), 6);
});

dedup('compares the key itself, not only its hash', () => {
  const { log, known } = make();
  known.retried();
  log.store('a');
  known.stored(key('b'), 1);
  assert.is(known.find(key('b'), 0), 'new');
  assert.is(known.find(key('a'), 0), 1);
});

dedup('looks for a message that is not marked among the entries since the recent retries', () => {
  const { log, known } = make({ count: 1000 });
  known.retried();
  assert.is(known.retriedAfter, 1000);
  log.store('new');
  known.retriedAt(1001);
  assert.is(known.retriedAfter, 1000);
  known.retriedAt(10);
  assert.is(known.retriedAfter, 1000, 'a message that is old is not looked for again');
  known.retriedAt(900);
  assert.is(known.retriedAfter, 899);
});

dedup('leaves the budget when it is closed', () => {
  const { log, known } = make({ count: 10 });
  known.retried();
  known.read(log.keysBefore(11, 10), 11);
  assert.equal(seqs(log.keysBefore(11, 2)), [10, 9]);
  known.close();
  assert.not(known.active);
});

dedup.run();
