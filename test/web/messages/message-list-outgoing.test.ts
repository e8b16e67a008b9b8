/** Outgoing messages: their states, their buttons and their place in the list. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DomContext, useDom } from '../../support/dom.ts';
import { ListRig, message, NOON, outgoing } from '../../support/list.ts';
import { en } from '../../support/words.ts';

const unsent = suite<DomContext>('outgoing messages');
useDom(unsent);

const row = (rig: ListRig, id: string) => rig.one(`li[data-id="${id}"]`);
const note = (rig: ListRig, id: string) => row(rig, id).querySelector('.note')?.firstChild?.textContent;
const buttons = (rig: ListRig, id: string) => [...row(rig, id).querySelectorAll('button')];

unsent('are shown at once, below stored messages, as the user’s own', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.list.show(outgoing('a'), 'me');
  rig.page(message(1));
  rig.live(message(2));
  assert.equal(rig.rows, ['[Today] Bob: 1', '2', '> Ann: a']);
  assert.is(row(rig, 'a').dataset.state, 'pending');
  assert.is(note(rig, 'a'), en.pending);
  assert.equal(buttons(rig, 'a'), [], 'there is nothing to do but wait');
});

unsent('say that they wait while there is no connection', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.connected = false;
  rig.list.show(outgoing('a'), 'me');
  rig.list.show(outgoing('b', { state: 'failed', code: 'too-long' }), 'me');
  assert.is(note(rig, 'a'), en.queued);
  assert.is(note(rig, 'b'), en.failed(en['too-long']));
});

unsent('show why they failed, and can be sent again or deleted', ({ dom }) => {
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

unsent('say so when it is unknown whether they were stored', ({ dom }) => {
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

unsent('are removed in the same frame in which the stored message is added', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.list.show(outgoing('a'), 'me');
  rig.list.show(outgoing('b'), 'me');
  rig.list.change({ sent: 'a' });
  rig.list.change({ message: message(1, { ...rig.me, message: 'a' }), replayed: false, counts: true });
  assert.equal(rig.texts, ['a', 'b'], 'never out of sight');
  assert.ok(row(rig, 'a'));
  dom.frame();
  assert.equal(rig.rows, ['[Today] > Ann: a', '> b']);
  assert.is(rig.scroller.querySelectorAll('[data-id]').length, 1);
});

unsent('are removed when discarded, and the next one begins the group', ({ dom }) => {
  const rig = new ListRig(dom);
  for (const id of ['a', 'b', 'c']) rig.list.show(outgoing(id), 'me');
  assert.equal(rig.rows, ['[Today] > Ann: a', '> b', '> c']);
  rig.list.discard('a');
  rig.list.discard('unknown');
  assert.equal(rig.rows, ['[Today] > Ann: b', '> c']);
});

unsent('join the group of the stored message before them, and leave it when someone else writes', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1, rig.me));
  rig.list.show(outgoing('a'), 'me');
  assert.equal(rig.rows, ['[Today] > Ann: 1', '> a']);
  rig.live(message(2));
  assert.equal(rig.rows, ['[Today] > Ann: 1', 'Bob: 2', '> Ann: a']);
});

unsent('are under the day on which they were written', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1, { at: NOON - 86_400_000 }));
  rig.list.show(outgoing('a'), 'me');
  assert.equal(rig.rows, ['[Yesterday] Bob: 1', '[Today] > Ann: a']);
});

unsent('stay when the log is replaced, because they are in none', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1));
  rig.list.show(outgoing('a'), 'me');
  rig.list.reset();
  assert.equal(rig.texts, ['1', 'a']);
  rig.list.discard('a');
  assert.equal(rig.texts, ['1']);
});

unsent.run();
