import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { button, relabel } from '../../../src/web/browser/dom.ts';
import createUnread, { type Unread } from '../../../src/web/lazy/unread.ts';
import { dividerRow } from '../../../src/web/messages/message-row.ts';
import { type DomContext, useDom } from '../../support/dom.ts';
import { en, zh } from '../../support/words.ts';

const unread = suite<DomContext>('unread');
useDom(unread);

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
  const unread = createUnread({ words: en, press: () => {}, button, relabel, dividerRow });
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
  const unread = createUnread({ words: zh, press: () => {}, button, relabel, dividerRow });
  const divider = addTo(list, unread);
  addTo(list, unread);
  unread.see();
  assert.ok(unread.pill.hidden);
  assert.is(divider?.parentElement, list);
  assert.is(divider?.textContent, '2 条新消息');
});

unread('counts from one again after that, with a new divider instead of the old one', () => {
  const list = document.createElement('ol');
  const unread = createUnread({ words: en, press: () => {}, button, relabel, dividerRow });
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
  const unread = createUnread({ words: en, press: () => {}, button, relabel, dividerRow });
  unread.forget();
  addTo(list, unread);
  unread.forget();
  assert.ok(unread.pill.hidden);
  assert.is(list.querySelectorAll('.unread').length, 0);
});

unread('counts an erased message no longer, and removes pill and divider with the last', () => {
  const list = document.createElement('ol');
  const unread = createUnread({ words: en, press: () => {}, button, relabel, dividerRow });
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
  const unread = createUnread({ words: en, press: () => {}, button, relabel, dividerRow });
  addTo(list, unread);
  unread.see();
  addTo(list, unread);
  unread.remove(1);
  assert.is(unread.pill.textContent, '1 new message');
  assert.not.ok(unread.pill.hidden);
});

unread('runs its action when the pill, a button, is pressed', () => {
  let presses = 0;
  const { pill } = createUnread({ words: en, press: () => presses++, button, relabel, dividerRow });
  pill.click();
  assert.is(presses, 1);
  assert.is(pill.type, 'button');
});

unread.run();
