/**
 * Keeps the list short. While someone reads back in a busy room, rows far from what is read are taken out of it. Those at
 * the top are loaded again like any older message. Those at the bottom are kept aside in a hidden list, with everything
 * new, and come back when the reader does. If there are too many, the oldest of them are dropped, and loaded when the reader
 * comes to them.
 */
import type { Message } from '../../../protocol/entries.ts';
import type { ScrollAnchor } from '../../messages/scroll-anchor.ts';
import { focusedAround, selectionAround } from './focus.ts';
import { keepFocus } from './kept-focus.ts';
import { seqOf } from './rows.ts';

/** The rows of list and hidden list together, except for those of outgoing messages. */
const MAX_READING_ROWS = 1000;
/** How many rows the list has at most after a cut, so that what is selected or focused stays in it. */
const MAX_CUT_ROWS = 900;
/** Above this number the oldest rows of a list whose end is followed are removed, down to {@link KEPT_ROWS}. */
const MAX_ROWS = 500;
const KEPT_ROWS = 400;

/** How long a list may be. */
export interface ReadingLimits {
  /** List and hidden list together. */
  readonly rows: number;
  /** How many rows stay above and below the one that is read, if the list is cut. */
  readonly above: number;
  readonly below: number;
  /** How many stay then at most, so that what is selected or focused is among them. */
  readonly cut: number;
  /** So many rows stay aside, unless the list alone is too long. */
  readonly aside: number;
}
const LIMITS: ReadingLimits = { rows: MAX_READING_ROWS, above: 200, below: 400, cut: MAX_CUT_ROWS, aside: 200 };
const NEWER_PX = 300;
/** How many entries of the log are asked for at once; the relay answers with as many messages at most. */
const ENTRIES = 50;
/** So long after a request failed, none is made. */
const RETRY_MS = 1000;

export interface ReadingBackContext {
  readonly scroller: HTMLElement;
  readonly replayed: HTMLElement;
  readonly live: HTMLElement;
  readonly anchor: ScrollAnchor;
  /** The messages before `seq`, {@link ENTRIES} at most, oldest first; `undefined` if they cannot be had now. */
  history(seq: number): Promise<readonly Message[] | undefined>;
  make(message: Message): HTMLElement;
  /** A row that says that messages are missing. */
  missed(): HTMLElement;
  /** Puts a row into its group and day. */
  group(row: Element): void;
  /** Runs when there are older messages than those in the list. */
  older(): void;
  /** Scrolls to the newest message, and follows new ones. */
  toEnd(): void;
  isNearEnd(box: Element): boolean;
}

export interface ReadingBack {
  /** Where every new row belongs while the newest ones are kept aside. */
  readonly aside: HTMLElement | undefined;
  /**
   * To be called before the list changes: takes note of what has the focus and of a scroll whose event is still to come,
   * and stops following the end while something is selected.
   */
  prepare(): void;
  /** Whether something in `list` is selected or has the focus, and would not if it were moved. */
  holds(list: Element): boolean;
  /** Shortens a list whose end is followed. */
  trim(): void;
  /** Shortens the list if it is too long while someone reads back, and adds messages at its end if the reader has come there. */
  look(): void;
  /** Puts the rows aside back. If some before them have been dropped, they replace what is in the list. */
  rejoin(): void;
  /** The room has another log: what has been dropped cannot be had any more. */
  reset(): void;
}

/** What follows the list. */
interface Page {
  readonly messages: readonly Message[];
  /** The `seq` before which there is no other. */
  readonly before: number;
}

