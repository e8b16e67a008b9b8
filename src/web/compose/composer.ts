/** The field to write in. It never sends an unfinished composition (of an input method) and never loses typed text. */
import { button, element } from '../browser/dom.ts';
import { readStorage, session, writeStorage } from '../browser/storage.ts';
import type { Words } from '../i18n/languages.ts';
import { FieldError } from './field-error.ts';

export interface ComposerContext {
  readonly words: Words;
  /** Takes a message to be sent; false if it cannot be taken now. */
  say(message: string): boolean;
  /** The key in `sessionStorage` under which unsent text survives a reload. */
  readonly draft: string;
}

export class Composer {
  readonly element: HTMLFormElement;
  readonly #context: ComposerContext;
  readonly #text: HTMLTextAreaElement;
  readonly #error: FieldError;
  #composing = false;

  /** `role` is a button to place before the text. */
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
    // Pressing the button must not move the focus: a phone would hide its keyboard.
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

  /** Moves the focus to the text. */
  focus(): void {
    this.#text.focus();
  }

  #key(event: KeyboardEvent): void {
    // 229: the key belongs to an input method. Safari says so only by this code, for it ends the composition first.
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

  // A phone's keyboard composes every word. Leaving the field commits the composition with all its letters.
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

  /** Shows why something was not accepted; `''` clears it. */
  fail(reason: string): void {
    this.#error.show(reason);
  }

  // Only for browsers without `field-sizing`.
  #grow(): void {
    if (CSS.supports('field-sizing', 'content')) return;
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}

function isTouch(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}
