/** How the line is, in words: said once per change to those who listen, counted down to those who look. */
import { button, element } from './dom.ts';
import { HeartLine } from './heart-line.ts';
import type { Words } from './i18n.ts';
import type { LineState } from './line.ts';

const TICK_MS = 250;

export interface StatusContext {
  readonly words: Words;
  /** 立即重连 */
  retry(): void;
}

export class Status {
  readonly element: HTMLElement;
  readonly #context: StatusContext;
  readonly #heart = new HeartLine();
  readonly #words = element('span', { role: 'status', class: 'state' });
  readonly #countdown = element('span', { class: 'countdown', 'aria-hidden': 'true' });
  readonly #roundTrip = element('span', { class: 'round-trip', 'aria-hidden': 'true' });
  readonly #now: HTMLButtonElement;
  #state: LineState = { name: 'closed' };
  #wasConnected = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(context: StatusContext) {
    this.#context = context;
    this.#now = button(context.words.now, 'now', () => context.retry());
    this.element = element(
      'div',
      { class: 'status' },
      this.#heart.element,
      this.#words,
      this.#countdown,
      this.#roundTrip,
      this.#now,
    );
  }

  /** Shows another state of the line. */
  show(state: LineState): void {
    this.#state = state;
    if (state.name === 'connected') this.#wasConnected = true;
    if (state.name === 'closed' || state.name === 'stopped') this.#wasConnected = false;
    const lost = state.name === 'waiting' || (state.name === 'connecting' && this.#wasConnected);
    const words = lost ? this.#context.words.lost : stateWords(state, this.#context.words);
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.#words.classList.toggle('unseen', lost);
    this.#now.hidden = state.name !== 'waiting';
    this.#countdown.hidden = !lost;
    if (state.name !== 'connected') this.#roundTrip.textContent = '';
    clearInterval(this.#timer);
    if (state.name === 'waiting') this.#timer = setInterval(() => this.#count(), TICK_MS);
    this.#count();
  }

  /** A ping has been answered. */
  beat(roundTripMs: number): void {
    this.#heart.beat();
    this.#roundTrip.textContent = `${Math.round(roundTripMs)} ms`;
  }

  /** Leaves no timer behind. */
  dispose(): void {
    clearInterval(this.#timer);
  }

  #count(): void {
    const { words } = this.#context;
    const state = this.#state;
    this.#countdown.textContent =
      state.name === 'waiting' ? words.waiting(secondsUntil(state.until, Date.now())) : words.reconnecting;
  }
}

/** Whole seconds from `now` to `until`, both in milliseconds; at least 1, for 0 would already be over. */
export function secondsUntil(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000));
}

function stateWords(state: LineState, words: Words): string {
  if (state.name === 'stopped') return isStopCode(state.code) ? words[state.code] : words.closed;
  return state.name === 'waiting' ? words.lost : words[state.name];
}

function isStopCode(code: number): code is 4400 | 4401 | 4403 {
  return code === 4400 || code === 4401 || code === 4403;
}
