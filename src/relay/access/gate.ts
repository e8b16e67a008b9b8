/**
 * The gate: the one object that is asked before anything costs something. It answers *allow* or a {@link Refusal}. It is
 * asked three times, and every rule belongs to one of them:
 *
 * - {@link Gate.request}, before an HTTP request or a handshake is handled: the origin. A bound on the requests that an
 *   address has under way, a token in `Authorization`, and the fence over rooms and networks belong here. Whatever is to
 *   be counted out again belongs to the one caller, http/room-route.ts.
 * - {@link Gate.open}, before a connection joins its room: draining, connections in all, per address and per dialect. Bans
 *   and new rooms per address belong here. Everything is answered synchronously, so that nothing can happen between the
 *   answer and the join; a token in a hello is to be checked in the same way, by a method of {@link Visit}.
 * - {@link Visit.take}, before a room acts on a frame: the rate of the connection. The rates of an address and of a room's
 *   newcomers, and mutes, belong here.
 *
 * Where a relay is spread over processes, each asks a gate of its own for what it holds: on Workers, the Worker for
 * requests and each room's object for its connections.
 */
import type { Config } from '../config.ts';
import type { Allowance, FrameRefusal } from '../room/context.ts';
import type { Dialect } from '../room/dialect.ts';
import { Admission } from './admission.ts';
import { isOriginAllowed, type OriginRules } from './origins.ts';
import { RateLimiter } from './rate-limiter.ts';
import { FOREIGN_ORIGIN, type Refusal, restarting } from './refusal.ts';

export type GateConfig = OriginRules & Pick<Config, 'rate' | 'burst' | 'maxConnections' | 'maxPerAddress'>;

export interface GateOptions {
  /** The least milliseconds over which clients spread their return. */
  readonly minSpreadMs?: number;
}

/** An HTTP request, as the gate sees it. */
export interface GateRequest {
  /** The client's address, as far as it is known. */
  readonly address: string;
  readonly room: string;
  /** The `Origin` header, if there is one. */
  readonly origin: string | undefined;
  /** Whether it asks for a WebSocket. */
  readonly upgrade: boolean;
}

/** Where a connection leads, and where it comes from. */
export interface ConnectRequest {
  readonly room: string;
  readonly dialect: Dialect;
  /** The client's address, as far as it is known. */
  readonly address: string;
}

const MIN_SPREAD_MS = 500;

export class Gate {
  /** Frames per second and at once that a connection may send; a rate of 0 lifts the limit. */
  readonly rate: number;
  readonly burst: number;
  readonly #origins: OriginRules;
  readonly #admission: Admission;
  readonly #minSpreadMs: number;
  #draining = false;

  constructor(config: GateConfig, { minSpreadMs = MIN_SPREAD_MS }: GateOptions = {}) {
    const { rate, burst, maxConnections, maxPerAddress, origins, publicOrigin } = config;
    this.rate = rate;
    this.burst = burst;
    this.#origins = { origins, publicOrigin };
    this.#admission = new Admission({ maxConnections, maxPerAddress });
    this.#minSpreadMs = minSpreadMs;
  }

  /** Whether the relay is shutting down. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Open connections, those that wait to be rejected included. */
  get connections(): number {
    return this.#admission.count;
  }

  /** Milliseconds over which all clients should spread their return: one connection a millisecond. */
  get spreadMs(): number {
    return Math.max(this.#minSpreadMs, this.#admission.admitted);
  }

  /** Refuses every connection from now on. */
  drain(): void {
    this.#draining = true;
  }

  /** Whether a request may be handled: `undefined` if it may. */
  request({ origin, upgrade }: GateRequest): Refusal | undefined {
    // A browser keeps pages from reading any other answer of a foreign origin (CORS); a WebSocket it leaves to the server.
    return upgrade && !isOriginAllowed(origin, this.#origins) ? FOREIGN_ORIGIN : undefined;
  }

  /**
   * Counts a connection in, and says whether it may join its room. A connection that is refused exists until its socket
   * is closed, so it is counted too. Whatever the answer is, {@link Visit.end} must be called once.
   */
  open({ address, dialect }: ConnectRequest): Visit {
    const found = this.#draining ? restarting(this.spreadMs) : undefined;
    const refusal = this.#admission.enter(address, dialect, found);
    const limiter = new RateLimiter(this.rate, this.burst);
    return new Visit(this.#admission, limiter, { address, dialect, refusal });
  }
}

interface VisitOptions {
  readonly address: string;
  readonly dialect: Dialect;
  readonly refusal: Refusal | undefined;
}

/** One connection, from its opening to its close, as the gate knows it. */
export class Visit implements Allowance {
  /** Why it may not join its room; `undefined` if it may. */
  readonly refusal: Refusal | undefined;
  readonly #admission: Admission;
  readonly #limiter: RateLimiter;
  readonly #address: string;
  readonly #dialect: Dialect;

  constructor(admission: Admission, limiter: RateLimiter, { address, dialect, refusal }: VisitOptions) {
    this.#admission = admission;
    this.#limiter = limiter;
    this.#address = address;
    this.#dialect = dialect;
    this.refusal = refusal;
  }

  take(now: number): FrameRefusal | undefined {
    const retryMs = this.#limiter.take(now);
    return retryMs === 0 ? undefined : { code: 'too-fast', retryMs };
  }

  /** Counts the connection out, once its socket is closed. */
  end(): void {
    this.#admission.leave(this.#address, this.#dialect, this.refusal !== undefined);
  }
}
