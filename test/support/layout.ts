/** A layout for a scroller, because happy-dom has none: its rows (`li`) have the same height, one below the other. */
import { Element } from 'happy-dom';
import type { Dom } from './dom.ts';

const layouts = new WeakMap<object, Layout>();

Object.defineProperty(Element.prototype, 'getBoundingClientRect', {
  configurable: true,
  value(this: Element) {
    for (let parent: Element | null = this; parent; parent = parent.parentElement) {
      const layout = layouts.get(parent);
      if (layout) return layout.rect(this as unknown as HTMLElement);
    }
    return { top: 0, bottom: 0 };
  },
});

export class Layout {
  /** The height of a row. */
  rowHeight = 20;
  /** The height of the visible part. */
  height = 200;
  readonly #dom: Dom;
  readonly #scroller: HTMLElement;
  #scrollTop = 0;

  constructor(dom: Dom, scroller: HTMLElement) {
    this.#dom = dom;
    this.#scroller = scroller;
    layouts.set(scroller, this);
    Object.defineProperties(scroller, {
      clientHeight: { get: () => this.height },
      scrollHeight: { get: () => Math.max(this.height, this.#rows.length * this.rowHeight) },
      scrollTop: {
        get: () => this.#scrollTop,
        set: (top: number) => {
          this.#scrollTop = Math.max(0, Math.min(top, scroller.scrollHeight - this.height));
        },
      },
    });
  }

  /** The row at the upper edge. */
  get topRow(): HTMLElement | undefined {
    return this.#rows[Math.floor(this.#scrollTop / this.rowHeight)];
  }

  get isAtEnd(): boolean {
    return this.#scrollTop === this.#scroller.scrollHeight - this.height;
  }

  rect(element: HTMLElement): { readonly top: number; readonly bottom: number } {
    if (element === this.#scroller) return { top: 0, bottom: this.height };
    const top = this.#rows.indexOf(element) * this.rowHeight - this.#scrollTop;
    return { top, bottom: top + this.rowHeight };
  }

  /** The user, or anything else, scrolls until the upper edge is at `top`. */
  scrollTo(top: number): void {
    this.#scroller.scrollTop = top;
    this.#dom.fire(this.#scroller, 'scroll');
  }

  get #rows(): HTMLElement[] {
    return [...this.#scroller.querySelectorAll('li')];
  }
}
