/** Where one writes. Never sends half a word of a composition, never loses what was typed. */

import { button, element } from '../browser/dom.ts';
import { readStorage, session, writeStorage } from '../browser/storage.ts';
import type { Words } from '../i18n/languages.ts';
import { FieldError } from './field-error.ts';

export interface ComposerContext {
  readonly words: Words;
  /** Says `message`; false when it cannot be taken now. */
  say(message: string): boolean;
  /** Where what was typed and not sent is kept, across a reload. */
  readonly draft: string;
}

export class Composer {
  readonly element: HTMLFormElement;
  readonly #context: ComposerContext;
  readonly #text: HTMLTextAreaElement;
  readonly #error: FieldError;
  #composing = false;

  /** `role` is the button that stands before the text. */
  constructor(context: ComposerContext, role: HTMLElement) {
    this.#context = context;
    const { words } = context;
    this.#text = element('textarea', {
      rows: '1',
      placeholder: words.composer,
      'aria-label': words.composer,
      enterkeyhint: isTouch() ? 'enter' : 'send',
      dir: 'auto',
    });
    this.#error = new FieldError(this.#text, 'composer-error');
    this.#text.value = readStorage(session, context.draft);
    const send = button(words.send, 'send', () => this.#press());
    // Focus stays where it is, and with it a phone's keyboard.
    send.addEventListener('pointerdown', event => event.preventDefault());
    this.element = element('form', { class: 'composer' }, role, this.#text, send, this.#error.element);
    this.element.addEventListener('submit', event => event.preventDefault());
    this.#text.addEventListener('keydown', event => this.#key(event));
    this.#text.addEventListener('input', () => this.#typed());
    this.#text.addEventListener('compositionstart', () => {
      this.#composing = true;
    });
    this.#text.addEventListener('compositionend', () => {
      this.#composing = false;
    });
  }

  focus(): void {
    this.#text.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    if (isTouch() && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.#send();
  }

  #typed(): void {
    writeStorage(session, this.#context.draft, this.#text.value);
    this.fail('');
    this.#grow();
  }

  // A phone composes all the time: leaving the text ends the composition, with all its letters.
  #press(): void {
    if (this.#composing) this.#text.blur();
    this.#text.focus();
    this.#send();
  }

  #send(): void {
    const { words, say } = this.#context;
    const message = this.#text.value.trim();
    if (message === '') return this.fail(words.blank);
    if (!say(message)) return this.fail(words.full);
    this.#text.value = '';
    this.#typed();
  }

  /** Says why something was not taken; `''` when all is well. */
  fail(reason: string): void {
    this.#error.show(reason);
  }

  // For browsers without `field-sizing`.
  #grow(): void {
    if (CSS.supports('field-sizing', 'content')) return;
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}

function isTouch(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}
