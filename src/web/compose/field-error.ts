/** Shows at a field why its value was not accepted, and announces it to screen readers. */
import { element } from '../browser/dom.ts';

export interface FieldError {
  /** To be placed near the field. */
  readonly element: HTMLElement;
  /** Shows `reason` and marks the field as invalid; `''` clears both. */
  show(reason: string): void;
}

/** `id` must be unique in the document or shadow root. */
export function createFieldError(field: HTMLElement, id: string): FieldError {
  const error = element('p', { class: 'error', role: 'alert', id });
  field.setAttribute('aria-describedby', id);
  return {
    element: error,
    show(reason) {
      error.textContent = reason;
      field.ariaInvalid = reason ? 'true' : null;
    },
  };
}
