/**
 * A refusal: why something is not allowed, and how each kind of client is told. It is a value that the gate answers with;
 * nothing throws it.
 */
import { CLOSE_BUSY, CLOSE_CROWDED, CLOSE_FORBIDDEN, CLOSE_RESTART } from '../../protocol/limits.ts';

export interface Refusal {
  /** A code of PROTOCOL.md, "Refusals". */
  readonly code: 'forbidden' | 'full' | 'too-many' | 'unavailable';
  /** One sentence for the developer of a client. */
  readonly message: string;
  /** Milliseconds after which the same may be asked again; absent from a refusal that is final. */
  readonly retryMs?: number;
  /** The status of an HTTP answer. */
  readonly status: 403 | 429 | 503;
  /** How a socket that is open already is closed. */
  readonly close: Close;
}

export interface Close {
  readonly code: number;
  readonly reason: string;
  /** How long to wait before closing (ms), for clients that would dial again at once. */
  readonly delayMs: number;
}

/** The shortest time after which a client comes back that was told of {@link CLOSE_BUSY} or {@link CLOSE_CROWDED}. */
const RETURN_MS = 5000;

/** A web page of this origin may not connect. */
export const FOREIGN_ORIGIN: Refusal = {
  code: 'forbidden',
  message: 'This origin may not connect.',
  status: 403,
  close: { code: CLOSE_FORBIDDEN, reason: '', delayMs: 0 },
};

/** The relay holds as many connections as it may. */
export const FULL: Refusal = {
  code: 'full',
  message: 'The relay is full.',
  retryMs: RETURN_MS,
  status: 503,
  close: { code: CLOSE_BUSY, reason: '', delayMs: 0 },
};

/** An address has as many connections as it may. */
export function crowded(delayMs: number): Refusal {
  return {
    code: 'too-many',
    message: 'There are too many connections from this address.',
    retryMs: RETURN_MS,
    status: 429,
    close: { code: CLOSE_CROWDED, reason: '', delayMs },
  };
}

/** The relay is shutting down; clients spread their return over `spreadMs`. */
export function restarting(spreadMs: number): Refusal {
  return {
    code: 'unavailable',
    message: 'The relay is restarting.',
    retryMs: spreadMs,
    status: 503,
    close: { code: CLOSE_RESTART, reason: `${spreadMs}`, delayMs: 0 },
  };
}
