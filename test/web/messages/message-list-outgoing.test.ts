/** Messages that are not known to be stored: their states, what one can do about them, and their place. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import en from '../../../src/web/i18n/en.ts';
import { type DomContext, useDom } from '../../support/dom.ts';
import { ListRig, message, NOON, outgoing } from '../../support/list.ts';

const unsent = suite<DomContext>('outgoing messages');
useDom(unsent);

const row = (rig: ListRig, id: string) => rig.one(`li[data-id="${id}"]`);
const note = (rig: ListRig, id: string) => row(rig, id).querySelector('.note')?.firstChild?.textContent;
const buttons = (rig: ListRig, id: string) => [...row(rig, id).querySelectorAll('button')];

unsent('are shown at once, below what is stored, as one’s own', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.list.show(outgoing('a'), 'me');
  rig.page(message(1));
  rig.live(message(2));
  assert.equal(rig.rows, ['[Today] Bob: 1', '2', '> Ann: a']);
  assert.is(row(rig, 'a').dataset.state, 'pending');
  assert.is(note(rig, 'a'), en.pending);
  assert.equal(buttons(rig, 'a'), [], 'there is nothing to do but wait');
});

unsent('say why they failed, and can be sent again or deleted', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.list.show(outgoing('a'), 'me');
  rig.list.show(outgoing('b'), 'me');
  rig.list.show(outgoing('a', { state: 'failed', code: 'too-long' }), 'me');
  assert.equal(rig.texts, ['a', 'b'], 'each in its place');
  assert.is(row(rig, 'a').dataset.state, 'failed');
  assert.is(note(rig, 'a'), en.failed(en['too-long']));
  const [retry, discard] = buttons(rig, 'a');
  assert.equal([retry?.textContent, discard?.textContent], [en.retry, en.discard]);
  retry?.click();
  discard?.click();
  assert.equal([rig.resent, rig.discarded], [['a'], ['a']]);
});

unsent('say so when nobody can tell whether they were stored', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.list.show(outgoing('a', { state: 'unknown' }), 'me');
  assert.is(note(rig, 'a'), en.unknown);
  assert.is(buttons(rig, 'a').length, 2);
});

unsent('are pending again when they are sent again', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.list.show(outgoing('a', { state: 'failed' }), 'me');
  rig.list.show(outgoing('a'), 'me');
  assert.is(note(rig, 'a'), en.pending);
  assert.is(rig.texts.length, 1);
});

unsent('leave in the frame in which the stored message comes', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.list.show(outgoing('a'), 'me');
  rig.list.show(outgoing('b'), 'me');
  rig.list.sent('a');
  rig.list.add(message(1, { ...rig.me, message: 'a' }), false, true);
  assert.equal(rig.texts, ['a', 'b'], 'never out of sight');
  assert.ok(row(rig, 'a'));
  dom.frame();
  assert.equal(rig.rows, ['[Today] > Ann: a', '> b']);
  assert.is(rig.scroller.querySelectorAll('[data-id]').length, 1);
});

unsent('leave when they are discarded, and those after them begin the group', ({ dom }) => {
  const rig = new ListRig(dom);
  for (const id of ['a', 'b', 'c']) rig.list.show(outgoing(id), 'me');
  assert.equal(rig.rows, ['[Today] > Ann: a', '> b', '> c']);
  rig.list.discard('a');
  rig.list.discard('unknown');
  assert.equal(rig.rows, ['[Today] > Ann: b', '> c']);
});

unsent('join the group of what is stored before them, and leave it when another writes', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1, rig.me));
  rig.list.show(outgoing('a'), 'me');
  assert.equal(rig.rows, ['[Today] > Ann: 1', '> a']);
  rig.live(message(2));
  assert.equal(rig.rows, ['[Today] > Ann: 1', 'Bob: 2', '> Ann: a']);
});

unsent('stand under the day on which they were written', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1, { at: NOON - 86_400_000 }));
  rig.list.show(outgoing('a'), 'me');
  assert.equal(rig.rows, ['[Yesterday] Bob: 1', '[Today] > Ann: a']);
});

unsent('survive a change of the log, for they are in none', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1));
  rig.list.show(outgoing('a'), 'me');
  rig.list.reset();
  assert.equal(rig.texts, ['1', 'a']);
  rig.list.discard('a');
  assert.equal(rig.texts, ['1']);
});

unsent.run();
