/**
 * The heart line, a picture of the connection: each answered ping draws a beat that moves from right to left, and when
 * the connection breaks, the trace stops. It is decoration, because the words beside it say the same.
 */
import type { element } from '../../browser/dom.ts';
import { adopt } from './adopt.ts';
import styles from './heart-line.css';

const SVG = 'http://www.w3.org/2000/svg';
// From the resting line at y 12 over a small wave, the peak and the trough back to the line.
const BEAT = 'M0 12h5l3-2 3 2h4l2 3 4-13 5 20 4-12 2 2h8';
/** More than are visible at once. */
const MAX_BEATS = 8;

export interface HeartLineContext {
  /** The element to draw into. */
  readonly host: Element;
  readonly element: typeof element;
}

export interface HeartLine {
  /** Draws a beat at the right edge. It is removed when it has passed the left edge. */
  beat(): void;
  dispose(): void;
}

/** Draws the line at rest into `host`. */
export default function mount({ host, element }: HeartLineContext): HeartLine {
  adopt(host, styles);
  const trace = element('div', { class: 'trace' });
  host.append(trace);
  return {
    beat() {
      const beat = document.createElementNS(SVG, 'svg');
      beat.setAttribute('class', 'beat');
      const path = document.createElementNS(SVG, 'path');
      path.setAttribute('d', BEAT);
      beat.append(path);
      beat.addEventListener('animationend', () => beat.remove());
      trace.append(beat);
      // With reduced motion no animation ends, so the oldest beat is removed here.
      if (trace.childElementCount > MAX_BEATS) trace.firstElementChild?.remove();
    },
    dispose: () => trace.remove(),
  };
}
