/** The runtime's WebSocket and timers, which the client uses by default. Their types do not depend on the DOM. */
import type { Clock } from './timers.ts';
import type { WebSocketLike } from './types.ts';

declare const WebSocket: new (url: string) => WebSocketLike;
declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: timer => clearTimeout(timer),
};

/** Opens a socket of the global WebSocket class. */
export const systemConnect = (url: string): WebSocketLike => new WebSocket(url);

/** Throws a `TypeError` in a runtime without a global WebSocket, such as Node 20. */
export function requireWebSocket(): void {
  if (typeof WebSocket === 'undefined') throw new TypeError('no WebSocket: pass connect');
}
