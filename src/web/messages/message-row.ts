/** One row of the message list: a message, or what is not known to be stored yet, or a line between them. */
import type { Message } from '../../protocol/entries.ts';

import { button, element } from '../browser/dom.ts';
import type { Outgoing } from '../client/client.ts';
import type { Words } from '../i18n/languages.ts';
import { makeAvatar } from '../people/avatar.ts';
import type { Authored, Days } from './days.ts';
import { splitLinks } from './links.ts';

/** What a row needs besides the message: the language, and what the buttons under an unsent one do. */
export interface RowContext {
  readonly words: Words;
  readonly days: Days;
  resend(id: string): void;
  discard(id: string): void;
}

/** A stored message, findable by its `data-seq`. */
export function messageRow(message: Message, own: boolean, { days }: RowContext): HTMLLIElement {
  const row = makeRow(message, message.message, own, days);
  row.dataset.seq = `${message.seq}`;
  return row;
}

/** Something said that is not known to be stored, findable by its `data-id`, with its state and what to do about it. */
export function outgoingRow(item: Outgoing, from: string, { words, days, resend, discard }: RowContext): HTMLLIElement {
  const row = makeRow({ ...item, from }, item.message, true, days);
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

/** A line across the list with `text` in it. */
export function dividerRow(kind: 'missed' | 'unread', text: string): HTMLLIElement {
  return element('li', { class: `divider ${kind}` }, text);
}

/** What the note under an unsent message says. */
export function outgoingWords({ state, code }: Outgoing, words: Words): string {
  return state === 'failed' ? words.failed(refusalWords(code ?? 'unavailable', words)) : words[state];
}

/** Why the relay refused something; one of tomorrow may have reasons of its own. */
export function refusalWords(code: NonNullable<Outgoing['code']>, words: Words): string {
  return words[code] ?? code;
}

function makeRow(author: Authored, message: string, own: boolean, days: Days): HTMLLIElement {
  const time = element('time', { datetime: new Date(author.at).toISOString() }, days.time(author.at));
  const text = element('div', { class: 'text', dir: 'auto' });
  for (const part of splitLinks(message)) text.append(part.href === undefined ? part.text : link(part.href, part.text));
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
