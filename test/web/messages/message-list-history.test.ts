/** Older messages: requested near the top, placed before the others, and requested again after a failure. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DomContext, useDom } from '../../support/dom.ts';
import { ListRig, message, messages, NOON } from '../../support/list.ts';

const history = suite<DomContext>('older messages');
useDom(history);

/** A list that shows the messages 101 to 150, scrolled up until the next message asks for older ones. */
function scrolledUp({ dom }: DomContext): ListRig {
  const rig = new ListRig(dom);
  rig.page(...messages(101, 150));
  rig.layout.scrollTo(200);
  return rig;
}

history('are requested once near the top, from before the oldest row', context => {
  const rig = new ListRig(context.dom);
  rig.page(...messages(101, 150));
  rig.layout.scrollTo(300);
  assert.equal(rig.asked, []);
  rig.layout.scrollTo(299);
  rig.layout.scrollTo(100);
  rig.layout.scrollTo(0);
  assert.equal(rig.asked, [101]);
});

history('are placed before the others, in order, without moving the rows in view', async context => {
  const rig = scrolledUp(context);
  const { topRow } = rig.layout;
  await rig.answer(messages(51, 100));
  assert.equal(
    rig.texts,
    messages(51, 150).map(({ message }) => message),
  );
  assert.is(rig.layout.topRow, topRow);
  assert.is(topRow?.dataset.seq, '111');
});

history('join the group and the day of the row after them', async context => {
  const rig = new ListRig(context.dom);
  rig.page(...messages(101, 150));
  rig.layout.scrollTo(0);
  assert.is(rig.rows[0], '[Today] Bob: 101');
  await rig.answer([message(99, { at: NOON - 86_400_000 }), message(100)]);
  assert.equal(rig.rows.slice(0, 4), ['[Yesterday] Bob: 99', '[Today] Bob: 100', '101', '102']);
});

history('are requested again while the reader stays at the top, where no more scroll events come', async context => {
  const rig = new ListRig(context.dom);
  rig.page(...messages(101, 150));
  rig.layout.scrollTo(0);
  await rig.answer(messages(99, 100));
  assert.equal(rig.asked, [101, 99]);
  await rig.answer(messages(49, 98));
  assert.equal(rig.asked, [101, 99], 'the reader is far enough from the top now');
  rig.layout.scrollTo(0);
  assert.equal(rig.asked, [101, 99, 49]);
});

history('are not requested again after an empty answer', async context => {
  const rig = scrolledUp(context);
  await rig.answer([]);
  rig.layout.scrollTo(0);
  rig.layout.scrollTo(500);
  rig.layout.scrollTo(0);
  assert.equal(rig.asked, [101]);
  assert.is(rig.texts.length, 50);
});

history('are requested again at the next scroll after a failure', async context => {
  const rig = scrolledUp(context);
  await rig.answer(undefined);
  assert.equal(rig.asked, [101], 'not by itself, over and over');
  rig.layout.scrollTo(100);
  assert.equal(rig.asked, [101, 101]);
  await rig.answer(messages(51, 100));
  assert.is(rig.texts.length, 100);
});

history('are not shown when the log has been replaced meanwhile', async context => {
  const rig = scrolledUp(context);
  rig.list.reset();
  await rig.answer(messages(51, 100));
  assert.is(rig.texts.length, 50);
});

history('are not shown, and no more are requested, once the list is disposed of', async context => {
  const rig = scrolledUp(context);
  rig.list.dispose();
  rig.list.element.remove();
  await rig.answer(messages(99, 100));
  assert.is(rig.texts.length, 50);
  assert.equal(rig.asked, [101]);
});

history('can be loaded again after rows at the top were removed', async context => {
  const rig = scrolledUp(context);
  await rig.answer([]);
  rig.list.toEnd();
  rig.live(...messages(151, 601));
  assert.is(rig.texts[0], '202');
  rig.layout.scrollTo(0);
  assert.equal(rig.asked, [101, 202]);
});

history('are not requested by a list that is empty or follows its end', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.layout.scrollTo(0);
  rig.page(message(1));
  rig.layout.scrollTo(0);
  assert.equal(rig.asked, []);
});

history.run();
