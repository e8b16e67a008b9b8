/** Shows the connection's state. Screen readers announce each change once; the countdown is only visible. */
import { CLOSE_FORBIDDEN, CLOSE_UNAUTHORIZED } from '../../protocol/limits.ts';
import { button, element, relabel } from '../browser/dom.ts';
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
  let state: ConnectionState = { name: 'connecting' };
  let wasConnected = false;
  let roundTrip = '';
  let timer: ReturnType<typeof setInterval> | undefined;
  const isLost = () => state.name === 'waiting' || (state.name === 'connecting' && wasConnected);
  const spoken = element('span', { role: 'status', class: 'state' }, () => {
    if (state.name === 'waiting' || isLost()) return words.lost ?? words.connecting;
    if (state.name !== 'stopped') return words[state.name];
    // A newer page may know what to do about any other code.
    return [CLOSE_UNAUTHORIZED, CLOSE_FORBIDDEN].includes(state.code) ? words.stopped : words.garbage;
  });
  /** The countdown, or the round-trip time. */
  const detail = element('span', { class: 'detail', 'aria-hidden': 'true' }, () => {
    if (state.name === 'waiting') return words.waiting?.(secondsUntil(state.until, Date.now()));
    return isLost() ? words.reconnecting : roundTrip;
  });
  const now = button(() => words.now, 'now', retry);
  const view = element('span', {}, spoken, detail);
  const dispose = () => clearInterval(timer);
  return {
    element: view,
    now,
    heart,
    show(next) {
      state = next;
      if (state.name !== 'connecting') wasConnected = state.name === 'connected' || state.name === 'waiting';
      roundTrip = '';
      relabel(view);
      spoken.classList.toggle('unseen', isLost());
      now.hidden = state.name !== 'waiting';
      dispose();
      if (state.name === 'waiting') timer = setInterval(() => relabel(detail), TICK_MS);
    },
    pong(roundTripMs) {
      roundTrip = `${Math.round(roundTripMs)} ms`;
      relabel(detail);
    },
    dispose,
  };
}

/** Whole seconds from `now` to `until`, both in milliseconds; at least 1, so that the countdown never shows 0. */
export function secondsUntil(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000));
}
