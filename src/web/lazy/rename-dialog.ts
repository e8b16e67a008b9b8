/** 更换角色: another name, typed or taken from those used last. */
import { MAX_USER_LENGTH } from '../../protocol/limits.ts';
import { cleanUser } from '../../protocol/names.ts';
import { button, element } from '../browser/dom.ts';
import { FieldError } from '../compose/field-error.ts';
import type { Words } from '../i18n/languages.ts';

export interface RenameContext {
  readonly words: Words;
  /** The names used last, the newest first. */
  names(): readonly string[];
  rename(user: string): void;
}

export class RenameDialog {
  readonly element: HTMLDialogElement;
  readonly #context: RenameContext;
  readonly #name: HTMLInputElement;
  readonly #names: HTMLElement;
  readonly #error: FieldError;

  constructor(context: RenameContext) {
    this.#context = context;
    const { words } = context;
    this.#name = element('input', {
      id: 'name',
      // In UTF-16 units: twice the code points is never too few.
      maxlength: `${MAX_USER_LENGTH * 2}`,
      autocomplete: 'off',
      dir: 'auto',
    });
    this.#error = new FieldError(this.#name, 'name-error');
    this.#names = element('div', { class: 'names' });
    const form = element(
      'form',
      { method: 'dialog' },
      element('h2', { id: 'role' }, words.role),
      element('label', { for: 'name' }, words.name),
      this.#name,
      this.#error.element,
      this.#names,
      element(
        'div',
        { class: 'actions' },
        button(words.cancel, 'plain', () => this.element.close()),
        element('button', { class: 'send' }, words.save),
      ),
    );
    this.element = element('dialog', { 'aria-labelledby': 'role' }, form);
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.#take(this.#name.value);
    });
    this.#name.addEventListener('keydown', event => {
      if (event.key === 'Enter' && (event.isComposing || event.keyCode === 229)) event.preventDefault();
    });
  }

  /** Opens over the page, with `user` as the name to change. */
  open(user: string): void {
    this.#error.show('');
    this.#name.value = user;
    const others = this.#context.names().filter(name => name !== user);
    this.#names.replaceChildren(...others.map(name => button(name, 'plain', () => this.#take(name))));
    this.element.showModal();
    this.#name.select();
  }

  #take(text: string): void {
    const user = cleanUser(text);
    if (user === undefined) return this.#error.show(this.#context.words.badName);
    this.element.close();
    this.#context.rename(user);
  }
}
