/** New messages and the scroll position: following the end, staying in place, and unread messages. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DomContext, useDom } from '../../support/dom.ts';
import { ListRig, message, messages, outgoing } from '../../support/list.ts';
import { en } from '../../support/words.ts';

const scrolling = suite<DomContext>('scrolling messages');
useDom(scrolling);

function withMessages({ dom }: DomContext): ListRig {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 100));
  return rig;
}

scrolling('follows the end while the reader is there', context => {
  const rig = withMessages(context);
  assert.ok(rig.layout.isAtEnd);
  rig.live(message(101));
  assert.ok(rig.layout.isAtEnd);
  assert.ok(rig.pill.hidden, 'a message in view is not unread');
  assert.is(rig.scroller.querySelector('.unread'), null);
});

scrolling('stays in place when scrolled up, and counts new messages as unread', context => {
  const rig = withMessages(context);
  rig.layout.scrollTo(1000);
  const { topRow } = rig.layout;
  rig.live(message(101), message(102));
  assert.is(rig.layout.topRow, topRow);
  assert.not.ok(rig.pill.hidden);
  assert.is(rig.pill.textContent, en.unread(2));
  assert.equal(rig.rows.slice(-3), [`-- ${en.unread(2)}`, 'Bob: 101', '102']);
});

scrolling('does not count the user’s own messages, nor those of the first page', context => {
  const rig = withMessages(context);
  rig.layout.scrollTo(1000);
  rig.live(message(101, rig.me));
  rig.page(message(102));
  assert.ok(rig.pill.hidden);
});

scrolling('goes to the end when the pill is pressed; the divider stays', context => {
  const rig = withMessages(context);
  rig.layout.scrollTo(1000);
  rig.live(message(101));
  rig.pill.click();
  assert.ok(rig.layout.isAtEnd);
  assert.ok(rig.pill.hidden);
  assert.equal(rig.rows.slice(-2), [`-- ${en.unread(1)}`, 'Bob: 101']);
  rig.live(message(102));
  assert.ok(rig.layout.isAtEnd);
});

scrolling('marks everything as seen when the reader scrolls to the end', context => {
  const rig = withMessages(context);
  rig.layout.scrollTo(1000);
  rig.live(message(101));
  rig.layout.scrollTo(100_000);
  assert.ok(rig.pill.hidden);
  rig.live(message(102));
  assert.ok(rig.layout.isAtEnd);
});

scrolling('counts messages as unread while the page is hidden', context => {
  const rig = withMessages(context);
  context.dom.hide(true);
  rig.list.change({ message: message(101), replayed: false, counts: true });
  context.dom.clock.wind(1000);
  assert.is(rig.pill.textContent, en.unread(1));
  assert.not.ok(rig.pill.hidden);
  context.dom.hide(false);
  assert.ok(rig.pill.hidden);
  assert.equal(rig.rows.slice(-2), [`-- ${en.unread(1)}`, 'Bob: 101']);
});

scrolling('counts messages as unread while the host page has scrolled the list away or hidden it', context => {
  const rig = withMessages(context);
  context.dom.scrollPage(false);
  rig.live(message(101), message(102));
  assert.is(rig.pill.textContent, en.unread(2));
  assert.equal(rig.rows.slice(-3), [`-- ${en.unread(2)}`, 'Bob: 101', '102']);
  context.dom.scrollPage(true);
  assert.ok(rig.pill.hidden);
  rig.live(message(103));
  assert.ok(rig.pill.hidden);
});

scrolling('removes the divider when the user has answered', context => {
  const rig = withMessages(context);
  rig.layout.scrollTo(1000);
  rig.live(message(101));
  rig.list.forgetUnread();
  assert.is(rig.scroller.querySelector('.unread'), null);
  assert.ok(rig.pill.hidden);
});

scrolling('stays in place when rows above change their height', context => {
  const rig = withMessages(context);
  rig.layout.scrollTo(1000);
  const { topRow } = rig.layout;
  rig.layout.rowHeight = 30;
  context.dom.resize();
  assert.is(rig.layout.topRow, topRow);
});

scrolling('stays at the end when the window changes its height', context => {
  const rig = withMessages(context);
  rig.layout.height = 120;
  context.dom.resize();
  assert.ok(rig.layout.isAtEnd);
});

scrolling('goes to the end when told to, with outgoing messages too', context => {
  const rig = withMessages(context);
  rig.layout.scrollTo(1000);
  rig.list.show(outgoing('a'), 'me');
  rig.list.toEnd();
  assert.ok(rig.layout.isAtEnd);
});

scrolling('does not scroll away from text that is being selected', context => {
  const rig = withMessages(context);
  document.getSelection()?.selectAllChildren(rig.one('li:last-child .text'));
  const { topRow } = rig.layout;
  rig.live(...messages(101, 103));
  assert.is(rig.layout.topRow, topRow);
  assert.is(rig.pill.textContent, en.unread(3));
});

scrolling.run();
