/**
 * The heart line: the connection made visible. Each answered ping draws a beat that travels from right to left; where
 * the line breaks, the trace stops. Decoration for the eye: the words beside it say the same.
 */
import { element } from '../browser/dom.ts';

const SVG = 'http://www.w3.org/2000/svg';
// From the resting line at y 12 through the small wave, the peak and the trough back to it.
const BEAT = 'M0 12h5l3-2 3 2h4l2 3 4-13 5 20 4-12 2 2h8';

export class HeartLine {
  readonly element: HTMLElement;
  readonly #trace = element('div', { class: 'trace' });

  constructor() {
    this.element = element('div', { class: 'heart', 'aria-hidden': 'true' }, this.#trace);
  }

  /** Draws a beat at the right end; it goes when it has left at the other. */
  beat(): void {
    const beat = document.createElementNS(SVG, 'svg');
    beat.setAttribute('class', 'beat');
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', BEAT);
    beat.append(path);
    beat.addEventListener('animationend', () => beat.remove());
    this.#trace.append(beat);
    // Where nothing moves, the newest beats stand in their places instead.
    if (this.#trace.childElementCount > 8) this.#trace.firstElementChild?.remove();
  }
}
