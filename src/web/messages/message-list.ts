/**
 * The list of messages, in three parts: replayed messages, which screen readers do not announce; live messages, which
 * they do; and outgoing messages, which are not stored yet. It is one file, because each way in which a row is added or
 * removed must keep groups, day dividers and the scroll position right.
 */
import type { Edited, Message } from '../../protocol/entries.ts';
import type { Person } from '../../protocol/frames.ts';
import { element } from '../browser/dom.ts';
import type { Outgoing } from '../client/client.ts';
import { type Authored, joins, sameDay } from './days.ts';
import { FrameQueue } from './frame-queue.ts';
import { dividerRow, messageRow, outgoingRow, type RowContext, textOf } from './message-row.ts';
import { ScrollAnchor } from './scroll-anchor.ts';
import { Unread } from './unread.ts';

/** Above this number the oldest rows are removed, down to {@link KEPT_ROWS}, except while the reader is scrolled up. */
const MAX_ROWS = 500;
const KEPT_ROWS = 400;
/** If more messages than this come at once, screen readers announce their number and not their texts. */
export const MAX_SPOKEN = 5;
const OLDER_PX = 300;

/** A change that waits for the next animation frame. */
export type Change =
  | { readonly message: Message; readonly replayed: boolean; readonly counts: boolean }
  | { readonly missed: number | null }
  | { readonly sent: string }
  | { readonly changed: Edited }
  | { readonly erased: readonly number[] };

export interface ListContext extends RowContext {
  /** Whether this is the user of this page, under the present name. */
  isOwn(person: Person): boolean;
  /** The messages before `seq`, oldest first; an empty list if there are none. */
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
      // The role is not set on the list itself: it would no longer be a list.
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

  /** Adds a stored message, in the order of the log. If `counts`, it is unread until it is seen. */
  add(message: Message, replayed: boolean, counts: boolean): void {
    this.#queue.add({ message, replayed, counts });
  }

  /** Adds a note that messages are missing here: how many, or `null` if that is unknown. */
  addMissed(missed: number | null): void {
    this.#queue.add({ missed });
  }

  /** Removes an outgoing message that is stored now, in the same frame in which the stored message is added. */
  sent(id: string): void {
    this.#queue.add({ sent: id });
  }

  /** Shows the new text of a message, if it is in the list in an older form. */
  change(edit: Edited): void {
    this.#queue.add({ changed: edit });
  }

  /** Removes the messages with these `seq` that are in the list. */
  erase(seqs: readonly number[]): void {
    this.#queue.add({ erased: seqs });
  }

  /** Shows an outgoing message of `from`, or its new state. */
  show(item: Outgoing, from: string): void {
    const row = outgoingRow(item, from, this.#context);
    const shown = this.#find(item.id);
    if (shown) shown.replaceWith(row);
    else this.#unsent.append(row);
    this.#authors.set(row, { ...item, from });
    this.#group(row);
  }

  /** Removes an outgoing message. */
  discard(id: string): void {
    this.#find(id)?.remove();
    this.#groupUnsent();
  }

  /** The room has another log: a `seq` means another message from now on, so the rows shown lose theirs. */
  reset(): void {
    this.#queue.flush();
    for (const [row] of this.#stored()) delete row.dataset.seq;
  }

  /** Marks anew which messages are the user's own, after a welcome or a change of name. */
  identify(): void {
    for (const [row, author] of this.#stored()) row.classList.toggle('own', this.#context.isOwn(author));
  }

  /** Scrolls to the newest message, and follows new ones. */
  toEnd(): void {
    this.#anchor.toEnd();
    this.#look();
  }

  /** Removes the unread divider: the user has answered. */
  forgetUnread(): void {
    this.#unread.forget();
  }

  /** Stops all timers, listeners and observers. */
  dispose(): void {
    this.#queue.dispose();
    this.#anchor.dispose();
  }

  #apply(changes: readonly Change[]): void {
    if (isSelecting(this.#scroller)) this.#anchor.hold();
    const quiet = countQuiet(changes);
    // Live rows before these changes have been announced. Moving them out of the log announces nothing.
    if (quiet > 0) this.#replayed.append(...this.#live.children);
    this.#append(this.#replayed, changes.slice(0, quiet));
    this.#append(this.#live, changes.slice(quiet));
    for (const change of changes) this.#revise(change);
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
      else if ('message' in change) {
        const line = change.counts && !this.#isSeen() && !this.#context.isOwn(change.message) && this.#unread.add();
        if (line) rows.push(line);
        rows.push(this.#make(change.message));
      }
    }
    list.append(...rows);
    for (const row of rows) this.#group(row);
  }

  // The row stays, and with it whatever is focused or selected around it.
  #revise(change: Change): void {
    if ('changed' in change) {
      const { changed } = change;
      const row = this.#rowOf(changed.of);
      const author = row && this.#authors.get(row);
      if (!author || changed.seq <= (author.rev ?? 0)) return;
      this.#authors.set(row, { ...author, rev: changed.seq });
      row.querySelector('.text')?.replaceWith(textOf(changed, this.#context.words));
    } else if ('erased' in change) {
      for (const seq of change.erased) this.#rowOf(seq)?.remove();
      for (const [row] of this.#stored()) this.#group(row);
    }
  }

  #make(message: Message): HTMLElement {
    const row = messageRow(message, this.#context.isOwn(message), this.#context);
    this.#authors.set(row, message);
    return row;
  }

  // Whether a row begins a group or a day depends on the row before it. A divider has the date of the row before it.
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
    // A failed request is made again at the next scroll. An empty answer is final.
    this.#hasHistory = messages?.length !== 0;
    if (!messages?.length || !next.isConnected || !next.dataset.seq) return;
    this.#anchor.hold();
    const rows = messages.map(message => this.#make(message));
    if (next.parentElement === this.#replayed) next.before(...rows);
    else this.#replayed.append(...rows);
    for (const row of [...rows, next]) this.#group(row);
    this.#anchor.restore();
    // A reader who is still at the top cannot scroll further up, so no event would ask for more.
    this.#look();
  }

  #stored(): [HTMLElement, Authored][] {
    return [...this.element.querySelectorAll<HTMLElement>('[data-seq]')].flatMap(row => {
      const author = this.#authors.get(row);
      return author ? [[row, author]] : [];
    });
  }

  #rowOf(seq: number): Element | null {
    return this.element.querySelector(`[data-seq="${seq}"]`);
  }

  #find(id: string): Element | null {
    return this.#unsent.querySelector(`[data-id="${id}"]`);
  }
}

/** How many changes, from the first on, are not announced: a replay and everything before it, or too many at once. */
export function countQuiet(changes: readonly Change[]): number {
  const quiet = 1 + changes.findLastIndex(change => 'missed' in change || ('replayed' in change && change.replayed));
  const spoken = changes.slice(quiet).filter(change => 'message' in change).length;
  return spoken > MAX_SPOKEN ? changes.length : quiet;
}

function missedRow(missed: number | null, words: RowContext['words']): HTMLElement {
  return dividerRow('missed', missed === null ? words.missedSome : words.missed(missed));
}

// Chromium has a selection for each shadow root; other browsers have one for the document.
function isSelecting(within: Node): boolean {
  const root: Node & { getSelection?(): Selection | null } = within.getRootNode();
  const selection = root.getSelection?.() ?? document.getSelection();
  return !!selection && !selection.isCollapsed && within.contains(selection.anchorNode);
}
