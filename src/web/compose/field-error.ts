/** Says at a field why it was not taken, to the eye and to a screen reader. */
import { element } from '../browser/dom.ts';

export class FieldError {
  /** Stands near the field. */
  readonly element: HTMLElement;
  readonly #field: HTMLElement;

  /** `id` is to be found nowhere else in the same tree. */
  constructor(field: HTMLElement, id: string) {
    this.#field = field;
    this.element = element('p', { class: 'error', role: 'alert', id });
    field.setAttribute('aria-describedby', id);
  }

  /** `''` when all is well. */
  show(reason: string): void {
    this.element.textContent = reason;
    this.#field.ariaInvalid = reason ? 'true' : null;
  }
}
