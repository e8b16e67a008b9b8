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

export interface Status {
  /** The state in words. */
  readonly element: HTMLElement;
  /** The button to reconnect now, only while that makes sense. */
  readonly now: HTMLElement;
  /** Where the heart line goes. */
  readonly heart: HTMLElement;
  /** Shows a new state of the connection. */
  show(state: ConnectionState): void;
  /** Shows an answered ping: its round-trip time. */
  pong(roundTripMs: number): void;
  /** Stops the countdown. */
  dispose(): void;
}

export function createStatus({ words, retry }: StatusContext): Status {
  const heart = element('div', { class: 'heart', 'aria-hidden': 'true' });
  const spoken = element('span', { role: 'status', class: 'state' });
  /** The countdown, or the round-trip time. */
  const detail = element('span', { class: 'detail', 'aria-hidden': 'true' });
  const now = button(words.now, 'now', retry);
  let wasConnected = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  const dispose = () => clearInterval(timer);
  return {
    element: element('span', {}, spoken, detail),
    now,
    heart,
    show(state) {
      if (state.name !== 'connecting') wasConnected = state.name === 'connected' || state.name === 'waiting';
      const lost = state.name === 'waiting' || (state.name === 'connecting' && wasConnected);
      // A newer page may know what to do about any other code.
      const garbage = state.name === 'stopped' && state.code !== CLOSE_UNAUTHORIZED && state.code !== CLOSE_FORBIDDEN;
      const said = lost ? words.lost : garbage ? words.garbage : words[state.name];
      if (spoken.textContent !== said) spoken.textContent = said;
      spoken.classList.toggle('unseen', lost);
      detail.textContent = lost ? words.reconnecting : '';
      now.hidden = state.name !== 'waiting';
      dispose();
      if (state.name !== 'waiting') return;
      const count = () => {
        detail.textContent = words.waiting(secondsUntil(state.until, Date.now()));
      };
      count();
      timer = setInterval(count, TICK_MS);
    },
    pong(roundTripMs) {
      detail.textContent = `${Math.round(roundTripMs)} ms`;
    },
    dispose,
  };
}

/** Whole seconds from `now` to `until`, both in milliseconds; at least 1, so that the countdown never shows 0. */
export function secondsUntil(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000));
}
