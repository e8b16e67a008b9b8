/** The list while someone reads back in a busy room. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Edited } from '../../../../src/protocol/entries.ts';
import { relabel } from '../../../../src/web/browser/dom.ts';
import { type Dom, type DomContext, useDom } from '../../../support/dom.ts';
import { ListRig, message, messages, NOON, outgoing } from '../../../support/list.ts';
import { en } from '../../../support/words.ts';

const readingBack = suite<DomContext>('reading back');
useDom(readingBack);

/** Of a list as short as happy-dom is slow. */
const LIMITS = { rows: 250, above: 50, below: 100, cut: 225, aside: 50 };

/** A reader at message 21 of a room in which `last` messages have come since the window was opened. */
function readBack(dom: Dom, last: number): ListRig {
  const rig = new ListRig(dom, () => NOON, LIMITS);
  rig.page(...messages(1, 100));
  rig.layout.scrollTo(400);
  for (let seq = 101; seq <= last; seq += 100) rig.live(...messages(seq, Math.min(seq + 99, last)));
  return rig;
}

/** The messages in the list, without those that are kept aside. */
const numbers = (rig: ListRig) => rig.texts.map(Number);

/** Whether what is shown has each message from the first to the last once, in order. */
const assertWhole = (rig: ListRig) => {
  const shown = numbers(rig);
  const first = shown[0] ?? 0;
  assert.equal(
    shown,
    shown.map((_, index) => first + index),
  );
};

/** Every row that there is, the hidden ones too. */
const countRows = (rig: ListRig) => rig.scroller.querySelectorAll('li').length;

const edited = (of: number, seq: number): Edited => ({
  type: 'edited',
  seq,
  id: 'e',
  of,
  from: 'b',
  user: 'Bob',
  message: '0',
  at: 1,
  edited: 2,
});

/** Answers requests for messages of a log from 1 to `last`, as the relay does, until none is left. */
async function answerAll(rig: ListRig, last: number, first = 1): Promise<void> {
  for (let answered = rig.asked.length - rig.waiting; answered < rig.asked.length; answered++) {
    const before = Math.min(rig.asked[answered] ?? 0, last + 1);
    await rig.answer(messages(Math.max(first, before - 50), before - 1));
  }
}

/** Scrolls on until nothing more comes. Fails if anything is missing on the way. */
async function readOn(rig: ListRig, last: number): Promise<void> {
  for (let page = 0; page < 200 && numbers(rig).at(-1) !== last; page++) {
    rig.layout.scrollTo(100_000);
    await answerAll(rig, last);
    assertWhole(rig);
    assert.ok(countRows(rig) <= LIMITS.rows);
  }
}

readingBack('keeps what is read in its place, has at most 1,000 rows, and counts all that is new', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 100));
  rig.layout.scrollTo(400);
  const { topRow } = rig.layout;
  for (let seq = 101; seq <= 5100; seq += 500) {
    rig.live(...messages(seq, seq + 499));
    assert.ok(countRows(rig) <= 1000, `${countRows(rig)} rows`);
    assert.is(rig.layout.topRow, topRow);
    assert.is(rig.pill.textContent, en.unread(seq + 399));
  }
  assertWhole(rig);
});

readingBack('shows the newest messages when the pill is pressed, and follows them', ({ dom }) => {
  const rig = readBack(dom, 600);
  rig.pill.click();
  assert.ok(rig.layout.isAtEnd);
  assert.ok(rig.pill.hidden);
  assert.is(numbers(rig).at(-1), 600);
  assertWhole(rig);
  rig.live(message(601));
  assert.is(numbers(rig).at(-1), 601);
  assert.ok(rig.layout.isAtEnd);
  assert.ok(countRows(rig) <= 500);
});

readingBack('loads what was taken out at the top again', async ({ dom }) => {
  const rig = readBack(dom, 600);
  await readOn(rig, 600);
  const [first = 0] = numbers(rig);
  assert.ok(first > 1, `the first is ${first}`);
  rig.asked.length = 0;
  while ((numbers(rig)[0] ?? 0) > 1) {
    rig.layout.scrollTo(0);
    await answerAll(rig, 600);
    assertWhole(rig);
    assert.ok(countRows(rig) <= LIMITS.rows);
  }
});

