/**
 * A box over the page, beside what opens it; on a narrow screen a sheet at the lower edge. A press beside it or Escape
 * closes it, and the focus returns.
 */
import { adopt } from './adopt.ts';
import { focusedAround } from './focus.ts';
import styles from './popup.css';

/** Between the box and the edge of the window, and between the box and what opens it. */
const GAP_PX = 8;

export interface Popup {
  isOpen(): boolean;
  /**
   * Opens the box below what is at this place of the window, or above it. While a finger `holds`, the end of its press is
   * not one beside the box.
   */
  openAt(place: Pick<DOMRect, 'left' | 'top' | 'bottom'>, holds?: boolean): void;
  close(): void;
}

/** Makes a box of an element, which must be on the page. */
export function createPopup(box: HTMLElement): Popup {
  adopt(box, styles);
  box.popover = 'auto';
  box.classList.add('popup');
  let open = false;
  let opener: Element | null = null;
  let hadFocus = false;
  let stop = new AbortController();
  box.addEventListener('beforetoggle', () => {
    hadFocus = box.matches(':focus-within');
  });
  box.addEventListener('toggle', () => {
    if (box.matches(':popover-open')) return;
    // The browser itself gives the focus back only outside of a shadow root.
    if (hadFocus && opener instanceof HTMLElement) opener.focus();
    stop.abort();
    open = false;
  });
  box.onkeydown =
    box.onkeypress =
    box.onkeyup =
      event => {
        // The host page's keyboard shortcuts are not meant for it, nor is its Escape.
        event.stopPropagation();
        if (event.key === 'Escape') box.hidePopover();
      };
  return {
    /** Until the focus has returned. */
    isOpen: () => open,
    openAt({ left, top, bottom }, holds = false) {
      opener = focusedAround(box);
      open = true;
      stop = new AbortController();
      box.popover = holds ? 'manual' : 'auto';
      const leave = (event: Event) => {
        if (!event.composedPath().includes(box)) box.hidePopover();
      };
      if (holds) addEventListener('pointerdown', leave, { capture: true, signal: stop.signal });
      box.showPopover();
      const { offsetWidth, offsetHeight, style } = box;
      const below = bottom + GAP_PX;
      const fits = below + offsetHeight + GAP_PX <= innerHeight;
      const x = Math.max(GAP_PX, Math.min(left, innerWidth - offsetWidth - GAP_PX));
      const y = fits ? below : Math.max(GAP_PX, top - offsetHeight - GAP_PX);
      style.setProperty('--x', `${x}px`);
      style.setProperty('--y', `${y}px`);
    },
    close: () => box.hidePopover(),
  };
}
