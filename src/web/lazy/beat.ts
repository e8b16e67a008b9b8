/**
 * A beat of the heart line, for each answered ping: it travels from right to left. Decoration for the eye: the words beside
 * it say the same. A chunk: it imports no value but its styles.
 */
import styles from './beat.css';

const SVG = 'http://www.w3.org/2000/svg';
// From the resting line at y 12 through the small wave, the peak and the trough back to it.
const BEAT = 'M0 12h5l3-2 3 2h4l2 3 4-13 5 20 4-12 2 2h8';
/** More than are on their way at once. */
const MAX_BEATS = 8;

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);

export interface BeatContext {
  /** The trace it is drawn on. */
  readonly host: Element;
}

/** Draws a beat at the right end; it goes when it has left at the other. */
export default function mount({ host }: BeatContext): { dispose(): void } {
  const root = host.getRootNode();
  if (root instanceof ShadowRoot && !root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  const beat = document.createElementNS(SVG, 'svg');
  beat.setAttribute('class', 'beat');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', BEAT);
  beat.append(path);
  const dispose = () => beat.remove();
  beat.addEventListener('animationend', dispose);
  host.append(beat);
  // Where nothing moves, the newest beats stand in their places instead.
  if (host.childElementCount > MAX_BEATS) host.firstElementChild?.remove();
  return { dispose };
}
