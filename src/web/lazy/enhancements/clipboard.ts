/** Copies a text to the clipboard and says so. */
import type { element } from '../../browser/dom.ts';
import type { Words } from '../../i18n/languages.ts';
import { focusedAround } from './focus.ts';

export interface CopyContext {
  readonly words: Words;
  /** Where it is said. */
  readonly list: HTMLElement;
  readonly element: typeof element;
}

/** Copies a text, and says whether that was possible. To be called while a press is handled. */
export type Copy = (text: string) => Promise<void>;

export function createCopy({ words, list, element }: CopyContext): Copy {
  const done = element('p', { class: 'done', role: 'status' });
  list.append(done);
  done.addEventListener('animationend', () => {
    done.textContent = '';
  });
  return async text => {
    const isCopied = await write(text, list, element);
    // The animation begins anew.
    list.append(done);
    done.textContent = (isCopied ? words.copied : words.notCopied) ?? '';
  };
}

async function write(text: string, list: Element, make: typeof element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {}
  // Without HTTPS there is no other way, nor in a frame that may not use the clipboard.
  const focused = focusedAround(list);
  const field = make('textarea', { class: 'copied', readonly: '' });
  field.value = text;
  list.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
