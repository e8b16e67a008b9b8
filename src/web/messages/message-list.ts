/**
 * The list of messages, in three parts: replayed messages, which screen readers do not announce; live messages, which
 * they do; and outgoing messages, which are not stored yet. It is one file, because each way in which a row is added or
 * removed must keep groups, day dividers and the scroll position right.
 */
import type { Edited, Message } from '../../protocol/entries.ts';
import type { Person } from '../../protocol/frames.ts';
import { button, element, label, relabel } from '../browser/dom.ts';
import type { Outgoing } from '../client/client.ts';
import type createReadingBack from '../lazy/enhancements/reading-back.ts';
import type { ReadingBack } from '../lazy/enhancements/reading-back.ts';
import type createUnread from '../lazy/enhancements/unread.ts';
import type { Unread } from '../lazy/enhancements/unread.ts';
import { type Authored, joins, sameDay } from './days.ts';
import { createFrameQueue } from './frame-queue.ts';
import { dividerRow, messageRow, outgoingRow, type RowContext, textOf } from './message-row.ts';
import { createScrollAnchor, isNearEnd } from './scroll-anchor.ts';

/** With fewer rows, a list at its end may have room for older messages. */
const KEPT_ROWS = 400;
/** How often the list looks whether another day has begun. */
const DAY_CHECK_MS = 60_000;
/** If more messages than this come at once, screen readers announce their number and not their texts. */
export const MAX_SPOKEN = 5;
const OLDER_PX = 300;

/** A change of the list, made in the next animation frame. */
export type Change =
  /** A stored message, in the order of the log. If it `counts`, it is unread until it is seen. */
  | { readonly message: Message; readonly replayed: boolean; readonly counts: boolean }
  /** So many messages are missing here; `null` if their number is unknown. */
  | { readonly missed: number | null }
  /** The outgoing message with this id is stored: it goes in the frame in which the stored one comes. */
  | { readonly sent: string }
  /** A message has a new text, if it is in the list in an older form. */
  | { readonly changed: Edited }
  /** The messages with these `seq` go, if they are in the list. */
  | { readonly erased: readonly number[] };

export interface ListContext extends RowContext {
  /** Whether this is the user of this page, under whatever name. */
  isOwn(person: Pick<Person, 'from'>): boolean;
  /**
   * The messages before `seq`, oldest first; an empty list if there are none, `undefined` if they cannot be had now.
   */
  history(seq: number): Promise<readonly Message[] | undefined>;
}

export interface MessageList {
  readonly element: HTMLElement;
  /** Makes a change in the next animation frame, together with all others. */
  change(change: Change): void;
  /** Shows an outgoing message of `from`, or its new state. */
  show(item: Outgoing, from: string): void;
  /** Removes an outgoing message. */
  discard(id: string): void;
  /** The room has another log: a `seq` means another message from now on, so the rows shown lose theirs. */
  reset(): void;
  /** Marks anew which messages are the user's own, after a welcome. */
  identify(): void;
  /** Scrolls to the newest message, and follows new ones. */
  toEnd(): void;
  /** Counts unread messages from now on, and stays short while someone reads back, with the functions of a chunk. */
  enhance(countUnread: typeof createUnread, readBack: typeof createReadingBack): void;
  /** Scrolls back to where the reader was: moving an element on its page scrolls it to its top. */
  onMove(): void;
  /** Removes the unread divider: the user has answered. */
  forgetUnread(): void;
  /** Stops all timers, listeners and observers. */
  dispose(): void;
}

