/**
 * Unread messages: a divider before the first of them, a button (the pill) with their number, and that number for the host
 * page, in the element's attribute and event `unread`. A chunk: it imports only types, and receives everything else.
 */
import type { button } from '../browser/dom.ts';
import type { Words } from '../i18n/languages.ts';
import type { dividerRow } from '../messages/message-row.ts';

export interface UnreadContext {
  readonly words: Words;
  /** Runs when the pill is pressed. */
  press(): void;

  readonly button: typeof button;
  readonly dividerRow: typeof dividerRow;
}

export interface Unread {
  readonly pill: HTMLButtonElement;
  /** Counts the message at `seq`. For the first one it returns a divider, to be placed before that message. */
  add(seq: number): HTMLElement | undefined;
  /** Stops counting the message at `seq`, which is erased. The last one removes pill and divider. */
  remove(seq: number): void;
  /** Marks everything as seen: hides the pill, and leaves the divider until the next unread message. */
  see(): void;
  /** Marks everything as answered: removes the divider too. */
  forget(): void;
}

export default function createUnread({ words, press, button, dividerRow }: UnreadContext): Unread {
  const pill = button('', 'pill', press);
  let divider: HTMLElement | undefined;
  /** Of the unread messages. Those of two logs, after a reset, may have the same: then they count once. */
  const seqs = new Set<number>();
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
    seqs.clear();
    pill.hidden = true;
    tell();
  };
  const forget = () => {
    see();
    divider?.remove();
  };
  const show = () => {
    const text = words.unread(seqs.size);
    pill.textContent = text;
    pill.hidden = false;
    divider?.replaceChildren(text);
    tell();
  };
  see();
  return {
    pill,
    add(seq) {
      const isFirst = seqs.size === 0;
      if (isFirst) {
        divider?.remove();
        divider = dividerRow('unread', '');
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