readingBack('leads through everything that was dropped, each message once and in order', async ({ dom }) => {
  const rig = readBack(dom, 600);
  assert.not.ok(rig.pill.hidden);
  await readOn(rig, 600);
  rig.layout.scrollTo(100_000);
  assert.ok(rig.layout.isAtEnd);
  assert.ok(rig.pill.hidden);
  rig.live(message(601));
  assert.ok(rig.layout.isAtEnd);
  assert.is(numbers(rig).at(-1), 601);
});

readingBack('asks for nothing if the rows aside are all that follow', ({ dom }) => {
  const rig = readBack(dom, 200);
  rig.layout.scrollTo(100 * 20);
  rig.live(...messages(201, 290));
  assert.ok((numbers(rig).at(-1) ?? 0) < 290);
  rig.layout.scrollTo(100_000);
  assert.equal(rig.asked, []);
  assert.is(numbers(rig).at(-1), 290);
  assertWhole(rig);
});

readingBack('takes the rows below into no wrong place if the reader goes up again', async ({ dom }) => {
  const rig = readBack(dom, 600);
  for (let page = 0; page < 12; page++) {
    rig.layout.scrollTo(100_000);
    await answerAll(rig, 600);
  }
  for (let page = 0; page < 12; page++) {
    rig.layout.scrollTo(0);
    await answerAll(rig, 600);
    assertWhole(rig);
  }
  await readOn(rig, 600);
});

readingBack('asks again after a failure, but not at once', async ({ dom }) => {
  const rig = readBack(dom, 600);
  const known = numbers(rig).at(-1) ?? 0;
  rig.layout.scrollTo(100_000);
  assert.equal(rig.asked, [known + 51]);
  await rig.answer(undefined);
  rig.live(message(601));
  assert.equal(rig.asked, [known + 51]);
  dom.clock.wind(1000);
  rig.live(message(602));
  assert.equal(rig.asked, [known + 51, known + 51]);
  await rig.answer(messages(known + 1, known + 50));
  assert.is(numbers(rig).at(-1), known + 50);
  assertWhole(rig);
});

readingBack(
  'passes entries that are no messages, and what the relay has removed, with few requests',
  async ({ dom }) => {
    const rig = readBack(dom, 1000);
    const known = numbers(rig).at(-1) ?? 0;
    rig.layout.scrollTo(100_000);
    await answerAll(rig, 1000, 601);
    const shown = numbers(rig);
    const found = shown.slice(shown.indexOf(known) + 1);
    assert.ok(found.length > 0);
    assert.equal(
      found,
      found.map((_, index) => 601 + index),
    );
    assert.ok(rig.asked.length < 20, `${rig.asked.length} requests`);
  },
);

readingBack('applies edits and erasures to rows aside', ({ dom }) => {
  const rig = readBack(dom, 600);
  rig.list.change({ changed: edited(600, 601) });
  rig.list.change({ erased: [599] });
  dom.frame();
  assert.is(rig.pill.textContent, en.unread(499));
  rig.pill.click();
  assert.equal(rig.texts.slice(-2), ['598', '0 (edited)']);
});

readingBack('goes on to the end if all rows aside are erased', async ({ dom }) => {
  const rig = readBack(dom, 600);
  const aside = [...rig.scroller.querySelectorAll('[hidden] > li')].map(row => Number(row.getAttribute('data-seq')));
  rig.list.change({ erased: aside });
  dom.frame();
  const last = (aside[0] ?? 0) - 1;
  rig.pill.click();
  assertWhole(rig);
  await answerAll(rig, last);
  await readOn(rig, last);
  assert.is(numbers(rig).at(-1), last);
});

readingBack('keeps an outgoing message in sight of the end, and puts it aside once it is stored', ({ dom }) => {
  const rig = readBack(dom, 600);
  rig.list.show(outgoing('mine'), 'me');
  assert.is(rig.texts.at(-1), 'mine');
  rig.list.change({ sent: 'mine' });
  rig.live(message(601, rig.me));
  assert.not.ok(rig.texts.includes('mine'));
  rig.pill.click();
  assert.is(rig.rows.at(-1), '> Ann: 601');
});

readingBack('has the end in sight when the user says something', ({ dom }) => {
  const rig = readBack(dom, 600);
  rig.list.show(outgoing('mine'), 'me');
  rig.list.toEnd();
  assert.equal(rig.texts.slice(-2), ['600', 'mine']);
  assert.ok(rig.layout.isAtEnd);
});

