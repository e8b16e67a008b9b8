/** The focus in the list, whose rows are replaced and removed. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keepFocus } from '../../../../src/web/lazy/enhancements/kept-focus.ts';
import { type Dom, type DomContext, useDom } from '../../../support/dom.ts';

const keptFocus = suite<DomContext>('kept focus');
useDom(keptFocus);

const LINKS = '<a href="/1">1</a> <a href="/2">2</a>';
const textWith = (html: string) => `<div class="text">${html}</div>`;
const pending = (id: string) => `<li class="own" data-id="${id}">${textWith(LINKS)}</li>`;
const stored = (seq: number, html = LINKS) => `<li class="own" data-seq="${seq}">${textWith(html)}</li>`;

/** A list with these rows, and the focus on what `selector` finds. */
function listOf(dom: Dom, html: string, selector: string) {
  const scroller = document.createElement('div');
  scroller.tabIndex = 0;
  scroller.innerHTML = html;
  document.body.replaceChildren(scroller, document.createElement('button'));
  scroller.querySelector<HTMLElement>(selector)?.focus();
  const focus = keepFocus(scroller);
  /** Changes the list, and says what has the focus afterwards: the number of its row and its text. */
  const after = (change: () => void) => {
    focus.note();
    change();
    focus.restore();
    dom.clock.wind(1);
    const active = document.activeElement;
    if (active === scroller) return 'the list';
    return `${active?.closest('li')?.dataset.seq ?? active?.localName} ${active?.textContent}`;
  };
  const row = (selector: string) => scroller.querySelector<HTMLElement>(selector);
  return { scroller, after, row };
}

keptFocus('an outgoing message keeps it in another state, and when it is stored', ({ dom }) => {
  const { scroller, after, row } = listOf(dom, stored(4) + pending('a') + pending('b'), '[data-id="b"] a:last-child');
  const replace = () => {
    const again = document.createElement('ol');
    again.innerHTML = pending('b');
    row('[data-id="b"]')?.replaceWith(...again.children);
  };
  assert.is(after(replace), 'a 2');
  assert.ok(document.activeElement?.closest('[data-id="b"]'));
  const store = () => {
    row('[data-id="b"]')?.remove();
    scroller.insertAdjacentHTML('beforeend', stored(5, '<a href="/1">other</a>') + stored(6) + stored(7));
  };
  assert.is(after(store), '6 2');
});

keptFocus('an edited message keeps it, and the list has it if the link or the message is gone', ({ dom }) => {
  const { after, row } = listOf(dom, stored(1) + stored(2), '[data-seq="1"] a:last-child');
  const edit = (html: string) => () => {
    const text = row('[data-seq="1"] .text');
    const again = document.createElement('ol');
    again.innerHTML = textWith(html);
    text?.replaceWith(...again.children);
  };
  assert.is(after(edit(`edited ${LINKS}`)), '1 2');
  assert.is(after(edit('no link')), 'the list');
  row('[data-seq="2"] a')?.focus();
  assert.is(
    after(() => row('[data-seq="2"]')?.remove()),
    'the list',
  );
});

keptFocus('what has got it meanwhile keeps it', ({ dom }) => {
  const { after, row } = listOf(dom, stored(1), 'a');
  const move = () => {
    row('li')?.remove();
    document.querySelector('button')?.focus();
  };
  assert.is(after(move), 'button ');
});

keptFocus.run();
