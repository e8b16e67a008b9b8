/**
 * Keeps the reader's scroll position: at the end while following it, and otherwise with the topmost visible row in its
 * place. Whatever scrolls the list elsewhere than this file did switches between the two: a gesture, a key, the scrollbar,
 * find in page, a script, the focus. When rows get other heights, the browser scrolls at most to the new end.
 */

/** A reader within this many pixels of the end follows it. */
export const FOLLOW_PX = 40;
export interface ScrollAnchor {
  /** Whether new messages scroll into view. */
  readonly following: boolean;
  /** The topmost visible row, while the end is not followed. */
  readonly row: Element | undefined;
  /** Takes note of where the list is scrolled to, before its content changes: the event may be still to come. */
  sync(): void;
  /** Scrolls to the end, and follows it. */
  toEnd(): void;
  /** Stops following the end: from now on the topmost visible row stays in its place. */
  hold(): void;
  /** Corrects the scroll position after a change of the content. */
  restore(): void;
  /** Stops observing sizes. The listener is on the scroller itself and needs no removal. */
  dispose(): void;
}

export interface ScrollAnchorOptions {
  /** Runs whenever the reader has scrolled, or sizes have changed. */
  moved(): void;
}

export function createScrollAnchor(
  scroller: HTMLElement,
  content: HTMLElement,
  { moved }: ScrollAnchorOptions,
): ScrollAnchor {
  let following = true;
  /** Where the list was scrolled to last. */
  let top = 0;
  let row: Element | undefined;
  let offset = 0;

  const offsetOf = (element: Element) => element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  // Finds the first row that reaches below the upper edge, by bisection.
  const remember = () => {
    const rows = content.querySelectorAll(':not([hidden])>li');
    const { top } = scroller.getBoundingClientRect();
    let low = 0;
    let high = rows.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) <= top) low = middle + 1;
      else high = middle;
    }
    row = rows[low];
    offset = row ? offsetOf(row) : 0;
  };
  const restore = () => {
    if (following) scroller.scrollTop = scroller.scrollHeight;
    else if (!row?.isConnected) remember();
    else {
      const shift = offsetOf(row) - offset;
      if (Math.abs(shift) > 0.5) scroller.scrollTop += shift;
    }
    top = scroller.scrollTop;
  };
  const sync = () => {
    const { scrollTop } = scroller;
    if (Math.abs(scrollTop - top) < 1) return;
    top = scrollTop;
    following = isNearEnd(scroller);
    if (!following) remember();
    moved();
  };
  scroller.onscroll = () => {
    sync();
    if (!following) remember();
  };
  const sizes = new ResizeObserver(() => {
    restore();
    moved();
  });
  sizes.observe(scroller);
  sizes.observe(content);

  return {
    get following() {
      return following;
    },
    get row() {
      return row;
    },
    sync,
    toEnd() {
      following = true;
      restore();
    },
    hold() {
      if (!following) return;
      following = false;
      remember();
    },
    restore,
    dispose: () => sizes.disconnect(),
  };
}

/** Whether an element is scrolled to within {@link FOLLOW_PX} of its end. */
export function isNearEnd(box: Pick<Element, 'scrollTop' | 'scrollHeight' | 'clientHeight'>): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight <= FOLLOW_PX;
}
