/** What has come while nobody looked: a line before the first of it, and a pill that counts it and leads there. */
import { button } from '../browser/dom.ts';
import type { Words } from '../i18n/languages.ts';
import { dividerRow } from './message-row.ts';

export class Unread {
  readonly pill: HTMLButtonElement;
  readonly #words: Words;
  #line: HTMLElement | undefined;
  #count = 0;

  constructor(words: Words, press: () => void) {
    this.#words = words;
    this.pill = button('', 'pill', press);
    this.pill.hidden = true;
  }

  /** Counts a message that is not seen. The first of them is given the line to stand before it. */
  add(): HTMLElement | undefined {
    if (this.#count++ > 0) {
      this.#write();
      return undefined;
    }
    this.#line?.remove();
    this.#line = dividerRow('unread', '');
    this.#write();
    return this.#line;
  }

  /** All has been seen: the line stays until something new comes, the pill goes. */
  see(): void {
    this.#count = 0;
    this.pill.hidden = true;
  }

  /** All has been answered: the line goes too. */
  forget(): void {
    this.see();
    this.#line?.remove();
  }

  #write(): void {
    const text = this.#words.unread(this.#count);
    this.#line?.replaceChildren(text);
    this.pill.textContent = text;
    this.pill.hidden = false;
  }
}
