/**
 * The messages: history that is not read aloud, then a live log that is, then what is not stored yet. Frames gather and
 * are shown once per animation frame; the reader's place is kept. A file of some length, for every way in which a row
 * comes or goes has to leave groups, day lines, the unread line and the place right.
 */
import type { Message } from '../protocol.ts';
import { type Authored, joins, sameDay } from './days.ts';
import { button, element } from './dom.ts';
import type { Outgoing } from './line.ts';
import { dividerRow, messageRow, outgoingRow, type RowContext } from './message-row.ts';
import { Place } from './place.ts';

/** Beyond so many rows, the oldest go until {@link KEPT_ROWS} are left, unless someone is reading there. */
export const MAX_ROWS = 500;
export const KEPT_ROWS = 400;
/** More messages than this at once are announced as a number instead of being read aloud. */
export const MAX_SPOKEN = 5;
const HIDDEN_FLUSH_MS = 1000;
const OLDER_PX = 300;

/** What waits for the next animation frame. */
type Change =
  | { readonly type: 'message'; readonly message: Message; readonly replayed: boolean; readonly counts: boolean }
  | { readonly type: 'missed'; readonly count: number | null }
  | { readonly type: 'sent'; readonly id: string };

export interface ListContext extends RowContext {
  /** Whether this person is the one at the page, in the present role. */
  isOwn(person: { from: string; user: string }): boolean;
  /** One's own public id. */
  you(): string;
  /** Wanted: messages before `seq`, oldest first; fewer than asked for when there are no more. */
  older(seq: number): Promise<readonly Message[]>;
}

export class MessageList {
  readonly element: HTMLElement;
  readonly #context: ListContext;
  readonly #history = element('ol', { class: 'history' });
  readonly #live = element('ol', { role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions' });
  readonly #unsent = element('ol', { class: 'unsent' });
  readonly #scroller: HTMLElement;
  readonly #announced = element('p', { role: 'status', class: 'unseen' });
  readonly #pill: HTMLButtonElement;
  readonly #place: Place;
  readonly #authors = new WeakMap<Element, Authored>();
  #queue: Change[] = [];
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tail: Element | undefined;
  #unread: HTMLElement | undefined;
  #unreadCount = 0;
  #older: 'some' | 'asked' | 'none' = 'some';

