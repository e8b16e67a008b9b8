/**
 * The menu of a message: a button beside the message under the pointer or the focus, and the menu that it opens. On a touch
 * screen a long press opens the menu.
 */
import type { button, element, Label } from '../../browser/dom.ts';
import type { Words } from '../../i18n/languages.ts';
import { adopt } from './adopt.ts';
import type { Copy } from './clipboard.ts';
import styles from './message-menu.css';
import { createPopup } from './popup.ts';

/** Shorter than a browser's own long press, which would select a word. */
const LONG_PRESS_MS = 400;
/** A finger that moves farther scrolls. */
const MAX_MOVE_PX = 10;
/** Between a message and its button. */
const GAP_PX = 8;
/** As much of a message as its button says to a screen reader. */
const MAX_LABEL_LENGTH = 80;

export interface MessageMenuContext {
  readonly words: Words;
  /** The list of the messages. Nothing outside it is listened to. */
  readonly list: HTMLElement;
  readonly copy: Copy;
  readonly element: typeof element;
  readonly button: typeof button;
}

/** Adds the menu to a list. Disposed of, it leaves no timer behind. */
export function mountMessageMenu({ words, list, copy, element, button }: MessageMenuContext): { dispose(): void } {
  adopt(list, styles);
  const more = button('', 'more', () => openFromButton());
  more.setAttribute('aria-haspopup', 'menu');
  const time = element('span', { 'aria-hidden': 'true' });
  const tools = element('div', { class: 'tools' }, more, time);
  const menu = element('div', { class: 'menu', role: 'menu' });
  list.append(menu);
  const popup = createPopup(menu);

  const rowOf = (target: EventTarget | null) =>
    target instanceof Element ? target.closest<HTMLElement>('.message') : null;
  const rows = () => [...list.querySelectorAll<HTMLElement>('.message')];

  /** Shows the button beside a message. */
  const show = (row: HTMLElement) => {
    const text = row.querySelector<HTMLElement>('.text');
    if (!text || tools.parentElement === row) return;
    const [user, at] = ['bdi', 'time'].map(name => row.querySelector(name)?.textContent ?? '');
    time.textContent = row.classList.contains('first') || !at ? '' : at;
    more.ariaLabel = `${words.more}: ${user}, ${at}: ${plainText(text).slice(0, MAX_LABEL_LENGTH)}`;
    const hadFocus = more.matches(':focus');
    row.append(tools);
    if (hadFocus) more.focus({ preventScroll: true });
    const [start, end] = [text.offsetLeft, text.offsetLeft + text.offsetWidth];
    const isOwn = row.classList.contains('own');
    tools.classList.toggle('before', isOwn);
    const x = isOwn ? start - tools.offsetWidth - GAP_PX : end + GAP_PX;
    tools.style.setProperty('--x', `${Math.max(0, Math.min(x, row.clientWidth - tools.offsetWidth))}px`);
    tools.style.setProperty('--y', `${text.offsetTop}px`);
  };
  const hide = () => {
    if (!popup.isOpen() && !tools.matches(':focus-within')) tools.remove();
  };

  const open = (row: HTMLElement, ...place: Parameters<typeof popup.openAt>) => {
    const text = row.querySelector('.text');
    if (!text) return;
    const offered = [...row.querySelectorAll<HTMLButtonElement>('.note button')];
    menu.replaceChildren(
      item(
        () => words.copyText,
        () => void copy(plainText(text)),
      ),
      ...offered.map(known =>
        item(
          () => known.textContent ?? '',
          () => known.click(),
        ),
      ),
    );
    menu.ariaLabel = words.more ?? '';
    popup.openAt(...place);
    items()[0]?.focus();
  };
  const openFromButton = () => {
    const row = rowOf(more);
    if (row) open(row, more.getBoundingClientRect());
  };
  const items = () => [...menu.querySelectorAll('button')];
  const item = (text: Label, press: () => void) => {
    const made = button(text, '', () => {
      popup.close();
      press();
    });
    made.role = 'menuitem';
    made.tabIndex = -1;
    return made;
  };

  menu.addEventListener('keydown', event => {
    const all = items();
    const at = all.findIndex(each => each.matches(':focus'));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === 'Tab') popup.close();
    if (next === undefined) return;
    event.preventDefault();
    all.at(next % all.length)?.focus();
  });
  menu.addEventListener('toggle', hide);

  more.onkeydown = event => {
    const all = rows();
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const next = step && all[all.findIndex(row => row.contains(more)) + step];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    if (!next) return;
    show(next);
    next.scrollIntoView({ block: 'nearest' });
  };
  list.addEventListener('focusin', ({ target }) => {
    if (target === more) return;
    const { bottom } = list.getBoundingClientRect();
    const isInView = (row: Element) => row.getBoundingClientRect().top < bottom;
    // From the list, the next press of Tab leads to the newest message that can be seen.
    const row = rowOf(target) ?? (target === list.firstElementChild ? rows().findLast(isInView) : undefined);
    if (row) show(row);
  });
  list.addEventListener('focusout', ({ relatedTarget }) => {
    // Moving the button to another message takes the focus from it for a moment.
    if (!(relatedTarget instanceof Node && list.contains(relatedTarget))) queueMicrotask(hide);
  });
  list.addEventListener('pointermove', ({ target, pointerType, movementX, movementY }) => {
    // A list that is scrolled by the keyboard moves under a mouse that rests.
    if (pointerType !== 'mouse' || popup.isOpen() || (movementX === 0 && movementY === 0)) return;
    const row = rowOf(target);
    if (row) show(row);
  });
  list.addEventListener('pointerleave', hide);

  let timer: ReturnType<typeof setTimeout> | undefined;
  let start: PointerEvent | undefined;
  const release = () => clearTimeout(timer);
  list.addEventListener('pointerdown', event => {
    const row = rowOf(event.target);
    release();
    start = event;
    if (event.pointerType !== 'touch' || !event.isPrimary || !row || isControl(event.target)) return;
    const { clientX: left, clientY: top } = event;
    timer = setTimeout(() => open(row, { left, top, bottom: top }, true), LONG_PRESS_MS);
  });
  list.addEventListener('pointermove', ({ clientX, clientY }) => {
    if (start && Math.hypot(clientX - start.clientX, clientY - start.clientY) > MAX_MOVE_PX) release();
  });
  for (const type of ['pointerup', 'pointercancel', 'scroll']) list.addEventListener(type, release, true);
  list.addEventListener('contextmenu', event => {
    const { target } = event;
    // A mouse has the browser's own menu. A key asks for the menu of what has the focus.
    if (target === more) openFromButton();
    else if (!('pointerType' in event) || event.pointerType !== 'touch' || !rowOf(target) || isControl(target)) return;
    event.preventDefault();
  });

  return { dispose: release };
}

/** Whether something has a menu and a press of its own. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button') !== null;
}

/** The text of a message, without the mark of an edit. */
function plainText(text: Element): string {
  const range = document.createRange();
  range.selectNodeContents(text);
  const space = text.querySelector('small')?.previousSibling;
  if (space) range.setEndBefore(space);
  return `${range}`;
}
