/** Unread messages: a divider before the first of them, and a button (the pill) with their number. */
import { button } from '../browser/dom.ts';
import type { Words } from '../i18n/languages.ts';
import { dividerRow } from './message-row.ts';

export interface Unread {
  readonly pill: HTMLButtonElement;
  /** Counts an unread message. For the first one it returns a divider, to be placed before that message. */
  add(): HTMLElement | undefined;
  /** Marks everything as seen: hides the pill, and leaves the divider until the next unread message. */
  see(): void;
  /** Marks everything as answered: removes the divider too. */
  forget(): void;
}

/** `press` runs when the pill is pressed. */
export function createUnread(words: Words, press: () => void): Unread {
  const pill = button('', 'pill', press);
  let divider: HTMLElement | undefined;
  let count = 0;
  const see = () => {
    count = 0;
    pill.hidden = true;
  };
  see();
  return {
    pill,
    add() {
      const text = words.unread(++count);
      pill.textContent = text;
      pill.hidden = false;
      if (count > 1) {
        divider?.replaceChildren(text);
        return undefined;
      }
      divider?.remove();
      divider = dividerRow('unread', text);
      return divider;
    },
    see,
    forget() {
      see();
      divider?.remove();
    },
  };
}
