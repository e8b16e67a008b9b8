/** The field to write in. It never sends an unfinished composition (of an input method) and never loses typed text. */
import { button, element, type Label, label } from '../browser/dom.ts';
import { local } from '../browser/storage.ts';
import { isTouch } from '../browser/touch.ts';
import type { Words } from '../i18n/languages.ts';
import { createFieldError } from './field-error.ts';

export interface ComposerContext {
  readonly words: Words;
  /** Takes a message to be sent. Returns why it cannot be taken, in words; `undefined` if it was taken. */
  say(message: string): Label | undefined;
  /**
   * The name under which unsent text is stored, behind the time of its last change (ms since 1970) and a space. Whoever
   * restores it dispatches an `input` event.
   */
  readonly draft: string;
}

export interface Composer {
  readonly element: HTMLFormElement;
  /** Moves the focus to the text. */
  focus(): void;
  /** Shows why something was not accepted; no reason clears it. */
  fail(reason?: Label): void;
}

/** `role` is a button to place before the text. */
export function createComposer({ words, say, draft }: ComposerContext, role: HTMLElement): Composer {
  const text = element('textarea', {
    rows: '1',
    enterkeyhint: isTouch() ? 'enter' : 'send',
    dir: 'auto',
  });
  label(text, () => {
    text.placeholder = text.ariaLabel = words.composer;
  });
  const error = createFieldError(text, 'composer-error');
  let composing = false;

  const onInput = () => {
    local.setItem(draft, text.value && `${Date.now()} ${text.value}`);
    error.show();
    // Only for browsers without `field-sizing`.
    if (CSS.supports('field-sizing', 'content')) return;
    text.style.height = 'auto';
    text.style.height = `${text.scrollHeight}px`;
  };
  const send = () => {
    // The first line keeps its indentation.
    const message = text.value.trimEnd().replace(/^\s*\n/, '');
    const reason = message === '' ? () => words.blank : say(message);
    if (reason) return error.show(reason);
    text.value = '';
    onInput();
  };
  const onKey = (event: KeyboardEvent) => {
    // 229: the key belongs to an input method. Safari says so only by this code, for it ends the composition first.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    if (isTouch() && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    // A key that is held sends once.
    if (!event.repeat) send();
  };
  const focus = () => text.focus();
  const prevent = (event: Event) => event.preventDefault();
  const sendButton = button(
    () => words.send,
    'send',
    () => {
      // A phone's keyboard composes every word. Leaving the field commits the composition with all its letters.
      if (composing) text.blur();
      focus();
      send();
    },
  );
  const form = element('form', { class: 'composer' }, role, text, sendButton, error.element);

  // The host page's keyboard shortcuts are not meant for those who write.
  form.onkeydown = form.onkeypress = form.onkeyup = event => event.stopPropagation();
  // Pressing the button must not move the focus: a phone would hide its keyboard.
  sendButton.onpointerdown = prevent;
  form.onsubmit = prevent;
  text.onkeydown = onKey;
  text.oninput = onInput;
  text.addEventListener('compositionstart', () => {
    composing = true;
  });
  text.addEventListener('compositionend', () => {
    composing = false;
  });
  return { element: form, focus, fail: error.show };
}
