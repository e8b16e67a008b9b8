/**
 * Keeps a socket to a relay open: dials, sends heartbeats, notices when the connection is dead, and decides when to
 * dial again. It knows close codes, but no frame except a ping.
 */
import { PING } from '../../protocol/frames.ts';
import {
  CLOSE_BUSY,
  CLOSE_CROWDED,
  CLOSE_FORBIDDEN,
  CLOSE_GARBAGE,
  CLOSE_RESTART,
  CLOSE_UNAUTHORIZED,
  REASON_SLOW,
} from '../../protocol/limits.ts';
import { backoff } from './backoff.ts';
import { createHeartbeat, type Heartbeat } from './heartbeat.ts';
import { requireWebSocket, systemConnect } from './platform.ts';
import { type Clock, createTimers } from './timers.ts';
import type { ClientOptions, ConnectionState, PageEvent, WebSocketLike } from './types.ts';

const OPEN = 1;
const HEARTBEAT_MS = 3000;
const HIDDEN_HEARTBEAT_MS = 25_000;
const ATTEMPT_MS = 8000;
/** A connection that lasted this long resets the backoff. */
const STABLE_MS = 5000;
const TICK_MS = 5000;
/** If a tick is this late, the machine slept. */
const SLEPT_MS = 20_000;
/** The spread until a relay sends its own. */
const SPREAD_MS = 500;

export interface DialerListener {
  state(state: ConnectionState): void;
  /** A socket has opened. */
  opened(): void;
  received(text: string): void;
  /** The socket, if there was one, is closed; `code` is the close code, if there was one. */
  dropped(code: number | undefined): void;
}

export interface DialerOptions extends Pick<ClientOptions, 'connect' | 'heartbeatMs' | 'lifecycle' | 'random'> {
  readonly clock: Clock;
}

export interface Dialer {
  readonly state: ConnectionState;
  /**
   * Dials, for the first time or after `close` or a stop. Throws a `TypeError` if the runtime has no WebSocket and none
   * was passed.
   */
  open(): void;
  /** Closes the connection. It stays closed until `open`. */
  close(): void;
  /** Makes the next attempt now. */
  retry(): void;
  /** Treats the connection as broken: drops it, and dials again after the usual wait. */
  redial(): void;
  /** Sends a frame. Does nothing while no socket is open. */
  send(text: string): void;
  /** The relay has welcomed this client. After an unexpected close, the client returns within `spreadMs`. */
  onWelcome(spreadMs: number): void;
  /** A ping was answered. Returns its round-trip time in milliseconds, or `undefined` if it was not timed. */
  onPong(): number | undefined;
  /** Leaves no timer, listener or socket behind. */
  dispose(): void;
}