  constructor(context: ListContext) {
    this.#context = context;
    const { words } = context;
    const content = element(
      'div',
      { class: 'content' },
      element('p', { class: 'quiet' }, words.quiet),
      this.#history,
      this.#live,
      this.#unsent,
    );
    this.#scroller = element(
      'div',
      { class: 'scroller', role: 'region', tabindex: '0', 'aria-label': words.messages },
      content,
    );
    this.#pill = button('', 'pill', () => this.toEnd());
    this.#pill.hidden = true;
    this.element = element('div', { class: 'messages' }, this.#scroller, this.#pill, this.#announced);
    this.#place = new Place(this.#scroller, content, () => this.#moved());
    document.addEventListener('visibilitychange', this.#visibility);
  }

  /** A stored message, in the order of the log; `counts` where it would be new to someone who does not look. */
  add(message: Message, replayed: boolean, counts: boolean): void {
    this.#enqueue({ type: 'message', message, replayed, counts });
  }

  /** Messages that never came: how many, or `null` when nobody knows. */
  addMissed(count: number | null): void {
    this.#enqueue({ type: 'missed', count });
  }

  /** What was said under `id` is stored: its row goes, in the frame in which the stored message comes. */
  sent(id: string): void {
    this.#enqueue({ type: 'sent', id });
  }

  /** Shows something said, or its new state. */
  show(item: Outgoing): void {
    const row = outgoingRow(item, this.#context.you(), this.#context);
    this.#authors.set(row, { ...item, from: this.#context.you() });
    const shown = this.#find(item.id);
    if (shown) shown.replaceWith(row);
    else this.#unsent.append(row);
    this.#group(row);
  }

  /** What was said under `id` is not to be shown any more. */
  discard(id: string): void {
    this.#find(id)?.remove();
    this.#groupUnsent();
  }

  /** Another log has begun: its numbers mean other messages than those shown. */
  reset(): void {
    this.#flush();
    for (const row of this.element.querySelectorAll<HTMLElement>('[data-seq]')) delete row.dataset.seq;
    this.#older = 'none';
  }

  /** Looks again at whose message is whose, after a welcome or a change of role. */
  identify(): void {
    for (const row of this.element.querySelectorAll('[data-seq]')) {
      const author = this.#authors.get(row);
      if (author) row.classList.toggle('own', this.#context.isOwn(author));
    }
    for (const row of this.#unsent.children) {
      const author = this.#authors.get(row);
      if (author) this.#authors.set(row, { ...author, from: this.#context.you() });
    }
    this.#groupUnsent();
  }

  /** Goes to the newest message and follows what comes. */
  toEnd(): void {
    this.#place.toEnd();
    this.#moved();
  }

  /** Takes the unread line away: its messages have been answered. */
  forgetUnread(): void {
    this.#unread?.remove();
    this.#unread = undefined;
    this.#unreadCount = 0;
  }

  /** Leaves no timer, listener or observer behind. */
  dispose(): void {
    document.removeEventListener('visibilitychange', this.#visibility);
    this.#unschedule();
    this.#place.dispose();
  }

  #enqueue(change: Change): void {
    this.#queue.push(change);
    if (this.#frame !== 0 || this.#timer !== undefined) return;
    if (document.hidden) this.#timer = setTimeout(() => this.#flush(), HIDDEN_FLUSH_MS);
    else this.#frame = requestAnimationFrame(() => this.#flush());
  }

  #unschedule(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = 0;
    this.#timer = undefined;
  }

  readonly #visibility = (): void => {
    this.#flush();
    this.#moved();
  };

  #flush(): void {
    this.#unschedule();
    const changes = this.#queue;
    if (changes.length === 0) return;
    this.#queue = [];
    if (this.#place.stuck && isSelecting(this.#scroller)) this.#place.hold();

    const quiet = quietChanges(changes);
    if (quiet > 0) this.#settle();
    this.#history.append(this.#build(changes.slice(0, quiet)));
    this.#live.append(this.#build(changes.slice(quiet), 'none'));
    const count = changes.filter(change => change.type === 'message' && change.counts).length;
    if (count > MAX_SPOKEN) this.#announced.textContent = this.#context.words.unread(count);

    this.#groupUnsent();
    if (this.#place.stuck) this.#trim();
    this.#place.restore();
    this.#moved();
  }

  // Rows that have been read aloud are history; moving them there is not an addition to the log.
  #settle(): void {
    for (const row of this.#live.children) row.removeAttribute('role');
    this.#history.append(...this.#live.children);
  }

  #build(changes: readonly Change[], role?: string): DocumentFragment {
    const fragment = document.createDocumentFragment();
    const add = (row: HTMLElement): void => {
      if (role !== undefined) row.setAttribute('role', role);
      fragment.append(row);
    };
    for (const change of changes) {
      if (change.type === 'sent') this.#find(change.id)?.remove();
      else if (change.type === 'missed') add(this.#missedRow(change.count));
      else this.#addMessage(change.message, change.counts, add);
    }
    return fragment;
  }

  #addMessage(message: Message, counts: boolean, add: (row: HTMLElement) => void): void {
    const { days } = this.#context;
    const own = this.#context.isOwn(message);
    const last = this.#tail && this.#authors.get(this.#tail);
    if (!last || !sameDay(last.at, message.at)) add(this.#dayRow(message.at, days.day(message.at)));
    const line = counts && !own ? this.#countUnread() : undefined;
    if (line) add(line);
    const row = messageRow(message, own, this.#context);
    this.#authors.set(row, message);
    row.classList.toggle('first', !last || !!line || !joins(last, message));
    this.#tail = row;
    add(row);
  }

  #dayRow(at: number, text: string): HTMLElement {
    const row = dividerRow('day', text);
    row.dataset.day = new Date(at).toDateString();
    return row;
  }

  #missedRow(count: number | null): HTMLElement {
    const { words } = this.#context;
    this.#tail = undefined;
    return dividerRow('missed', count === null ? words.missedSome : words.missed(count));
  }

  // Counts a message that is not being seen; the first of them gets the unread line before it.
  #countUnread(): HTMLElement | undefined {
    if (this.#place.stuck && !document.hidden) return undefined;
    const begins = this.#unreadCount++ === 0;
    if (begins) {
      this.#unread?.remove();
      this.#unread = dividerRow('unread', '');
    }
    const text = this.#context.words.unread(this.#unreadCount);
    this.#unread?.firstElementChild?.replaceChildren(text);
    return begins ? this.#unread : undefined;
  }

  #moved(): void {
    if (this.#place.stuck && !document.hidden) this.#unreadCount = 0;
    this.#pill.hidden = this.#place.stuck || this.#unreadCount === 0;
    this.#pill.textContent = this.#context.words.unread(this.#unreadCount);
    if (!this.#place.stuck && this.#scroller.scrollTop < OLDER_PX) void this.#askOlder();
  }

  async #askOlder(): Promise<void> {
    const first = this.#history.querySelector<HTMLElement>('[data-seq]');
    if (this.#older !== 'some' || !first) return;
    this.#older = 'asked';
    const messages = await this.#context.older(Number(first.dataset.seq)).catch(() => []);
    this.#older = messages.length > 0 ? 'some' : 'none';
    if (!first.isConnected || first.dataset.seq === undefined) return;
    this.#prepend(messages);
  }

  #prepend(messages: readonly Message[]): void {
    const oldest = this.#history.firstElementChild;
    const tail = this.#tail;
    this.#tail = undefined;
    const rows = document.createDocumentFragment();
    for (const message of messages) this.#addMessage(message, false, row => rows.append(row));
    const last = rows.lastElementChild;
    this.#tail = tail;
    if (!last || !oldest) return;
    this.#place.hold();
    const next = this.#history.querySelector('[data-seq]');
    const [before, after] = [this.#authors.get(last), next && this.#authors.get(next)];
    if (oldest instanceof HTMLElement && before && oldest.dataset.day === new Date(before.at).toDateString()) {
      oldest.remove();
      if (next && after) next.classList.toggle('first', !joins(before, after));
    }
    this.#history.prepend(rows);
    this.#place.restore();
  }

  #trim(): void {
    const rows = [...this.#history.children, ...this.#live.children];
    if (rows.length <= MAX_ROWS) return;
    const [gone, kept] = [rows.slice(0, -KEPT_ROWS), rows.slice(-KEPT_ROWS)];
    for (const row of gone) row.remove();
    const first = kept.find(row => this.#authors.has(row));
    const author = first && this.#authors.get(first);
    if (!author) return;
    first.classList.add('first');
    if (first === kept[0]) this.#history.prepend(this.#dayRow(author.at, this.#context.days.day(author.at)));
    if (this.#older === 'none') this.#older = 'some';
  }

  #find(id: string): HTMLElement | undefined {
    for (const row of this.#unsent.children) if (row instanceof HTMLElement && row.dataset.id === id) return row;
    return undefined;
  }

  #groupUnsent(): void {
    for (const row of this.#unsent.children) this.#group(row);
  }

  #group(row: Element): void {
    const previous = row.previousElementSibling ?? this.#tail;
    const [before, after] = [previous && this.#authors.get(previous), this.#authors.get(row)];
    row.classList.toggle('first', !before || !after || !joins(before, after));
  }
}

/** How many of the changes, from the first on, are not to be read aloud: a replay, or too much at once. */
export function quietChanges(changes: readonly { readonly type: string; readonly replayed?: boolean }[]): number {
  const spoken = changes.length - 1 - changes.findLastIndex(change => change.type === 'missed' || change.replayed);
  const messages = changes.slice(changes.length - spoken).filter(change => change.type === 'message');
  return messages.length > MAX_SPOKEN ? changes.length : changes.length - spoken;
}

// Only Chromium has a selection of its own for each shadow root.
function isSelecting(within: Node): boolean {
  const root: Node & { getSelection?(): Selection | null } = within.getRootNode();
  const selection = root.getSelection?.() ?? document.getSelection();
  return selection !== null && !selection.isCollapsed && within.contains(selection.anchorNode);
}
