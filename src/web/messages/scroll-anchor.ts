/**
 * Keeps the reader's scroll position: at the end while following it, and otherwise with the topmost visible row in its
 * place. Only a gesture of the reader switches between the two, because a browser also scrolls by itself, when rows get
 * their real heights.
 */

/** A reader within this many pixels of the end follows it. */
export const FOLLOW_PX = 40;
// How long scrolling goes on by itself after a turn of the wheel or a move of a finger, between two scroll events.
const GESTURE_MS = 250;
const GESTURES = ['wheel', 'touchmove', 'keydown', 'pointerdown'];

export interface ScrollAnchor {
  /** Whether new messages scroll into view. */
  readonly following: boolean;
  /** Scrolls to the end, and follows it. */
  toEnd(): void;
  /** Stops following the end: from now on the topmost visible row stays in its place. */
  hold(): void;
  /** Corrects the scroll position after a change of the content. */
  restore(): void;
  /** Stops observing sizes. The listeners are on the scroller itself and need no removal. */
  dispose(): void;
}

export interface ScrollAnchorOptions {
  /** Runs whenever the reader has scrolled. */
  moved(): void;
}

export function createScrollAnchor(
  scroller: HTMLElement,
  content: HTMLElement,
  { moved }: ScrollAnchorOptions,
): ScrollAnchor {
  let following = true;
  let gestureAt = -GESTURE_MS;
  /** Whether the scrollbar is pressed. */
  let held = false;
  let row: Element | undefined;
  let offset = 0;

  const offsetOf = (element: Element) => element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  // Finds the first row that reaches below the upper edge, by bisection.
  const remember = () => {
    const rows = content.querySelectorAll('li');
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
    if (following) {
      scroller.scrollTop = scroller.scrollHeight;
      return;
    }
    if (!row?.isConnected) return remember();
    const shift = offsetOf(row) - offset;
    if (Math.abs(shift) > 0.5) scroller.scrollTop += shift;
  };
  const onGesture = ({ type, target, timeStamp }: Event) => {
    gestureAt = timeStamp;
    // A press on the scroller itself, not on its content, is a press on the scrollbar.
    if (type === 'pointerdown') held = target === scroller;
  };
  const onPointer = ({ buttons }: PointerEvent) => {
    if (buttons === 0) held = false;
  };

  for (const name of GESTURES) scroller.addEventListener(name, onGesture, { passive: true });
  scroller.onpointermove = onPointer;
  scroller.onpointerup = onPointer;
  scroller.onscroll = ({ timeStamp }) => {
    if (held || timeStamp - gestureAt < GESTURE_MS) {
      gestureAt = timeStamp;
      following = isNearEnd(scroller);
      moved();
    }
    if (!following) remember();
  };
  const sizes = new ResizeObserver(restore);
  sizes.observe(scroller);
  sizes.observe(content);

  return {
    get following() {
      return following;
    },
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
