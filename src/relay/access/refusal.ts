/**
 * A refusal: why something is not allowed, and how each kind of client is told. The gate returns it as a value and
 * never throws it.
 */
import { CLOSE_BUSY, CLOSE_CROWDED, CLOSE_FAULT, CLOSE_FORBIDDEN, CLOSE_RESTART } from '../../protocol/limits.ts';

export interface Refusal {
  /** A code of PROTOCOL.md, "Refusals". */
  readonly code: 'forbidden' | 'full' | 'too-fast' | 'too-many' | 'unavailable';
  /** One sentence for the developer of a client. */
  readonly message: string;
  /** Time after which the client may retry (ms); absent if the refusal is final. */
  readonly retryMs?: number;
  /** The status of an HTTP response. */
  readonly status: 403 | 429 | 503;
  /** How to close a socket that is already open. */
  readonly close: Close;
  /** Whether it is by a limit of the connection's dialect. */
  readonly inDialect?: boolean;
}

export interface Close {
  readonly code: number;
  readonly reason: string;
  /** How long to wait before closing (ms), for clients that would reconnect at once. */
  readonly delayMs: number;
}

/** The shortest time after which a client reconnects after {@link CLOSE_BUSY} or {@link CLOSE_CROWDED}. */
const RETURN_MS = 5000;

/** A web page of this origin may not connect. */
export const FOREIGN_ORIGIN: Refusal = {
  code: 'forbidden',
  message: 'This origin may not connect.',
  status: 403,
  close: { code: CLOSE_FORBIDDEN, reason: '', delayMs: 0 },
};

/** The operator's fence: the room may not exist, or the network or the person is blocked. */
export const FENCED: Refusal = {
  code: 'forbidden',
  message: 'The operator of this relay does not allow this.',
  status: 403,
  close: { code: CLOSE_FORBIDDEN, reason: '', delayMs: 0 },
};

/** The relay has reached its connection limit. */
export const FULL: Refusal = {
  code: 'full',
  message: 'The relay is full.',
  retryMs: RETURN_MS,
  status: 503,
  close: { code: CLOSE_BUSY, reason: '', delayMs: 0 },
};

/** The relay has so much to do that it lets nobody in, or this address not. */
export const BUSY: Refusal = { ...FULL, message: 'The relay is busy.' };

/** Too many requests of the address are under way. */
export const TOO_MANY_ANSWERS: Refusal = {
  code: 'too-many',
  message: 'There are too many requests from this address at once.',
  retryMs: 1000,
  status: 429,
  close: { code: CLOSE_CROWDED, reason: '', delayMs: 0 },
};

/** The address is over its rate of requests. */
export function tooManyRequests(retryMs: number): Refusal {
  return { ...TOO_MANY_ANSWERS, code: 'too-fast', message: 'There are too many requests from this address.', retryMs };
}

/** The address has reached its connection limit. */
export function crowded(delayMs = 0): Refusal {
  return {
    code: 'too-many',
    message: 'There are too many connections from this address.',
    retryMs: RETURN_MS,
    status: 429,
    close: { code: CLOSE_CROWDED, reason: '', delayMs },
  };
}

/** The address has reached that of a dialect, whose clients are closed after a delay. */
export function crowdedInDialect(delayMs: number): Refusal {
  return { ...crowded(delayMs), inDialect: true };
}

/** The connection was refused or closed before its room slept, and its socket is still there. */
export const ENDED: Refusal = {
  code: 'unavailable',
  message: 'This connection has ended.',
  status: 503,
  close: { code: CLOSE_FAULT, reason: '', delayMs: 0 },
};

/** The relay is shutting down; clients spread their reconnects over `spreadMs`. */
export function restarting(spreadMs: number): Refusal {
  return {
    code: 'unavailable',
    message: 'The relay is restarting.',
    retryMs: spreadMs,
    status: 503,
    close: { code: CLOSE_RESTART, reason: `${spreadMs}`, delayMs: 0 },
  };
}