export function createDialer(url: string, listener: DialerListener, options: DialerOptions): Dialer {
  const { clock, connect = systemConnect, heartbeatMs = HEARTBEAT_MS, lifecycle, random = Math.random } = options;
  const timers = createTimers(clock);
  let state: ConnectionState = { name: 'closed' };
  let socket: WebSocketLike | undefined;
  /** Defined while connected. */
  let heartbeat: Heartbeat | undefined;
  let connectedAt = 0;
  /** Attempts since the last connection that lasted {@link STABLE_MS}. */
  let attempts = 0;
  let spread = SPREAD_MS;

  const isHidden = () => lifecycle?.hidden ?? false;
  /** Whether only `open` makes it dial. */
  const isResting = () => state.name === 'closed' || state.name === 'stopped';
  const setState = (next: ConnectionState) => {
    state = next;
    listener.state(next);
  };
  const send = (text: string) => {
    if (socket?.readyState === OPEN) socket.send(text);
  };

  const dial = () => {
    drop();
    attempts++;
    tick();
    timers.set('attempt', ATTEMPT_MS, () => onBroken());
    try {
      socket = connect(url);
      socket.onopen = listener.opened;
      socket.onmessage = ({ data }) => {
        heartbeat?.onMessage();
        listener.received(String(data));
      };
      socket.onclose = ({ code, reason }) => onBroken(code, reason);
      // A close follows; but outside a browser, an error without a handler ends the process.
      socket.onerror = () => {};
    } catch {
      return onBroken();
    }
    setState({ name: 'connecting' });
  };
  /** Drops the socket at once, without waiting for it to close, and clears all timers. */
  const drop = (closeWith?: number, closedBy?: number) => {
    const old = socket;
    socket = heartbeat = undefined;
    timers.clearAll();
    if (old) {
      old.onopen = old.onmessage = old.onclose = null;
      old.close(closeWith);
    }
    listener.dropped(closedBy);
  };
  /** The connection is broken, with this close code if there was one: dials again later, or not at all. */
  const onBroken = (code?: number, reason?: string) => {
    const wasConnected = heartbeat !== undefined;
    const before = state;
    drop(undefined, code);
    // A listener may have closed the client.
    if (state !== before) return;
    if (wasConnected && clock.now() - connectedAt >= STABLE_MS) attempts = 0;
    if (code !== undefined && isFinal(code)) return setState({ name: 'stopped', code });
    const ms = delay(wasConnected, code, reason);
    tick();
    timers.set('attempt', ms, dial);
    setState({ name: 'waiting', until: clock.now() + ms });
  };
  const delay = (wasConnected: boolean, code?: number, reason?: string) => {
    const share = random();
    if (code === CLOSE_RESTART && Number(reason) > 0) return share * Number(reason);
    if (code === CLOSE_BUSY && reason === REASON_SLOW) return 0;
    if (code === CLOSE_BUSY || code === CLOSE_CROWDED) return 5000 + share * 25_000;
    return Math.max(wasConnected ? share * spread : 0, attempts > 0 ? backoff(attempts - 1, isHidden(), random()) : 0);
  };

  /** Runs every {@link TICK_MS}, only to notice that the machine slept. */
  const tick = () =>
    timers.set('tick', TICK_MS, lateMs => {
      tick();
      if (lateMs > SLEPT_MS) wake();
    });
  const retry = () => {
    if (state.name === 'waiting') dial();
  };
  /** The network may have changed: probes the connection if there is one, and otherwise dials now. */
  const wake = () => {
    if (heartbeat) heartbeat.probe();
    else retry();
  };
  const onPageEvent = (event: PageEvent) => {
    if (event === 'hidden') return heartbeat?.start();
    if (event === 'offline') return heartbeat?.probe();
    if (event !== 'pagehide') return wake();
    if (isResting()) return;
    // The page may go into the back/forward cache, where an open socket may not.
    drop();
    setState({ name: 'waiting', until: clock.now() });
  };
  const stopListening = lifecycle?.listen(onPageEvent);

  return {
    get state() {
      return state;
    },
    open() {
      if (!isResting()) return;
      if (connect === systemConnect) requireWebSocket();
      attempts = 0;
      dial();
    },
    close() {
      drop(1000);
      setState({ name: 'closed' });
    },
    retry,
    redial: onBroken,
    send,
    onWelcome(spreadMs) {
      spread = spreadMs;
      timers.clear('attempt');
      connectedAt = clock.now();
      heartbeat = createHeartbeat(clock, timers, {
        interval: () => (isHidden() && heartbeatMs > 0 ? HIDDEN_HEARTBEAT_MS : heartbeatMs),
        ping: () => send(PING),
        dead: onBroken,
      });
      setState({ name: 'connected' });
    },
    onPong: () => heartbeat?.onPong(),
    dispose() {
      stopListening?.();
      drop();
      state = { name: 'closed' };
    },
  };
}

/**
 * Whether a client that is closed with this code does not come back. Of the unknown codes, those from 4500 are final.
 */
function isFinal(code: number): boolean {
  return [CLOSE_GARBAGE, CLOSE_UNAUTHORIZED, CLOSE_FORBIDDEN].includes(code) || (code >= 4500 && code <= 4999);
}
