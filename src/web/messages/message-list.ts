/**
 * The messages: history that is not read aloud, then a live log that is, then what is not stored yet. A little longer
 * than other files, for every way in which a row comes or goes has to leave groups, day lines and the place right.
 */
import type { Message } from '../../protocol/entries.ts';
import type { Person } from '../../protocol/frames.ts';
import { element } from '../browser/dom.ts';
import type { Outgoing } from '../client/client.ts';
import { type Authored, joins, sameDay } from './days.ts';
import { FrameQueue } from './frame-queue.ts';
import { dividerRow, messageRow, outgoingRow, type RowContext } from './message-row.ts';
import { ScrollAnchor } from './scroll-anchor.ts';
import { Unread } from './unread.ts';

/** Beyond so many rows the oldest go until {@link KEPT_ROWS} are left, unless someone is reading there. */
const MAX_ROWS = 500;
const KEPT_ROWS = 400;
/** More messages than this at once are announced as a number instead of being read aloud. */
export const MAX_SPOKEN = 5;
const OLDER_PX = 300;

/** What waits for the next animation frame. */
export type Change =
  | { readonly message: Message; readonly replayed: boolean; readonly counts: boolean }
  | { readonly missed: number | null }
  | { readonly sent: string };

export interface ListContext extends RowContext {
  /** Whether this person is the one at the page, in the present role. */
  isOwn(person: Person): boolean;
  /** Messages before `seq`, oldest first; none when there are no more. */
  history(seq: number): Promise<readonly Message[]>;
}

export class MessageList {
  readonly element: HTMLElement;
  readonly #context: ListContext;
  readonly #replayed = element('ol');
  readonly #live = element('ol');
  readonly #unsent = element('ol');
  readonly #lists = [this.#replayed, this.#live, this.#unsent];
  readonly #scroller: HTMLElement;
  readonly #announced = element('p', { role: 'status', class: 'unseen' });
  readonly #unread: Unread;
  readonly #anchor: ScrollAnchor;
  readonly #queue = new FrameQueue<Change>(changes => this.#apply(changes));
  readonly #authors = new WeakMap<Element, Authored>();
  #hasHistory = true;

