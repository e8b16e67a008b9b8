/** Makes the rows of the message list: stored messages, outgoing messages, and dividers. */
import type { Message } from '../../protocol/entries.ts';

import { button, element } from '../browser/dom.ts';
import type { Outgoing } from '../client/client.ts';
import type { Words } from '../i18n/languages.ts';
import { makeAvatar } from '../people/avatar.ts';
import type { Authored, Days } from './days.ts';
import { splitLinks } from './links.ts';

/** Everything a row needs besides its message. */
export interface RowContext {
  readonly words: Words;
  readonly days: Days;
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
  const parts = splitLinks(message).map(({ text, href }) => (href === undefined ? text : link(href, text)));
  const text = element('div', { class: 'text', dir: 'auto' }, ...parts);
  if (edited !== undefined) text.append(' ', element('small', {}, words.edited));
  return text;
}

/** The row of an outgoing message, with `data-id`, `data-state`, a note that says its state, and buttons. */
export function outgoingRow(item: Outgoing, from: string, { words, days, resend, discard }: RowContext): HTMLLIElement {
  const row = makeRow({ ...item, from }, textOf(item, words), true, days);
  row.dataset.id = item.id;
  row.dataset.state = item.state;
  const note = element('div', { class: 'note' }, outgoingWords(item, words));
  if (item.state !== 'pending') {
    note.append(
      button(words.retry, 'link', () => resend(item.id)),
      button(words.discard, 'link', () => discard(item.id)),
    );
  }
  row.append(note);
  return row;
}

/** A divider across the list, with `text` in it. */
export function dividerRow(kind: 'missed' | 'unread', text: string): HTMLLIElement {
  return element('li', { class: `divider ${kind}` }, text);
}

/** The note below an outgoing message. */
export function outgoingWords({ state, code }: Outgoing, words: Words): string {
  return state === 'failed' ? words.failed(refusalWords(code ?? 'unavailable', words)) : words[state];
}

/** Why the relay refused something, in words; a code without words, such as one of a newer relay, is shown itself. */
export function refusalWords(code: NonNullable<Outgoing['code']>, words: Words): string {
  const reasons: { readonly [known in typeof code]?: string } = words;
  return reasons[code] ?? code;
}

function makeRow(author: Authored, text: HTMLElement, own: boolean, days: Days): HTMLLIElement {
  const time = element('time', { datetime: new Date(author.at).toISOString() }, days.time(author.at));
  return element(
    'li',
    { class: own ? 'message own' : 'message' },
    element('div', { class: 'head' }, makeAvatar(author, false), element('bdi', {}, author.user), ' ', time),
    text,
  );
}

function link(href: string, text: string): HTMLAnchorElement {
  return element('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow ugc' }, text);
}
