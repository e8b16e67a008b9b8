/** Unread messages: a divider before the first of them, and a button (the pill) with their number. */
import { button } from '../browser/dom.ts';
import type { Words } from '../i18n/languages.ts';
import { dividerRow } from './message-row.ts';

export class Unread {
  readonly pill: HTMLButtonElement;
  readonly #words: Words;
  #divider: HTMLElement | undefined;
  #count = 0;

  /** `press` runs when the pill is pressed. */
  constructor(words: Words, press: () => void) {
    this.#words = words;
    this.pill = button('', 'pill', press);
    this.pill.hidden = true;
  }

  /** Counts an unread message. For the first one it returns a divider, to be placed before that message. */
  add(): HTMLElement | undefined {
    if (this.#count++ > 0) {
      this.#write();
      return undefined;
    }
    this.#divider?.remove();
    this.#divider = dividerRow('unread', '');
    this.#write();
    return this.#divider;
  }

  /** Marks everything as seen: hides the pill, and leaves the divider until the next unread message. */
  see(): void {
    this.#count = 0;
    this.pill.hidden = true;
  }

  /** Marks everything as answered: removes the divider too. */
  forget(): void {
    this.see();
    this.#divider?.remove();
  }

  #write(): void {
    const text = this.#words.unread(this.#count);
    this.#divider?.replaceChildren(text);
    this.pill.textContent = text;
    this.pill.hidden = false;
  }
}
