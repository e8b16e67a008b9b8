/**
 * Keeps the reader's place in the scrolling messages: at the end while stuck there, else the row under the eyes where it
 * is. Only the reader's own gesture changes which, for a browser scrolls by itself when rows find their real height.
 */

/** Within so many pixels of the end the reader is stuck to it. */
export const FOLLOW_PX = 40;
// How long a wheel or a finger keeps a page moving between two scroll events.
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

  /** Whether new messages are to be followed. */
  get following(): boolean {
    return this.#following;
  }

  /** Goes to the end and stays there. */
  toEnd(): void {
    this.#following = true;
    this.restore();
  }

  /** Stays at the row under the eyes from now on, for what comes must not move it. */
  hold(): void {
    if (!this.#following) return;
    this.#following = false;
    this.#remember();
  }

  /** Puts back what a change of the content has moved. */
  restore(): void {
    if (this.#following) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
      return;
    }
    if (!this.#row?.isConnected) return;
    const moved = this.#row.getBoundingClientRect().top - this.#top() - this.#offset;
    if (Math.abs(moved) > 0.5) this.#scroller.scrollTop += moved;
  }

  /** Stops watching sizes; the listeners go with the elements. */
  dispose(): void {
    this.#sizes.disconnect();
  }

  readonly #gesture = (event: Event): void => {
    this.#gestureAt = event.timeStamp;
    // A pointer on the scroller itself, and on nothing in it, holds the scrollbar.
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

  // The first row that reaches below the upper edge, found by halving: rows lie in order.
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

/** Whether a scrolled element shows its end, give or take {@link FOLLOW_PX}. */
export function isNearEnd(box: Pick<Element, 'scrollTop' | 'scrollHeight' | 'clientHeight'>): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight <= FOLLOW_PX;
}
