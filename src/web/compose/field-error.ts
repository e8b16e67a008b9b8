/** Shows at a field why its value was not accepted, and announces it to screen readers. */
import { element } from '../browser/dom.ts';

export class FieldError {
  /** To be placed near the field. */
  readonly element: HTMLElement;
  readonly #field: HTMLElement;

  /** `id` must be unique in the document or shadow root. */
  constructor(field: HTMLElement, id: string) {
    this.#field = field;
    this.element = element('p', { class: 'error', role: 'alert', id });
    field.setAttribute('aria-describedby', id);
  }

  /** Shows `reason` and marks the field as invalid; `''` clears both. */
  show(reason: string): void {
    this.element.textContent = reason;
    this.#field.ariaInvalid = reason ? 'true' : null;
  }
}