/** `limits` are for tests. */
export default function createReadingBack(context: ReadingBackContext, limits = LIMITS): ReadingBack {
  const { scroller, replayed, live, anchor, history, make, missed, group, older, toEnd, isNearEnd } = context;
  const aside = document.createElement('ol');
  aside.hidden = true;
  live.parentElement?.after(aside);
  let isCut = false;
  /** The newest message that is missing between the list and the rows aside; 0 if none is. */
  let dropped = 0;
  /** Whether messages of an earlier log are missing there, which cannot be loaded. */
  let lost = false;
  /** The divider of the unread messages, if it was dropped, and the first of them. */
  let line: Element | undefined;
  let lineSeq = 0;
  let loading = false;
  let failedAt = Number.NEGATIVE_INFINITY;

  const listRows = () => [...replayed.children, ...live.children];
  /** The `seq` of the newest message in the list. */
  const newest = () => seqOf(listRows().findLast(seqOf)) || 0;
  const drop = (row: Element) => {
    const seq = seqOf(row);
    if (seq) dropped = Math.max(dropped, seq);
    else if (row.matches('.message')) lost = true;
    else if (row.matches('.unread')) {
      line = row;
      lineSeq = seqOf(row.nextElementSibling);
    }
    row.remove();
  };
  /** Adds rows at the end of the list. Usually they are not announced. */
  const append = (rows: readonly Element[]) => {
    (live.childElementCount ? live : replayed).append(...rows);
    for (const row of rows) group(row);
  };
  const fillHole = () => {
    if (lost) append([missed()]);
    lost = false;
  };

  /** Where the selection begins and ends, if something is selected. */
  const selected = (): readonly (Node | null)[] => {
    const selection = selectionAround(scroller);
    return selection && !selection.isCollapsed ? [selection.anchorNode, selection.focusNode] : [];
  };
  const held = (rows: readonly Element[]) => {
    const nodes = [focusedAround(scroller), ...selected()];
    return rows.filter(row => nodes.some(node => node && row.contains(node)));
  };
  const focus = keepFocus(scroller);
  const prepare = () => {
    focus.note();
    anchor.sync();
    if (selected().some(node => scroller.contains(node))) anchor.hold();
  };
  const holds = (list: Element) => held([list]).length > 0;

  /** Returns whether rows have gone from the list. */
  const cut = () => {
    const rows = listRows();
    const excess = () => rows.length + aside.childElementCount - limits.rows;
    const shorten = (kept: number) => {
      while (excess() > 0 && aside.childElementCount > kept && aside.firstElementChild) drop(aside.firstElementChild);
    };
    shorten(limits.aside);
    if (excess() <= 0) return false;
    const read = anchor.row ? rows.indexOf(anchor.row) : -1;
    // Behind the stored messages there are only outgoing ones.
    const at = read < 0 ? rows.length - 1 : read;
    let first = Math.max(0, at - limits.above);
    let end = Math.min(rows.length, at + limits.below);
    for (const row of held(rows)) {
      const index = rows.indexOf(row);
      const [low, high] = [Math.min(first, index), Math.max(end, index + 1)];
      if (high - low <= limits.cut) [first, end] = [low, high];
    }
    // What is added at the end from now on is not read aloud.
    if (end < rows.length && !holds(live)) replayed.append(...live.children);
    const below = rows.splice(end);
    for (const row of rows.splice(0, first)) row.remove();
    if (below.length > 0) isCut = true;
    // Behind a hole, rows from before it would be in the wrong place.
    if (dropped) for (const row of below) drop(row);
    else aside.prepend(...below);
    shorten(0);
    if (first > 0) older();
    if (rows[0]) group(rows[0]);
    return true;
  };

  const rejoin = () => {
    if (!isCut) return;
    if (dropped) {
      // All that was aside has been erased: the way to the end is the one through the list.
      if (![...aside.children].some(seqOf)) return;
      replayed.replaceChildren();
      live.replaceChildren();
      lost = false;
      older();
    }
    fillHole();
    isCut = false;
    dropped = 0;
    line = undefined;
    append([...aside.children]);
  };

  /** The messages after `seq`, as many as can be had at once. */
  const findNext = async (seq: number): Promise<Page | undefined> => {
    let low = seq + 1;
    let step = ENTRIES;
    for (;;) {
      const before = Math.min(low + step, dropped + 1);
      const answer = await history(before);
      if (!answer) return undefined;
      const messages = answer.filter(message => message.seq > seq);
      // Entries that are no messages have a seq too, and the relay may have removed what was there.
      if (step > ENTRIES && messages.length > 0 && messages.length === answer.length) step = Math.ceil(step / 2);
      else if (messages.length > 0 || before > dropped) return { messages, before };
      else {
        low = before;
        step *= 2;
      }
    }
  };
  const add = ({ messages, before }: Page) => {
    fillHole();
    const rows = messages.map(make);
    append(rows);
    const unread = rows.find(row => seqOf(row) >= lineSeq);
    if (line && unread) {
      unread.before(line);
      group(line);
      group(unread);
      line = undefined;
    }
    if (before > dropped) dropped = 0;
  };
  const readOn = async () => {
    if (!dropped) {
      rejoin();
      if (isNearEnd(scroller)) toEnd();
      return;
    }
    if (loading || performance.now() < failedAt + RETRY_MS) return;
    loading = true;
    const seq = newest();
    const next = await findNext(seq).catch(() => undefined);
    if (!next) failedAt = performance.now();
    prepare();
    loading = false;
    if (!next || !isCut) return;
    // Meanwhile, the list may have got another end.
    if (newest() === seq) add(next);
    look();
  };
  const look = () => {
    focus.restore();
    if (!anchor.following && cut()) anchor.restore();
    if (!isCut) return;
    // What can be scrolled to is not the newest.
    anchor.hold();
    if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEWER_PX) void readOn();
  };
  scroller.addEventListener('keydown', ({ key, metaKey }) => {
    if (isCut && (key === 'End' || (metaKey && key === 'ArrowDown'))) toEnd();
  });

  return {
    get aside() {
      return isCut ? aside : undefined;
    },
    prepare,
    holds,
    look,
    trim() {
      const rows = listRows();
      if (rows.length <= MAX_ROWS) return;
      for (const row of rows.splice(0, rows.length - KEPT_ROWS)) row.remove();
      if (rows[0]) group(rows[0]);
      older();
    },
    rejoin,
    reset() {
      lost ||= dropped > 0;
      dropped = 0;
    },
  };
}
