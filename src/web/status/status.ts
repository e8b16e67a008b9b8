/** Shows the connection's state. Screen readers announce each change once; the countdown is only visible. */
import { CLOSE_FORBIDDEN, CLOSE_UNAUTHORIZED } from '../../protocol/limits.ts';
import { button, element } from '../browser/dom.ts';
import type { ConnectionState } from '../client/client.ts';
import type { Words } from '../i18n/languages.ts';

const TICK_MS = 250;

export interface StatusContext {
  readonly words: Words;
  /** Runs when the user asks to reconnect now (立即重连). */
  retry(): void;
}

export class Status {
  readonly element: HTMLElement;
  readonly #words: Words;
  /** Where the heart line goes. */
  readonly heart = element('div', { class: 'heart', 'aria-hidden': 'true' });
  readonly #state = element('span', { role: 'status', class: 'state' });
  /** The countdown, or the round-trip time. */
  readonly #detail = element('span', { class: 'detail', 'aria-hidden': 'true' });
  readonly #now: HTMLButtonElement;
  #wasConnected = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor({ words, retry }: StatusContext) {
    this.#words = words;
    this.#now = button(words.now, 'now', retry);
    this.element = element('div', { class: 'status' }, this.heart, this.#state, this.#detail, this.#now);
  }

  /** Shows a new state of the connection. */
  show(state: ConnectionState): void {
    const words = this.#words;
    if (state.name !== 'connecting') this.#wasConnected = state.name === 'connected' || state.name === 'waiting';
    const lost = state.name === 'waiting' || (state.name === 'connecting' && this.#wasConnected);
    // A newer page may know what to do about any other code.
    const garbage = state.name === 'stopped' && state.code !== CLOSE_UNAUTHORIZED && state.code !== CLOSE_FORBIDDEN;
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

  /** Shows an answered ping: a beat, and its round-trip time. */
  pong(roundTripMs: number): void {
    this.#detail.textContent = `${Math.round(roundTripMs)} ms`;
  }

  /** Stops the countdown. */
  dispose(): void {
    clearInterval(this.#timer);
  }
}

/** Whole seconds from `now` to `until`, both in milliseconds; at least 1, so that the countdown never shows 0. */
export function secondsUntil(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000));
}
