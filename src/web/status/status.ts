/** How the line is, in words: said once per change to those who listen, counted down to those who look. */
import { CLOSE_GARBAGE } from '../../protocol/limits.ts';
import { button, element } from '../browser/dom.ts';
import type { ConnectionState } from '../client/client.ts';
import type { Words } from '../i18n/languages.ts';
import { HeartLine } from './heart-line.ts';

const TICK_MS = 250;

export interface StatusContext {
  readonly words: Words;
  /** 立即重连 */
  retry(): void;
}

export class Status {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #heart = new HeartLine();
  readonly #state = element('span', { role: 'status', class: 'state' });
  /** What changes all the time: the countdown, or the round trip. */
  readonly #detail = element('span', { class: 'detail', 'aria-hidden': 'true' });
  readonly #now: HTMLButtonElement;
  #wasConnected = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor({ words, retry }: StatusContext) {
    this.#words = words;
    this.#now = button(words.now, 'now', retry);
    this.element = element('div', { class: 'status' }, this.#heart.element, this.#state, this.#detail, this.#now);
  }

  /** Shows another state of the line. */
  show(state: ConnectionState): void {
    const words = this.#words;
    if (state.name !== 'connecting') this.#wasConnected = state.name === 'connected' || state.name === 'waiting';
    const lost = state.name === 'waiting' || (state.name === 'connecting' && this.#wasConnected);
    const garbage = state.name === 'stopped' && state.code === CLOSE_GARBAGE;
    const said = lost ? words.lost : garbage ? words.garbage : words[state.name];
    if (this.#state.textContent !== said) this.#state.textContent = said;
    this.#state.classList.toggle('unseen', lost);
    this.#detail.textContent = lost ? words.reconnecting : '';
    this.#now.hidden = state.name !== 'waiting';
    this.dispose();
    if (state.name !== 'waiting') return;
    const count = () => {
      this.#detail.textContent = words.waiting(secondsUntil(state.until, Date.now()));
    };
    count();
    this.#timer = setInterval(count, TICK_MS);
  }

  /** A ping has been answered. */
  pong(roundTripMs: number): void {
    this.#heart.beat();
    this.#detail.textContent = `${Math.round(roundTripMs)} ms`;
  }

  /** Leaves no timer behind. */
  dispose(): void {
    clearInterval(this.#timer);
  }
}

/** Whole seconds from `now` to `until`, both in milliseconds; at least 1, for 0 would already be over. */
export function secondsUntil(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000));
}
