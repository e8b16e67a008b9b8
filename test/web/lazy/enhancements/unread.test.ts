import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { button, relabel } from '../../../../src/web/browser/dom.ts';
import createUnread, { type Unread, type UnreadContext } from '../../../../src/web/lazy/enhancements/unread.ts';
import { dividerRow } from '../../../../src/web/messages/message-row.ts';
import { type DomContext, useDom } from '../../../support/dom.ts';
import { en, zh } from '../../../support/words.ts';

const unread = suite<DomContext>('unread');
useDom(unread);

const create = (context: Partial<UnreadContext> = {}) =>
  createUnread({
    words: en,
    list: document.createElement('div'),
    press: () => {},
    look: () => {},
    button,
    relabel,
    dividerRow,
    ...context,
  });

/** Does what a list does: places the divider it is given, and then the message, whose seq is the number of rows. */
function addTo(list: HTMLElement, unread: Unread): HTMLElement | undefined {
  const row = document.createElement('li');
  const divider = unread.add(list.querySelectorAll('li:not(.divider)').length + 1);
  if (divider) list.append(divider);
  list.append(row);
  return divider;
}

unread('returns a divider for the first unread message only, and counts them all', () => {
  const list = document.createElement('ol');
  const unread = create();
  assert.ok(unread.pill.hidden, 'nothing is unread yet');
  const divider = addTo(list, unread);
  assert.is(divider, list.firstElementChild);
  assert.is(divider?.textContent, en.unread(1));
  assert.is(addTo(list, unread), undefined);
  assert.is(addTo(list, unread), undefined);
  for (const element of [divider, unread.pill]) assert.is(element?.textContent, '3 new messages');
  assert.not.ok(unread.pill.hidden);
});

unread('hides the pill when everything is seen, and leaves the divider', () => {
  const list = document.createElement('ol');
  const unread = create({ words: zh });
  const divider = addTo(list, unread);
  addTo(list, unread);
  unread.see();
  assert.ok(unread.pill.hidden);
  assert.is(divider?.parentElement, list);
  assert.is(divider?.textContent, '2 条新消息');
});

unread('counts from one again after that, with a new divider instead of the old one', () => {
  const list = document.createElement('ol');
  const unread = create();
  const first = addTo(list, unread);
  addTo(list, unread);
  unread.see();
  const second = addTo(list, unread);
  assert.is.not(second, first);
  assert.not.ok(first?.isConnected || first?.parentElement);
  assert.is(list.querySelectorAll('.unread').length, 1);
  assert.is(unread.pill.textContent, '1 new message');
  assert.not.ok(unread.pill.hidden);
});

unread('removes pill and divider when everything is answered', () => {
  const list = document.createElement('ol');
  const unread = create();
  unread.forget();
  addTo(list, unread);
  unread.forget();
  assert.ok(unread.pill.hidden);
  assert.is(list.querySelectorAll('.unread').length, 0);
});

unread('counts an erased message no longer, and removes pill and divider with the last', () => {
  const list = document.createElement('ol');
  const unread = create();
  const divider = addTo(list, unread);
  addTo(list, unread);
  unread.remove(7);
  assert.is(unread.pill.textContent, '2 new messages', 'this one was not unread');
  unread.remove(1);
  unread.remove(1);
  for (const element of [divider, unread.pill]) assert.is(element?.textContent, '1 new message');
  assert.is(divider?.parentElement, list);
  unread.remove(2);
  assert.ok(unread.pill.hidden);
  assert.is(list.querySelectorAll('.unread').length, 0);
});

unread('ignores the erasure of a message that was seen', () => {
  const list = document.createElement('ol');
  const unread = create();
  addTo(list, unread);
  unread.see();
  addTo(list, unread);
  unread.remove(1);
  assert.is(unread.pill.textContent, '1 new message');
  assert.not.ok(unread.pill.hidden);
});

unread('runs its action when the pill, a button, is pressed', () => {
  let presses = 0;
  const { pill } = create({ press: () => presses++ });
  pill.click();
  assert.is(presses, 1);
  assert.is(pill.type, 'button');
});

unread('looks every second while something is unread, and leaves no timer', ({ dom }) => {
  let looks = 0;
  const unread = create({ look: () => looks++ });
  dom.clock.wind(5000);
  assert.is(looks, 0);
  const list = document.createElement('ol');
  addTo(list, unread);
  addTo(list, unread);
  dom.clock.wind(3000);
  assert.is(looks, 3);
  unread.see();
  dom.clock.wind(3000);
  assert.is(looks, 3);
  assert.equal(dom.leftovers, []);
});

unread.run();
