/** Makes the rows of the message list: stored messages, outgoing messages, and dividers. */
import type { Message } from '../../protocol/entries.ts';
import { loadChunk } from '../browser/chunk.ts';
import { button, element, type Label } from '../browser/dom.ts';
import type { Outgoing } from '../client/client.ts';
import type { Words } from '../i18n/languages.ts';
import type addLinks from '../lazy/links.ts';
import links from '../lazy/links.ts?chunk';
import { makeAvatar, paint } from '../people/avatar.ts';
import type { Authored, Days } from './days.ts';

/** Everything a row needs besides its message. */
export interface RowContext {
  readonly words: Words;
  readonly days: Days;
  /** Whether pending messages are being sent; otherwise they wait for a connection. */
  isConnected(): boolean;
  /** The buttons below an outgoing message that was not sent. */
  resend(id: string): void;
  discard(id: string): void;
}

/** The row of a stored message; it has its `seq` in `data-seq`. */
export function messageRow(message: Message, own: boolean, { words, days }: RowContext): HTMLLIElement {
  const row = makeRow(message, textOf(message, words), own, days);
  row.dataset.seq = `${message.seq}`;
  return row;
}

/** The text of a message, and a mark if it has been edited. */
export function textOf({ message, edited }: { message: string; edited?: number }, words: Words): HTMLElement {
  const content = document.createTextNode(message);
  const text = element('div', { class: 'text', part: 'text', dir: 'auto' }, content);
  if (message.includes('://')) {
    // Without the chunk, the text is whole all the same.
    loadChunk<typeof addLinks>(links)
      .then(add => add(content, element))
      .catch(() => {});
  }
  if (edited !== undefined)
    text.append(
      ' ',
      element('small', {}, () => words.edited),
    );
  return text;
}

/** The row of an outgoing message, with `data-id`, `data-state`, a note that says its state, and buttons. */
export function outgoingRow(item: Outgoing, from: string, context: RowContext): HTMLLIElement {
  const { words, days, isConnected, resend, discard } = context;
  const row = makeRow({ ...item, from }, textOf(item, words), true, days);
  row.dataset.id = item.id;
  row.dataset.state = item.state;
  const note = element(
    'div',
    { class: 'note' },
    element('span', {}, () => outgoingWords(item, words, isConnected())),
  );
  if (item.state !== 'pending') {
    note.append(
      button(
        () => words.retry,
        'link',
        () => resend(item.id),
      ),
      button(
        () => words.discard,
        'link',
        () => discard(item.id),
      ),
    );
  }
  row.append(note);
  return row;
}

/** A divider across the list, labelled with `text`. */
export function dividerRow(kind: 'missed' | 'unread', text: Label): HTMLLIElement {
  return element('li', { class: `divider ${kind}` }, text);
}

/** The note below an outgoing message. */
export function outgoingWords({ state, code }: Outgoing, words: Words, isConnected = true): string | undefined {
  if (state === 'pending' && !isConnected) return words.queued;
  return state === 'failed' ? words.failed?.(refusalWords(code ?? 'unavailable', words)) : words[state];
}

/** Why the relay refused something, in words; a code without words, such as one of a newer relay, is shown itself. */
export function refusalWords(code: NonNullable<Outgoing['code']>, words: Words): string {
  const reasons: { readonly [known in typeof code]?: string } = words;
  return reasons[code] ?? code;
}

function makeRow(author: Authored, text: HTMLElement, own: boolean, days: Days): HTMLLIElement {
  const time = element('time', { datetime: new Date(author.at).toISOString() }, () => days.time(author.at));
  const head = element('div', { class: 'head' }, makeAvatar(author), element('bdi', {}, author.user), ' ', time);
  paint(head, author.from);
  return element('li', { class: own ? 'message own' : 'message' }, head, text);
}
