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

export class ScrollAnchor {
  readonly #scroller: HTMLElement;
  readonly #content: HTMLElement;
  readonly #moved: () => void;
  readonly #sizes: ResizeObserver;
  #following = true;
  #gestureAt = -GESTURE_MS;
  #held = false;
  #row: Element | undefined;
  #offset = 0;

  /** `moved` runs whenever the reader has scrolled. */
  constructor(scroller: HTMLElement, content: HTMLElement, moved: () => void) {
    this.#scroller = scroller;
    this.#content = content;
    this.#moved = moved;
    for (const name of GESTURES) scroller.addEventListener(name, this.#gesture, { passive: true });
    scroller.addEventListener('pointermove', this.#release);
    scroller.addEventListener('pointerup', this.#release);
    scroller.addEventListener('scroll', this.#scrolled);
    this.#sizes = new ResizeObserver(() => this.restore());
    this.#sizes.observe(scroller);
    this.#sizes.observe(content);
  }

  /** Whether new messages scroll into view. */
  get following(): boolean {
    return this.#following;
  }

  /** Scrolls to the end, and follows it. */
  toEnd(): void {
    this.#following = true;
    this.restore();
  }

  /** Stops following the end: from now on the topmost visible row stays in its place. */
  hold(): void {
    if (!this.#following) return;
    this.#following = false;
    this.#remember();
  }

  /** Corrects the scroll position after a change of the content. */
  restore(): void {
    if (this.#following) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
      return;
    }
    if (!this.#row?.isConnected) return;
    const moved = this.#row.getBoundingClientRect().top - this.#top() - this.#offset;
    if (Math.abs(moved) > 0.5) this.#scroller.scrollTop += moved;
  }

  /** Stops observing sizes. The listeners are on the scroller itself and need no removal. */
  dispose(): void {
    this.#sizes.disconnect();
  }

  readonly #gesture = (event: Event): void => {
    this.#gestureAt = event.timeStamp;
    // A press on the scroller itself, not on its content, is a press on the scrollbar.
    if (event.type === 'pointerdown') this.#held = event.target === this.#scroller;
  };

  readonly #release = (event: PointerEvent): void => {
    if (event.buttons === 0) this.#held = false;
  };

  readonly #scrolled = (event: Event): void => {
    if (this.#held || event.timeStamp - this.#gestureAt < GESTURE_MS) {
      this.#gestureAt = event.timeStamp;
      this.#following = isNearEnd(this.#scroller);
      this.#moved();
    }
    if (!this.#following) this.#remember();
  };

  #top(): number {
    return this.#scroller.getBoundingClientRect().top;
  }

  // Finds the first row that reaches below the upper edge, by bisection.
  #remember(): void {
    const rows = this.#content.querySelectorAll('li');
    const top = this.#top();
    let low = 0;
    let high = rows.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) <= top) low = middle + 1;
      else high = middle;
    }
    this.#row = rows[low];
    this.#offset = (this.#row?.getBoundingClientRect().top ?? 0) - top;
  }
}

/** Whether an element is scrolled to within {@link FOLLOW_PX} of its end. */
export function isNearEnd(box: Pick<Element, 'scrollTop' | 'scrollHeight' | 'clientHeight'>): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight <= FOLLOW_PX;
}
