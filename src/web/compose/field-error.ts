/** Shows at a field why its value was not accepted, and announces it to screen readers. */
import { element, type Label, relabel } from '../browser/dom.ts';

export interface FieldError {
  /** To be placed near the field. */
  readonly element: HTMLElement;
  /** Shows `reason` and marks the field as invalid; none clears both. */
  show(reason?: Label): void;
}

/** `id` must be unique in the document or shadow root. */
export function createFieldError(field: HTMLElement, id: string): FieldError {
  let shown: Label | undefined;
  const error = element('p', { class: 'error', role: 'alert', id }, () => shown?.());
  field.setAttribute('aria-describedby', id);
  return {
    element: error,
    show(reason) {
      shown = reason;
      relabel(error);
      field.ariaInvalid = reason ? 'true' : null;
    },
  };
}
