/**
 * The heart line, a picture of the connection. Each answered ping draws a beat that travels from right to left; while
 * the connection is lost, the beats stand still. It is decoration: the words beside it say the same.
 */
import { element } from '../browser/dom.ts';

const SVG = 'http://www.w3.org/2000/svg';
// Begins and ends on the base line at y = 12; between are a small wave, the peak and the trough.
const BEAT = 'M0 12h5l3-2 3 2h4l2 3 4-13 5 20 4-12 2 2h8';

export class HeartLine {
  readonly element: HTMLElement;
  readonly #trace = element('div', { class: 'trace' });

  constructor() {
    this.element = element('div', { class: 'heart', 'aria-hidden': 'true' }, this.#trace);
  }

  /** Draws a beat at the right end. It is removed when its animation ends, beyond the left end. */
  beat(): void {
    const beat = document.createElementNS(SVG, 'svg');
    beat.setAttribute('class', 'beat');
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', BEAT);
    beat.append(path);
    beat.addEventListener('animationend', () => beat.remove());
    this.#trace.append(beat);
    // With reduced motion there is no animation that ends.
    if (this.#trace.childElementCount > 8) this.#trace.firstElementChild?.remove();
  }
}
