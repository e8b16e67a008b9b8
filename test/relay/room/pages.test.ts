/** Pages are the same from memory and from the log, and are made once for all readers that ask at once. */
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Log, RoomLog } from '../../../src/relay/log/log.ts';
import type { Soon } from '../../../src/relay/log/soon.ts';
import { type Page, Pages } from '../../../src/relay/room/pages.ts';
import { TestEdit, TestErasure, TestMessage } from '../../support/entries.ts';
import { Answer, LateLog } from '../../support/late-log.ts';
import { memoryLog, Rig } from '../../support/rig.ts';
import { twice } from '../../support/twice.ts';

const PAGE_BYTES = 20_000;

const pages = twice('pages');

/** Pages of a log that is made to answer at once. */
class Settled {
  readonly #pages: Pages;
  readonly #answer: () => void;

  constructor(pages: Pages, answer: () => void) {
    this.#pages = pages;
    this.#answer = answer;
  }

  after(cursor: number): Page {
    return this.#settle(this.#pages.after(cursor));
  }

  newest(missed: 0 | null): Page {
    return this.#settle(this.#pages.newest(missed));
  }

  forget(): void {
    this.#pages.forget();
  }

  #settle(page: Soon<Page>): Page {
    this.#answer();
    const settled = page instanceof Answer ? page.value : page;
    if (settled === undefined || settled instanceof Promise) throw new Error('the log did not answer');
    return settled;
  }
}

/** A room's log that counts its reads, and the pages that it updates. */
function room({ readers = 1000, history = 10_000 } = {}) {
  const embedded = memoryLog(history);
  const late = Rig.late ? new LateLog(embedded) : undefined;
  const log: Log = late ?? embedded;
  const answer = () => late?.answer();
  let reads = 0;
  let count = 0;
  const opened = log.open('a', {
    stored: entries => {
      for (const { seq, origin } of entries) origin?.onStored(seq);
      shared.note(entries);
    },
    rewritten: entries => shared.rewrite(entries),
  });
  const watched: RoomLog = {
    get epoch() {
      return opened.epoch;
    },
    get head() {
      return opened.head;
    },
    get seqFloor() {
      return opened.seqFloor;
    },
    get oldest() {
      return opened.oldest;
    },
    isEpoch: epoch => opened.isEpoch(epoch),
    append: entry => opened.append(entry),
    keysBefore: (...args) => opened.keysBefore(...args),
    after: (...args) => {
      reads += 1;
      return opened.after(...args);
    },
    messagesBefore: (...args) => {
      reads += 1;
      return opened.messagesBefore(...args);
    },
    missed: (since, next) => opened.missed(since, next),
  };
  const present = { size: readers };
  const shared = new Pages(watched, present, { maxBytes: () => PAGE_BYTES });
  return {
    present,
    /** The same pages, which may answer later. */
    asked: shared,
    pages: new Settled(shared, answer),
    log: opened,
    late,
    reads: () => reads,
    /** Pages that know only the log. */
    fresh: () => new Settled(new Pages(opened, { size: readers }, { maxBytes: () => PAGE_BYTES }), answer),
    /** Stores all of these texts in one commit. */
    say(...texts: string[]) {
      for (const text of texts) {
        count += 1;
        opened.append(new TestMessage({ id: `${count}`, message: text }));
      }
      log.commit();
    },
    edit(of: number, text: string) {
      count += 1;
      opened.append(new TestEdit(of, text, { id: `${count}` }));
      log.commit();
    },
    erase(of: number) {
      count += 1;
      opened.append(new TestErasure(of, { id: `${count}` }));
      log.commit();
    },
  };
}

/** The entries of a page, in short. */
function outline({ batch }: Page): string {
  return batch.payloads
    .slice(1)
    .map((payload): { type: string; seq: number; message?: string } => JSON.parse(payload))
    .map(({ type, seq, message }) => `${type} ${seq}${message === undefined ? '' : ` ${message}`}`)
    .join(', ');
}

/** The `page` frame of a page. */
function head({ batch }: Page): unknown {
  return JSON.parse(batch.payloads[0] ?? '');
}