readingBack('marks rows aside as own, and says them in another language', ({ dom }) => {
  const rig = readBack(dom, 600);
  rig.me = { from: 'b', user: 'Bob' };
  rig.list.identify();
  relabel(rig.list.element);
  rig.pill.click();
  assert.ok(rig.rows.every(row => row.startsWith('> ') || row.startsWith('[')));
});

readingBack('says where messages are missing if the room gets another log', async ({ dom }) => {
  const rig = readBack(dom, 600);
  const { topRow } = rig.layout;
  const known = numbers(rig).at(-1);
  rig.list.reset();
  assert.is(rig.layout.topRow, topRow);
  rig.live(message(1), message(2));
  assert.is(rig.layout.topRow, topRow);
  rig.layout.scrollTo(100_000);
  const at = rig.rows.indexOf(`-- ${en.missedSome}`);
  assert.match(rig.rows[at - 1] ?? '', new RegExp(`${known}$`));
  assert.equal(rig.rows.slice(-3), ['600', '1', '2']);
  assert.ok(rig.rows.filter(row => row.startsWith('-- ')).length <= 2);
});

readingBack('leads into the new log over what was dropped of both', async ({ dom }) => {
  const rig = readBack(dom, 600);
  rig.list.reset();
  for (let seq = 1; seq <= 600; seq += 100) rig.live(...messages(seq, seq + 99));
  assert.ok(countRows(rig) <= LIMITS.rows);
  const known = numbers(rig).at(-1) ?? 0;
  for (let page = 0; page < 40; page++) {
    rig.layout.scrollTo(100_000);
    await answerAll(rig, 600);
  }
  const shown = rig.texts;
  assert.is(shown.at(-1), '600');
  assert.not.ok(shown.includes(`${known}`));
  assertWhole(rig);
});

readingBack('does not take out what is selected or has the focus', async ({ dom }) => {
  const rig = readBack(dom, 150);
  const row = (seq: number) => rig.one(`[data-seq="${seq}"]`);
  rig.layout.scrollTo(200);
  document.getSelection()?.setBaseAndExtent(row(10), 0, row(12), 1);
  row(14).tabIndex = 0;
  row(14).focus();
  rig.layout.scrollTo(110 * 20);
  for (let seq = 151; seq <= 600; seq += 90) rig.live(...messages(seq, seq + 89));
  assert.ok(countRows(rig) <= LIMITS.rows);
  assert.is(document.activeElement, row(14));
  assert.is(`${document.getSelection()?.anchorNode?.isConnected}`, 'true');
  assertWhole(rig);
});

readingBack('does not move live rows in which something is selected or has the focus', ({ dom }) => {
  const rig = new ListRig(dom, () => NOON, LIMITS);
  rig.page(...messages(1, 100));
  rig.live(message(101));
  const row = rig.one('[data-seq="101"]');
  row.tabIndex = 0;
  row.focus();
  rig.live(...messages(102, 120));
  assert.is(document.activeElement, row);
  rig.live(message(121));
  assertWhole(rig);
});

readingBack('stays where a script has scrolled to in the frame in which messages come', ({ dom }) => {
  const rig = readBack(dom, 150);
  rig.scroller.scrollTop = 800;
  rig.live(message(151));
  assert.is(rig.scroller.scrollTop, 800);
});

readingBack('goes to the newest message when End is pressed', ({ dom }) => {
  const rig = readBack(dom, 600);
  dom.press(rig.scroller, 'End');
  assert.is(numbers(rig).at(-1), 600);
  assert.ok(rig.layout.isAtEnd);
});

readingBack('puts the divider of the unread messages back where they begin', async ({ dom }) => {
  const rig = new ListRig(dom, () => NOON, LIMITS);
  rig.page(...messages(1, 200));
  rig.layout.scrollTo(0);
  for (let seq = 201; seq <= 700; seq += 100) rig.live(...messages(seq, seq + 99));
  const line = () => rig.rows.indexOf(`-- ${en.unread(500)}`);
  assert.is(line(), -1);
  for (let page = 0; page < 40 && line() < 0; page++) {
    rig.layout.scrollTo(100_000);
    await answerAll(rig, 700);
  }
  assert.match(rig.rows[line() + 1] ?? '', /201$/);
});

readingBack.run();
