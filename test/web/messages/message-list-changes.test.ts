/** What becomes of a message in the list when it is edited or erased. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Edited } from '../../../src/protocol/entries.ts';
import { type DomContext, useDom } from '../../support/dom.ts';
import { eventually } from '../../support/fake-relay.ts';
import { ListRig, message, messages, NOON } from '../../support/list.ts';
import { en } from '../../support/words.ts';

const list = suite<DomContext>('message list: changes');
useDom(list);

/** The edit with this seq of a message. */
function edit(seq: number, of: number, text: string): Edited {
  return { type: 'edited', seq, id: `id-${seq}`, of, from: 'b', user: 'Bob', message: text, at: NOON, edited: NOON };
}

const BETTER = 'better https://a.example/x';

list('shows the new text of an edited message in its row, and that it was edited', async ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 3));
  const row = rig.one('[data-seq="2"]');
  rig.list.change({ changed: edit(9, 2, BETTER) });
  assert.equal(rig.texts, ['1', '2', '3'], 'not before the next frame');
  dom.frame();
  assert.equal(rig.rows, ['[Today] Bob: 1', `${BETTER} ${en.edited}`, '3']);
  assert.is(rig.one('[data-seq="2"]'), row, 'the row itself stays');
  await eventually(() => row.querySelector('a') !== null, 'the link');
  assert.equal(rig.rows, ['[Today] Bob: 1', `${BETTER} ${en.edited}`, '3']);
  assert.is(row.querySelector('a')?.getAttribute('href'), 'https://a.example/x');
});

list('marks a message as edited that was so from the first', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1), message(2, { message: BETTER, edited: NOON, rev: 9 }));
  assert.equal(rig.texts, ['1', `${BETTER} ${en.edited}`]);
});

list('shows the newest text when a message comes and is changed between two frames', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.list.change({ message: message(1), replayed: false, counts: true });
  rig.list.change({ changed: edit(9, 1, 'better') });
  rig.list.change({ changed: edit(10, 1, 'best') });
  dom.frame();
  assert.equal(rig.texts, [`best ${en.edited}`]);
});

list('ignores an edit that is not newer than the text that is shown', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1, { message: 'newest', edited: NOON, rev: 9 }), message(2));
  const before = rig.one('[data-seq="1"] .text');
  rig.list.change({ changed: edit(7, 1, 'older') });
  rig.list.change({ changed: edit(9, 1, 'newest') });
  rig.list.change({ changed: edit(12, 2, 'edit 12') });
  rig.list.change({ changed: edit(11, 2, 'edit 11') });
  dom.frame();
  assert.equal(rig.texts, [`newest ${en.edited}`, `edit 12 ${en.edited}`]);
  assert.is(rig.one('[data-seq="1"] .text'), before);
});

list('removes an erased message, and gives its name and its day to the next', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 3));
  rig.live(message(4, { from: 'c', user: 'Cat' }), message(5));
  rig.list.change({ erased: [1, 4] });
  assert.is(rig.texts.length, 5);
  dom.frame();
  assert.equal(rig.rows, ['[Today] Bob: 2', '3', '5']);
});

list('removes all of a list at once, even what came between the same two frames', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 3));
  rig.list.change({ message: message(4), replayed: false, counts: true });
  rig.list.change({ erased: [1, 2, 4, 700] });
  dom.frame();
  assert.equal(rig.rows, ['[Today] Bob: 3']);
});

list('does nothing about a message that is not in it', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(2));
  rig.list.change({ changed: edit(9, 1, BETTER) });
  rig.list.change({ erased: [1, 3] });
  dom.frame();
  assert.equal(rig.rows, ['[Today] Bob: 2']);
});

list('leaves the messages of a log alone that was replaced', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1), message(2));
  rig.list.reset();
  rig.list.change({ erased: [1] });
  rig.list.change({ changed: edit(9, 2, BETTER) });
  dom.frame();
  assert.equal(rig.texts, ['1', '2']);
});

list('keeps the reader’s place when a message further up is erased', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 100));
  rig.layout.scrollTo(1000);
  const before = rig.scroller.scrollTop;
  rig.list.change({ erased: [1, 2] });
  dom.frame();
  assert.ok(rig.scroller.scrollTop < before, 'it scrolls up by what is gone');
});

list('counts an erased message no longer as unread', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 100));
  rig.layout.scrollTo(1000);
  rig.live(message(101), message(102));
  assert.is(rig.pill.textContent, en.unread(2));
  rig.list.change({ erased: [1, 101] });
  dom.frame();
  assert.is(rig.pill.textContent, en.unread(1));
  assert.is(rig.one('li.unread').textContent, en.unread(1));
  rig.list.change({ message: message(103), replayed: false, counts: true });
  rig.list.change({ erased: [102, 103] });
  dom.frame();
  assert.ok(rig.pill.hidden);
  assert.is(rig.scroller.querySelector('li.unread'), null);
});

list('does not announce a day again when a message is erased', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.live(...messages(1, 3));
  const day = rig.one('[data-seq="1"] .divider');
  rig.list.change({ erased: [2] });
  dom.frame();
  assert.is(rig.one('[data-seq="1"] .divider'), day);
  assert.equal(rig.rows, ['[Today] Bob: 1', '3']);
});

list('gives name and day of erased rows to the next that stays, in whichever part of the list it is', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 2));
  rig.live(...messages(3, 4));
  rig.list.change({ erased: [1, 2] });
  dom.frame();
  assert.equal(rig.rows, ['[Today] Bob: 3', '4']);
});

list.run();