pages('come from memory if that reaches back far enough, and from the log otherwise', () => {
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

pages('keep fewer entries in memory when readers have left', () => {
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

pages('are made once for all readers that ask for the same, until an entry is stored', () => {
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

pages('of a room with few readers keep few entries in memory', () => {
  const { pages: shared, say, reads } = room({ readers: 1 });
  for (let index = 0; index < 60; index++) say('x'.repeat(1000));
  shared.after(58);
  assert.is(reads(), 0);
  shared.after(40);
  assert.is(reads(), 1);
});

pages('of a room that stores many entries at once keep few of them, until it is quieter', () => {
  const { pages: shared, say, reads } = room();
  for (let index = 0; index < 30; index++) say(...Array.from({ length: 20 }, () => 'busy'));
  shared.after(350);
  shared.newest(0);
  assert.is(reads(), 0);
  shared.after(340);
  assert.is(reads(), 1);
  for (let index = 0; index < 200; index++) say('quiet');
  shared.after(350);
  assert.is(reads(), 1);
});

pages('are the same as from the log alone, whatever is sent and kept', () => {
  const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constant('林'.repeat(3000)), fc.constant('x'.repeat(4000)));
  const commit = fc.oneof(
    text.map(one => [one]),
    fc.array(fc.constant('one of many'), { minLength: 1, maxLength: 40 }),
  );
  fc.assert(
    fc.property(
      fc.array(commit, { maxLength: 120 }),
      fc.integer({ min: 0, max: 200 }),
      fc.nat(),
      (commits, history, at) => {
        const { pages: shared, log, say, fresh } = room({ readers: 3 + (at % 40), history: history + 1 });
        for (const [index, said] of commits.entries()) {
          say(...said);
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

pages('after a seq hold entries of every type, and the newest page only messages', () => {
  const { pages: shared, say, edit, erase, fresh } = room();
  for (let index = 1; index <= 4; index++) say(`m${index}`);
  edit(2, 'new');
  erase(3);
  const whole = 'normal 1 m1, normal 2 new, gone 3, normal 4 m4, edited 5 new, erased 6';
  for (const pages of [shared, fresh()]) {
    assert.is(outline(pages.after(0)), whole);
    assert.equal(head(pages.after(0)), { type: 'page', replay: 6, head: 6, missed: 0, more: false });
    assert.is(outline(pages.newest(0)), 'normal 1 m1, normal 2 new, normal 4 m4');
    const newest = pages.newest(0);
    assert.equal(head(newest), { type: 'page', replay: 3, head: 6, missed: 0, more: false });
    assert.is(newest.cursor, 6, 'whatever the type of the last entry');
  }
  edit(2, 'newer');
  assert.is(outline(shared.after(1)), 'normal 2 newer, gone 3, normal 4 m4, gone 5, erased 6, edited 7 newer');
});

pages('look for the newest 50 messages in at most the last 1,000 entries', () => {
  const { pages: shared, say, edit, erase, fresh, present } = room();
  for (let index = 1; index <= 60; index++) say(`m${index}`);
  for (let index = 1; index <= 95; index++) {
    const of = 61 + (index - 1) * 10;
    say('changed');
    for (let round = 1; round <= 8; round++) edit(of, `${round}`);
    erase(of);
  }
  // 1,010 entries; the first 50 messages are at 11 to 60.
  const expected = Array.from({ length: 50 }, (_, index) => `normal ${index + 11} m${index + 11}`).join(', ');
  assert.is(outline(fresh().newest(0)), expected);
  for (let index = 0; index < 10; index++) edit(60, `${index}`);
  assert.is(outline(fresh().newest(0)).split(', ').length, 40, 'messages 21 to 60');
  for (const size of [1000, 0]) {
    present.size = size;
    shared.forget();
    assert.is(outline(shared.newest(0)), outline(fresh().newest(0)));
  }
});

pages('are stale if an entry was rewritten while they were under way', () => {
  const { asked, late, pages: shared, say, erase, present } = room();
  say('secret');
  say('other');
  present.size = 0;
  shared.forget();
  const page = asked.after(0);
  erase(1);
  late?.answer();
  const settled = page instanceof Answer ? page.value : page;
  if (settled === undefined || settled instanceof Promise) return assert.unreachable();
  assert.ok(asked.isStale(settled), 'it must not be sent');
  assert.not(asked.isStale(shared.after(0)));
  assert.not.match(outline(shared.after(0)), /secret/);
});

pages('share one answer among all readers that ask, and ask again after it has failed', () => {
  const { asked, late, pages: shared, say, reads, present } = room();
  for (let index = 0; index < 10; index++) say(`m${index}`);
  present.size = 0;
  shared.forget();
  const before = reads();
  assert.is(asked.after(2), asked.after(2));
  assert.is(reads(), before + 1);
  if (!late) return;
  late.answer();
  late.broken = true;
  const refused = asked.after(5);
  let reason: unknown;
  if (refused instanceof Promise) refused.catch(error => (reason = error));
  late.answer();
  assert.instance(reason, Error);
  late.broken = false;
  assert.is(outline(shared.after(5)).split(', ').length, 5);
});

pages('that come late still reach the head', () => {
  const { asked, late, pages: shared, present, say } = room();
  say('one');
  present.size = 0;
  shared.forget();
  present.size = 10;
  const page = asked.newest(0);
  say('two');
  late?.answer();
  const settled = page instanceof Answer ? page.value : page;
  if (settled === undefined || settled instanceof Promise) return assert.unreachable();
  // If the log answers at once, the later messages are delivered.
  assert.is(outline(settled), late ? 'normal 1 one, normal 2 two' : 'normal 1 one');
  assert.is(settled.cursor, late ? 2 : 1);
});

pages('hold the same as from the log alone, whatever is edited and erased', () => {
  const change = fc.record({ what: fc.constantFrom('say', 'edit', 'erase'), of: fc.nat() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), fc.integer({ min: 1, max: 60 }), (changes, readers) => {
      const { pages: shared, log, say, edit, erase, fresh } = room({ readers, history: 20 });
      for (const [index, { what, of }] of changes.entries()) {
        const target = log.oldest + (of % Math.max(1, log.head - log.oldest + 1));
        if (what === 'say') say(`m${index}`);
        else if (what === 'edit') edit(target, `e${index}`);
        else erase(target);
        const cursor = of % (log.head + 1);
        assert.equal(shared.after(cursor).batch, fresh().after(cursor).batch);
        assert.is(outline(shared.newest(0)), outline(fresh().newest(0)));
      }
    }),
    { numRuns: 60 },
  );
});

pages.run();
