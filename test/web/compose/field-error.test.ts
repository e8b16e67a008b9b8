import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFieldError } from '../../../src/web/compose/field-error.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const fieldError = suite<DomContext>('field error');
useDom(fieldError);

fieldError('is an alert that describes its field', () => {
  const field = document.createElement('input');
  const error = createFieldError(field, 'name-error');
  assert.is(error.element.getAttribute('role'), 'alert');
  assert.is(error.element.id, 'name-error');
  assert.is(field.getAttribute('aria-describedby'), 'name-error');
  assert.is(error.element.textContent, '');
  assert.not.ok(field.hasAttribute('aria-invalid'));
});

fieldError('marks the field invalid while there is a reason, and not afterwards', () => {
  const field = document.createElement('input');
  const error = createFieldError(field, 'e');
  error.show(() => 'Too long');
  assert.is(error.element.textContent, 'Too long');
  assert.is(field.getAttribute('aria-invalid'), 'true');
  error.show();
  assert.is(error.element.textContent, '');
  assert.not.ok(field.hasAttribute('aria-invalid'));
});

fieldError('shows a reason as text, never as markup', () => {
  const error = createFieldError(document.createElement('input'), 'e');
  error.show(() => '<img src=x onerror=alert(1)>');
  assert.is(error.element.childElementCount, 0);
  assert.is(error.element.textContent, '<img src=x onerror=alert(1)>');
});

fieldError.run();