export function createMessageList(context: ListContext): MessageList {
  const { words, days, isOwn, history } = context;
  const replayed = element('ol');
  const live = element('ol');
  const unsent = element('ol');
  const quiet = element('p', { class: 'quiet' }, () => words.quiet);
  const content = element(
    'div',
    {},
    quiet,
    replayed,
    // The role is not set on the list itself: it would no longer be a list.
    element('div', { role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions' }, live),
    unsent,
  );
  const scroller = element('div', { class: 'scroller', role: 'region', tabindex: '0' }, content);
  label(scroller, () => {
    scroller.ariaLabel = words.messages;
  });
  const announced = element('p', { role: 'status', class: 'unseen' });
  const authors = new WeakMap<Element, Authored>();
  let hasHistory = true;
  let unread: Unread | undefined;
  let back: ReadingBack | undefined;

  const toEnd = () => {
    back?.rejoin();
    anchor.toEnd();
    look();
  };
  /** Whether the list is in view, on a page that may have scrolled it away or hidden it. */
  let inView = true;
  const isSeen = () => anchor.following && inView && !document.hidden && unread?.isVisible() !== false;
  const see = () => {
    if (isSeen()) unread?.see();
  };
  const look = () => {
    // Not in the styles: Firefox 140 does not notice that what `:has()` says has changed here.
    quiet.hidden = content.querySelector('li') !== null;
    back?.look();
    see();
    if (!inView || !hasHistory || scroller.scrollTop >= OLDER_PX) return;
    // In a large window the first page may leave room. An element that is as high as its list always has room.
    if (!anchor.following || stored().length < KEPT_ROWS) void loadHistory();
  };
  const anchor = createScrollAnchor(scroller, content, { moved: look });
  const views = new IntersectionObserver(entries => {
    for (const { isIntersecting } of entries) inView = isIntersecting;
    look();
  });
  views.observe(scroller);

  const stored = () => content.querySelectorAll<HTMLElement>('[data-seq]');
  const rowOf = (seq: number) => content.querySelector(`[data-seq="${seq}"]`);
  const unsentRow = (id: string) => unsent.querySelector(`[data-id="${id}"]`);

  const make = (message: Message) => {
    const row = messageRow(message, isOwn(message), context);
    authors.set(row, message);
    return row;
  };
  const before = (row: Element) => {
    const lists: (Element | null)[] = [replayed, live, unsent];
    const earlier = lists.slice(0, lists.indexOf(row.parentElement));
    return row.previousElementSibling ?? earlier.findLast(list => list?.lastElementChild)?.lastElementChild;
  };
  // Whether a row begins a group or a day depends on the row before it. A divider has the date of the row before it.
  const group = (row: Element) => {
    const previous = before(row);
    const earlier = previous && authors.get(previous);
    const author = authors.get(row);
    if (!author?.user) {
      if (earlier) authors.set(row, { from: '', user: '', at: earlier.at });
      return;
    }
    row.classList.toggle('first', !earlier || !joins(earlier, author));
    const divider = row.querySelector('.divider');
    // A divider that stays is not replaced: a screen reader would announce it again.
    if (earlier && sameDay(earlier.at, author.at)) divider?.remove();
    else if (!divider) {
      row.prepend(element('div', { class: 'divider' }, () => days.day(author.at)));
      showDays();
    }
  };
  const groupUnsent = () => {
    for (const row of unsent.children) group(row);
  };

  const append = (list: HTMLElement, changes: readonly Change[]) => {
    const rows: HTMLElement[] = [];
    for (const change of changes) {
      if ('sent' in change) unsentRow(change.sent)?.remove();
      else if ('missed' in change) rows.push(missedRow(change.missed, words));
      else if ('message' in change) {
        const line = change.counts && !isSeen() && !isOwn(change.message) && unread?.add(change.message.seq);
        if (line) rows.push(line);
        if (days.learn(change.message.at, !change.replayed)) showDays();
        rows.push(make(change.message));
      }
    }
    list.append(...rows);
    for (const row of rows) group(row);
  };
  // The row stays, and with it whatever is focused or selected around it.
  const revise = (change: Change) => {
    if ('changed' in change) {
      const { changed } = change;
      const row = rowOf(changed.of);
      const author = row && authors.get(row);
      if (!author || changed.seq <= (author.rev ?? 0)) return;
      authors.set(row, { ...author, rev: changed.seq });
      row.querySelector('.text')?.replaceWith(textOf(changed, words));
    } else if ('erased' in change) {
      for (const seq of change.erased) {
        rowOf(seq)?.remove();
        unread?.remove(seq);
      }
      for (const row of stored()) group(row);
    }
  };
  // What was today is yesterday after midnight.
  const showDays = () => {
    for (const divider of content.querySelectorAll('.divider')) relabel(divider);
  };
  const dayCheck = setInterval(showDays, DAY_CHECK_MS);
  const queue = createFrameQueue<Change>(changes => {
    back?.prepare();
    const silent = countQuiet(changes);
    const aside = back?.aside;
    // Live rows before these changes have been announced. Moving them out of the log announces nothing.
    const moves = silent > 0 && !aside && !back?.holds(live);
    if (moves) replayed.append(...live.children);
    append(aside ?? (moves ? replayed : live), changes.slice(0, silent));
    append(aside ?? live, changes.slice(silent));
    for (const change of changes) revise(change);
    const fresh = changes.filter(change => 'message' in change && change.counts).length;
    if (fresh > MAX_SPOKEN) announced.textContent = words.unread?.(fresh) ?? '';
    groupUnsent();
    if (anchor.following) back?.trim();
    anchor.restore();
    look();
  });

  const loadHistory = async () => {
    const [next] = stored();
    const seq = Number(next?.dataset.seq);
    if (!next || seq <= 1 || next.parentElement === back?.aside) return;
    hasHistory = false;
    const messages = await history(seq).catch(() => undefined);
    back?.prepare();
    // A failed request is made again at the next scroll. An empty answer is final.
    hasHistory = messages?.length !== 0;
    if (!messages?.length || !next.isConnected || !next.dataset.seq) return;
    const rows = messages.map(make);
    if (next.parentElement === replayed) next.before(...rows);
    else replayed.append(...rows);
    for (const row of [...rows, next]) group(row);
    anchor.restore();
    // A reader who is still at the top cannot scroll further up, so no event would ask for more.
    look();
  };

  const view = element('div', { class: 'messages', part: 'messages' }, scroller, announced);
  return {
    element: view,
    change: queue.add,
    show(item, from) {
      back?.prepare();
      const row = outgoingRow(item, from, context);
      const shown = unsentRow(item.id);
      if (shown) shown.replaceWith(row);
      else unsent.append(row);
      authors.set(row, { ...item, from });
      group(row);
      look();
    },
    discard(id) {
      unsentRow(id)?.remove();
      groupUnsent();
      look();
    },
    reset() {
      queue.flush();
      back?.reset();
      for (const row of stored()) delete row.dataset.seq;
    },
    identify() {
      for (const row of stored()) {
        const author = authors.get(row);
        if (author) row.classList.toggle('own', isOwn(author));
      }
    },
    toEnd,
    onMove: anchor.restore,
    enhance(countUnread, readBack) {
      if (unread) return;
      const missed = () => missedRow(null, words);
      const older = () => {
        hasHistory = true;
      };
      back = readBack({ scroller, replayed, live, anchor, history, make, missed, group, older, toEnd, isNearEnd });
      unread = countUnread({ words, list: scroller, press: toEnd, look: see, button, relabel, dividerRow });
      view.append(unread.pill);
    },
    forgetUnread: () => unread?.forget(),
    dispose() {
      unread?.see();
      clearInterval(dayCheck);
      unread?.see();
      views.disconnect();
      queue.dispose();
      anchor.dispose();
    },
  };
}

/** How many changes, from the first on, are not announced: a replay and everything before it, or too many at once. */
export function countQuiet(changes: readonly Change[]): number {
  const quiet = 1 + changes.findLastIndex(change => 'missed' in change || ('replayed' in change && change.replayed));
  const spoken = changes.slice(quiet).filter(change => 'message' in change).length;
  return spoken > MAX_SPOKEN ? changes.length : quiet;
}

function missedRow(missed: number | null, words: RowContext['words']): HTMLElement {
  return dividerRow('missed', () => (missed === null ? words.missedSome : words.missed?.(missed)));
}
