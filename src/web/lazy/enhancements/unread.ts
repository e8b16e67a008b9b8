/**
 * Unread messages: a divider before the first of them, a button (the pill) with their number, and that number for the host
 * page, in the element's attribute and event `unread`.
 */
import type { button, relabel } from '../../browser/dom.ts';
import type { Words } from '../../i18n/languages.ts';
import type { dividerRow } from '../../messages/message-row.ts';

const LOOK_MS = 1000;

export interface UnreadContext {
  readonly words: Words;
  /** The list of the messages. */
  readonly list: Element;
  /** Runs when the pill is pressed. */
  press(): void;
  /** Runs every {@link LOOK_MS} while something is unread: no event tells that a panel around the list can be seen. */
  look(): void;

  readonly button: typeof button;
  readonly relabel: typeof relabel;
  readonly dividerRow: typeof dividerRow;
}

export interface Unread {
  readonly pill: HTMLButtonElement;
  /** Whether the styles of the page let the list be seen, if it is in view. */
  isVisible(): boolean;
  /** Counts the message at `seq`. For the first one it returns a divider, to be placed before that message. */
  add(seq: number): HTMLElement | undefined;
  /** Stops counting the message at `seq`, which is erased. The last one removes pill and divider. */
  remove(seq: number): void;
  /** Marks everything as seen: hides the pill, and leaves the divider until the next unread message. Stops looking. */
  see(): void;
  /** Marks everything as answered: removes the divider too. */
  forget(): void;
}

export default function createUnread({ words, list, press, look, button, relabel, dividerRow }: UnreadContext): Unread {
  let divider: HTMLElement | undefined;
  /** Of the unread messages. Those of two logs, after a reset, may have the same: then they count once. */
  const seqs = new Set<number>();
  const count = () => words.unread?.(seqs.size);
  const pill = button(count, 'pill', press);
  let timer: ReturnType<typeof setInterval> | undefined;
  let host: Element | undefined;
  /** The number that the host page knows. */
  let told = 0;
  /** Tells the host page of the number at the end of this turn. */
  const tell = () => {
    if (told !== seqs.size) queueMicrotask(tellNow);
  };
  const tellNow = () => {
    const root = pill.getRootNode();
    // The number is still to be taken back when the pill is no longer on the page.
    if (root instanceof ShadowRoot) ({ host } = root);
    if (!host || told === seqs.size) return;
    told = seqs.size;
    if (told > 0) host.setAttribute('unread', `${told}`);
    else host.removeAttribute('unread');
    host.dispatchEvent(new CustomEvent('unread', { detail: told }));
  };
  const see = () => {
    clearInterval(timer);
    seqs.clear();
    pill.hidden = true;
    tell();
  };
  const forget = () => {
    see();
    divider?.remove();
  };
  const show = () => {
    pill.hidden = false;
    relabel(pill);
    if (divider) relabel(divider);
    tell();
  };
  see();
  return {
    pill,
    isVisible: () => list.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }),
    add(seq) {
      const isFirst = seqs.size === 0;
      if (isFirst) {
        timer = setInterval(look, LOOK_MS);
        divider?.remove();
        divider = dividerRow('unread', count);
      }
      seqs.add(seq);
      show();
      return isFirst ? divider : undefined;
    },
    remove(seq) {
      if (!seqs.delete(seq)) return;
      if (seqs.size > 0) show();
      else forget();
    },
    see,
    forget,
  };
}
