/** A message list on a page with a layout. The test plays the client and the relay, and reads what the user sees. */
import type { Message } from '../../src/protocol/entries.ts';
import type { Outgoing } from '../../src/web/client/client.ts';
import createReadingBack, { type ReadingLimits } from '../../src/web/lazy/enhancements/reading-back.ts';
import createUnread from '../../src/web/lazy/enhancements/unread.ts';
import { createDays } from '../../src/web/messages/days.ts';
import { createMessageList, type MessageList } from '../../src/web/messages/message-list.ts';
import type { Dom } from './dom.ts';
import { Layout } from './layout.ts';
import { en } from './words.ts';

/** Noon in the local time zone, so that a test crosses midnight only if it wants to. */
export const NOON = new Date(2026, 2, 1, 12, 0).getTime();

interface Request {
  resolve(messages: readonly Message[]): void;
  reject(error: Error): void;
}

export class ListRig {
  readonly dom: Dom;
  readonly list: MessageList;
  readonly layout: Layout;
  /** The `from` and name of the user. */
  me = { from: 'me', user: 'Ann' };
  /** For each request for older messages, the `seq` before which they were requested. */
  readonly asked: number[] = [];
  readonly resent: string[] = [];
  readonly discarded: string[] = [];
  connected = true;
  readonly #requests: Request[] = [];

  constructor(dom: Dom, now: () => number = () => NOON, limits?: ReadingLimits) {
    this.dom = dom;
    this.list = createMessageList({
      words: en,
      days: createDays(en, now),
      isOwn: ({ from }) => from === this.me.from,
      history: seq => {
        this.asked.push(seq);
        return new Promise((resolve, reject) => this.#requests.push({ resolve, reject }));
      },
      isConnected: () => this.connected,
      resend: id => this.resent.push(id),
      discard: id => this.discarded.push(id),
    });
    this.list.enhance(createUnread, context => createReadingBack(context, limits));
    document.body.replaceChildren(this.list.element);
    this.layout = new Layout(dom, this.scroller);
  }

  get scroller(): HTMLElement {
    return this.one('[role=region]');
  }

  /** The live region, which a screen reader reads aloud. */
  get log(): HTMLElement {
    return this.one('[role=log]');
  }

  get pill(): HTMLElement {
    return this.one('.pill');
  }

  /** The element that `selector` finds in the list. */
  one(selector: string): HTMLElement {
    const found = this.list.element.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`there is no ${selector}`);
    return found;
  }

  /** Adds a page of messages, and lets an animation frame pass. */
  page(...messages: readonly Message[]): void {
    for (const message of messages) this.list.change({ message, replayed: true, counts: false });
    this.dom.frame();
  }

  live(...messages: readonly Message[]): void {
    for (const message of messages) this.list.change({ message, replayed: false, counts: true });
    this.dom.frame();
  }

  /** How many requests for older messages have no answer yet. */
  get waiting(): number {
    return this.#requests.length;
  }

  /** Answers the oldest request for older messages; `undefined` makes it fail. */
  async answer(messages: readonly Message[] | undefined): Promise<void> {
    const request = this.#requests.shift();
    if (!request) throw new Error('no older messages were requested');
    if (messages) request.resolve(messages);
    else request.reject(new Error('offline'));
    // The list gets the answer after some microtasks, which all run before this resolves.
    await new Promise(resolve => setImmediate(resolve));
  }

  /** The rows from the top, as {@link describe} formats them. */
  get rows(): string[] {
    return [...this.scroller.querySelectorAll<HTMLElement>(':not([hidden]) > li')].map(describe);
  }

  /** The texts of the rows. */
  get texts(): string[] {
    return [...this.scroller.querySelectorAll(':not([hidden]) > li > .text')].map(text => text.textContent);
  }
}

/**
 * `[day] Ann: text` for a row with a head and a day line; `text` for one in a group; `-- text` for a line of its own.
 */
function describe(row: HTMLElement): string {
  if (row.classList.contains('divider')) return `-- ${row.textContent}`;
  const day = row.querySelector('.divider')?.textContent;
  const user = row.classList.contains('first') ? `${row.querySelector('bdi')?.textContent}: ` : '';
  const own = row.classList.contains('own') ? '> ' : '';
  return `${day ? `[${day}] ` : ''}${own}${user}${row.querySelector('.text')?.textContent}`;
}

/** A message from someone else, at noon. Its text is its seq. */
export function message(seq: number, more: Partial<Message> = {}): Message {
  return { type: 'normal', seq, id: `id-${seq}`, from: 'b', user: 'Bob', message: `${seq}`, at: NOON, ...more };
}

/** Consecutive messages. */
export function messages(first: number, last: number, more: Partial<Message> = {}): Message[] {
  return Array.from({ length: last - first + 1 }, (_, index) => message(first + index, more));
}

export function outgoing(id: string, more: Partial<Outgoing> = {}): Outgoing {
  return { id, message: id, user: 'Ann', at: NOON, state: 'pending', ...more };
}
