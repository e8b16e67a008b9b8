import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import en from '../../../src/web/i18n/en.ts';
import zh from '../../../src/web/i18n/zh.ts';
import { createUnread, type Unread } from '../../../src/web/messages/unread.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const unread = suite<DomContext>('unread');
useDom(unread);

/** As a list does: places the divider it is given, and then the message. */
function addTo(list: HTMLElement, unread: Unread): HTMLElement | undefined {
  const divider = unread.add();
  if (divider) list.append(divider);
  list.append(document.createElement('li'));
  return divider;
}

unread('returns a divider for the first unread message only, and counts them all', () => {
  const list = document.createElement('ol');
  const unread = createUnread(en, () => {});
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
  const unread = createUnread(zh, () => {});
  const divider = addTo(list, unread);
  addTo(list, unread);
  unread.see();
  assert.ok(unread.pill.hidden);
  assert.is(divider?.parentElement, list);
  assert.is(divider?.textContent, '2 条新消息');
});

unread('counts from one again after that, with a new divider instead of the old one', () => {
  const list = document.createElement('ol');
  const unread = createUnread(en, () => {});
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
  const unread = createUnread(en, () => {});
  unread.forget();
  addTo(list, unread);
  unread.forget();
  assert.ok(unread.pill.hidden);
  assert.is(list.querySelectorAll('.unread').length, 0);
});

unread('runs its action when the pill, a button, is pressed', () => {
  let presses = 0;
  const { pill } = createUnread(en, () => presses++);
  pill.click();
  assert.is(presses, 1);
  assert.is(pill.type, 'button');
});

unread.run();
