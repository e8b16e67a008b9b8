/**
 * The heart line: the connection made visible. Each answered ping draws a beat that travels from right to left; where the
 * connection breaks, the trace stops. Decoration for the eye: the words beside it say the same. A chunk: it imports types and
 * its styles only, and is handed the rest.
 */
import type { element } from '../browser/dom.ts';
import styles from './heart-line.css';

const SVG = 'http://www.w3.org/2000/svg';
// From the resting line at y 12 through the small wave, the peak and the trough back to it.
const BEAT = 'M0 12h5l3-2 3 2h4l2 3 4-13 5 20 4-12 2 2h8';
/** More than are on their way at once. */
const MAX_BEATS = 8;

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);

export interface HeartLineContext {
  /** The room there is for it. */
  readonly host: Element;
  readonly element: typeof element;
}

export interface HeartLine {
  /** Draws a beat at the right end; it goes when it has left at the other. */
  beat(): void;
  dispose(): void;
}

/** Draws the line at rest into `host`. */
export default function mount({ host, element }: HeartLineContext): HeartLine {
  const root = host.getRootNode();
  if (root instanceof ShadowRoot && !root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
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
      // Where nothing moves, the newest beats stand in their places instead.
      if (trace.childElementCount > MAX_BEATS) trace.firstElementChild?.remove();
    },
    dispose: () => trace.remove(),
  };
}