  constructor(context: ListContext) {
    this.#context = context;
    const { words } = context;
    const content = element(
      'div',
      {},
      element('p', { class: 'quiet' }, words.quiet),
      this.#replayed,
      // Not the list itself, which would then be no list.
      element('div', { role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions' }, this.#live),
      this.#unsent,
    );
    this.#scroller = element(
      'div',
      { class: 'scroller', role: 'region', tabindex: '0', 'aria-label': words.messages },
      content,
    );
    this.#unread = new Unread(words, () => this.toEnd());
    this.#anchor = new ScrollAnchor(this.#scroller, content, () => this.#look());
    this.element = element('div', { class: 'messages' }, this.#scroller, this.#unread.pill, this.#announced);
  }

  /** A stored message, in the order of the log; `counts` where it would be new to someone who does not look. */
  add(message: Message, replayed: boolean, counts: boolean): void {
    this.#queue.add({ message, replayed, counts });
  }

  /** Messages that never came: how many, or `null` when nobody knows. */
  addMissed(missed: number | null): void {
    this.#queue.add({ missed });
  }

  /** What was said under `id` is stored: its row goes, in the frame in which the stored message comes. */
  sent(id: string): void {
    this.#queue.add({ sent: id });
  }

  /** Shows something said by `from`, or its new state. */
  show(item: Outgoing, from: string): void {
    const row = outgoingRow(item, from, this.#context);
    const shown = this.#find(item.id);
    if (shown) shown.replaceWith(row);
    else this.#unsent.append(row);
    this.#authors.set(row, { ...item, from });
    this.#group(row);
  }

  /** What was said under `id` is not to be shown any more. */
  discard(id: string): void {
    this.#find(id)?.remove();
    this.#groupUnsent();
  }

  /** Another log has begun: its numbers mean other messages than those shown. */
  reset(): void {
    this.#queue.flush();
    for (const [row] of this.#stored()) delete row.dataset.seq;
  }

  /** Looks again at whose message is whose, after a welcome or a change of role. */
  identify(): void {
    for (const [row, author] of this.#stored()) row.classList.toggle('own', this.#context.isOwn(author));
  }

  /** Goes to the newest message and follows what comes. */
  toEnd(): void {
    this.#anchor.toEnd();
    this.#look();
  }

  /** Takes the unread line away: its messages have been answered. */
  forgetUnread(): void {
    this.#unread.forget();
  }

  /** Leaves no timer, listener or observer behind. */
  dispose(): void {
    this.#queue.dispose();
    this.#anchor.dispose();
  }

  #apply(changes: readonly Change[]): void {
    if (isSelecting(this.#scroller)) this.#anchor.hold();
    const quiet = countQuiet(changes);
    // Rows that have been read aloud are history; moving them there is no addition to the log.
    if (quiet > 0) this.#replayed.append(...this.#live.children);
    this.#append(this.#replayed, changes.slice(0, quiet));
    this.#append(this.#live, changes.slice(quiet));
    const fresh = changes.filter(change => 'message' in change && change.counts).length;
    if (fresh > MAX_SPOKEN) this.#announced.textContent = this.#context.words.unread(fresh);
    this.#groupUnsent();
    if (this.#anchor.following) this.#trim();
    this.#anchor.restore();
    this.#look();
  }

  #append(list: HTMLElement, changes: readonly Change[]): void {
    const rows: HTMLElement[] = [];
    for (const change of changes) {
      if ('sent' in change) this.#find(change.sent)?.remove();
      else if ('missed' in change) rows.push(missedRow(change.missed, this.#context.words));
      else {
        const line = change.counts && !this.#isSeen() && !this.#context.isOwn(change.message) && this.#unread.add();
        if (line) rows.push(line);
        rows.push(this.#make(change.message));
      }
    }
    list.append(...rows);
    for (const row of rows) this.#group(row);
  }

  #make(message: Message): HTMLElement {
    const row = messageRow(message, this.#context.isOwn(message), this.#context);
    this.#authors.set(row, message);
    return row;
  }

  // Whether a row begins a group, and a day, hangs on the row before it; a line across the list belongs to the day.
  #group(row: Element): void {
    const previous = this.#before(row);
    const before = previous && this.#authors.get(previous);
    const author = this.#authors.get(row);
    if (!author?.user) {
      if (before) this.#authors.set(row, { from: '', user: '', at: before.at });
      return;
    }
    row.classList.toggle('first', !before || !joins(before, author));
    row.querySelector('.divider')?.remove();
    if (before && sameDay(before.at, author.at)) return;
    row.prepend(element('div', { class: 'divider' }, this.#context.days.day(author.at)));
  }

  #groupUnsent(): void {
    for (const row of this.#unsent.children) this.#group(row);
  }

  #before(row: Element): Element | null {
    if (row.previousElementSibling) return row.previousElementSibling;
    const place = this.#lists.findIndex(list => list.contains(row));
    return this.#lists.slice(0, place).findLast(list => list.lastElementChild)?.lastElementChild ?? null;
  }

  #trim(): void {
    const rows = [...this.#replayed.children, ...this.#live.children];
    if (rows.length <= MAX_ROWS) return;
    for (const row of rows.splice(0, rows.length - KEPT_ROWS)) row.remove();
    if (rows[0]) this.#group(rows[0]);
    this.#hasHistory = true;
  }

  #isSeen(): boolean {
    return this.#anchor.following && !document.hidden;
  }

  readonly #look = (): void => {
    if (this.#isSeen()) this.#unread.see();
    if (!this.#anchor.following && this.#hasHistory && this.#scroller.scrollTop < OLDER_PX) void this.#loadHistory();
  };

  async #loadHistory(): Promise<void> {
    const [first] = this.#stored();
    if (!first) return;
    this.#hasHistory = false;
    const [next] = first;
    const messages = await this.#context.history(Number(next.dataset.seq)).catch(() => undefined);
    // What could not be fetched may be another time; where there is nothing, there never will be.
    this.#hasHistory = messages?.length !== 0;
    if (!messages?.length || !next.isConnected || !next.dataset.seq) return;
    this.#anchor.hold();
    const rows = messages.map(message => this.#make(message));
    if (next.parentElement === this.#replayed) next.before(...rows);
    else this.#replayed.append(...rows);
    for (const row of [...rows, next]) this.#group(row);
    this.#anchor.restore();
    // Whoever is at the top still cannot scroll further, and would not be heard.
    this.#look();
  }

  #stored(): [HTMLElement, Authored][] {
    return [...this.element.querySelectorAll<HTMLElement>('[data-seq]')].flatMap(row => {
      const author = this.#authors.get(row);
      return author ? [[row, author]] : [];
    });
  }

  #find(id: string): Element | null {
    return this.#unsent.querySelector(`[data-id="${id}"]`);
  }
}

/** How many of the changes, from the first on, are not to be read aloud: a replay, or too much at once. */
export function countQuiet(changes: readonly Change[]): number {
  const quiet = 1 + changes.findLastIndex(change => 'missed' in change || ('replayed' in change && change.replayed));
  const spoken = changes.slice(quiet).filter(change => 'message' in change).length;
  return spoken > MAX_SPOKEN ? changes.length : quiet;
}

function missedRow(missed: number | null, words: RowContext['words']): HTMLElement {
  return dividerRow('missed', missed === null ? words.missedSome : words.missed(missed));
}

// Only Chromium has a selection of its own for each shadow root.
function isSelecting(within: Node): boolean {
  const root: Node & { getSelection?(): Selection | null } = within.getRootNode();
  const selection = root.getSelection?.() ?? document.getSelection();
  return !!selection && !selection.isCollapsed && within.contains(selection.anchorNode);
}
