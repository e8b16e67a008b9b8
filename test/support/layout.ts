/** A layout for a scroller, because happy-dom has none: its rows (`li`) have the same height, one below the other. */
import { Element as HappyElement } from 'happy-dom';
import type { Dom } from './dom.ts';

const layouts = new WeakMap<object, Layout>();

Object.defineProperty(HappyElement.prototype, 'getBoundingClientRect', {
  configurable: true,
  value(this: HappyElement) {
    for (let parent: HappyElement | null = this; parent; parent = parent.parentElement) {
      const layout = layouts.get(parent);
      if (layout) return layout.rect(this as unknown as Element);
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
  #lists: readonly HTMLOListElement[] | undefined;
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

  rect(element: Element): { readonly top: number; readonly bottom: number } {
    if (!isRow(element)) return { top: 0, bottom: this.height };
    const top = this.#rows.indexOf(element) * this.rowHeight - this.#scrollTop;
    return { top, bottom: top + this.rowHeight };
  }

  /** The user, or anything else, scrolls until the upper edge is at `top`. */
  scrollTo(top: number): void {
    this.#scroller.scrollTop = top;
    this.#dom.fire(this.#scroller, 'scroll');
  }

  get #rows(): HTMLElement[] {
    // Searching the whole tree takes happy-dom long.
    this.#lists ??= [...this.#scroller.querySelectorAll('ol')];
    return this.#lists.flatMap(list => (list.hidden ? [] : [...list.children].filter(isRow)));
  }
}

function isRow(element: Element): element is HTMLElement {
  return element.localName === 'li';
}
