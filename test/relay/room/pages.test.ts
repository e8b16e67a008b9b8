/** Pages are the same whether they come from what is at hand or from the log, and are made once for all who ask at once. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../../src/relay/log/entry.ts';
import type { RoomLog } from '../../../src/relay/log/log.ts';
import { Pages } from '../../../src/relay/room/pages.ts';
import { TestMessage } from '../../support/entries.ts';
import { memoryLog } from '../../support/rig.ts';

const PAGE_BYTES = 20_000;

const pages = suite('pages');

/** A room's log that counts how often it is read, and pages that are told what it stores. */
function room({ readers = 1000, history = 10_000 } = {}) {
  const log = memoryLog(history);
  let reads = 0;
  let count = 0;
  const opened: RoomLog = log.open('a', {
    stored: (entries: readonly Entry[]) => shared.note(entries),
    rewritten: () => assert.unreachable(),
  });
  const watched: RoomLog = {
    get epoch() {
      return opened.epoch;
    },
    get head() {
      return opened.head;
    },
    get oldest() {
      return opened.oldest;
    },
    isEpoch: epoch => opened.isEpoch(epoch),
    append: entry => opened.append(entry),
    keysAfter: (...place) => opened.keysAfter(...place),
    after: (...place) => {
      reads += 1;
      return opened.after(...place);
    },
    messagesBefore: (...place) => {
      reads += 1;
      return opened.messagesBefore(...place);
    },
    missed: (since, next) => opened.missed(since, next),
  };
  const present = { size: readers };
  const shared = new Pages(watched, present, { maxBytes: PAGE_BYTES });
  return {
    present,
    pages: shared,
    log: opened,
    reads: () => reads,
    /** What pages would be that only know the log. */
    fresh: () => new Pages(opened, { size: readers }, { maxBytes: PAGE_BYTES }),
    say(text: string) {
      count += 1;
      opened.append(new TestMessage({ id: `${count}`, message: text }));
      log.commit();
    },
  };
}

pages('come from what is at hand where that reaches back, and from the log otherwise', () => {
  const { pages: shared, say, reads, fresh } = room();
  for (let index = 0; index < 600; index++) say(`m${index}`);
  shared.after(300);
  shared.after(600);
  shared.newest(0);
  assert.is(reads(), 0);
  assert.equal(shared.after(300), fresh().after(300));
  assert.equal(shared.after(10), fresh().after(10));
  assert.is(reads(), 1);
});

pages('keep less at hand when readers have left', () => {
  const { pages: shared, present, say, reads } = room();
  for (let index = 0; index < 600; index++) say(`m${index}`);
  present.size = 1;
  shared.forget();
  shared.newest(0);
  assert.is(reads(), 1);
  present.size = 0;
  shared.forget();
  shared.after(599);
  assert.is(reads(), 2);
});

pages('are made once for all who ask for the same, until something is stored', () => {
  const { pages: shared, say } = room();
  for (let index = 0; index < 60; index++) say(`m${index}`);
  const page = shared.after(20);
  assert.is(shared.after(20), page);
  assert.is.not(shared.after(21), page);
  assert.is(shared.newest(0), shared.newest(0));
  assert.is.not(shared.newest(0), shared.newest(null));
  say('one more');
  assert.is.not(shared.after(20), page);
  const again = shared.after(20);
  shared.forget();
  assert.is.not(shared.after(20), again);
});

pages('of a room in which few are keep little at hand', () => {
  const { pages: shared, say, reads } = room({ readers: 1 });
  for (let index = 0; index < 60; index++) say('x'.repeat(1000));
  shared.after(58);
  assert.is(reads(), 0);
  shared.after(40);
  assert.is(reads(), 1);
});

pages('are what the log alone would give, whatever is said and kept', () => {
  const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constant('林'.repeat(3000)), fc.constant('x'.repeat(4000)));
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 120 }),
      fc.integer({ min: 0, max: 200 }),
      fc.nat(),
      (texts, history, at) => {
        const { pages: shared, log, say, fresh } = room({ readers: 3 + (at % 40), history: history + 1 });
        for (const [index, said] of texts.entries()) {
          say(said);
          const cursor = at % (index + 2);
          assert.equal(shared.after(cursor), fresh().after(cursor));
          assert.equal(shared.newest(0), fresh().newest(0));
        }
        assert.equal(shared.after(log.head), fresh().after(log.head));
      },
    ),
    { numRuns: 60 },
  );
});

pages.run();
