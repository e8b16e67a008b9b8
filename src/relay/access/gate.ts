/**
 * The gate: the one object that is asked before the relay spends resources on anything. It answers *allow* or a {@link
 * Refusal}. It is asked at four points, and every rule belongs to one of them:
 *
 * - {@link Gate.begin} and {@link Gate.beginHandshake}, before anything is done for an HTTP request or a handshake:
 *   draining, the load, and the rate and number of an address's requests. What is counted here ends with {@link
 *   RequestVisit.end}.
 * - {@link Gate.request}, before a request or a handshake for a room is handled: the origin and the
 *   operator's fence. A token in `Authorization` belongs here.
 * - {@link Gate.open}, before a connection joins its room: draining, the load, the fence, and connections in total, per
 *   address and per dialect. Bans belong here. Every answer is synchronous, so that nothing can happen
 *   between the answer and the join; a token in a hello must be checked in the same way, by a method of {@link Visit}.
 * - {@link Visit}, before a room acts on a frame: the rates of the connection, of its address, and of the address in the
 *   room. Mutes belong here. {@link Visit.store}, before a message is stored: rooms and bytes in all, and new rooms per
 *   address. {@link Visit.allows} asks the fence about a person.
 *
 * If a relay runs in several processes, each asks its own gate about what it handles: on Workers, the Worker asks about
 * requests, and each room's object about its connections.
 */
import type { Config } from '../config.ts';
import type { Usage } from '../log/log.ts';
import type { Dialect } from '../room/dialect.ts';
import { type AddressNetworks, networksOf } from './address.ts';
import { Admission } from './admission.ts';
import { type Bound, Capacity, type CapacityOptions } from './capacity.ts';
import { ConnectionRates } from './connection-rates.ts';
import { Fence } from './fence.ts';
import { LoadShedder } from './load-shedder.ts';
import { NewRooms } from './new-rooms.ts';
import { isOriginAllowed, type OriginRules } from './origins.ts';
import { Rates } from './rates.ts';
import { BUSY, FENCED, FOREIGN_ORIGIN, type Refusal, restarting } from './refusal.ts';
import { RequestBounds } from './request-bounds.ts';
import { type Arrival, RequestVisit } from './request-visit.ts';
import { type Rules, Visit } from './visit.ts';

export type GateConfig = OriginRules &
  Pick<Config, 'rate' | 'burst' | 'maxConnections' | 'maxPerAddress'> &
  Partial<CapacityOptions>;

export interface GateOptions {
  /** The minimum time over which clients spread their reconnects (ms). */
  readonly minSpreadMs?: number;
  /** How often {@link Gate.sampleLoad} is called (ms); absent if it is not. */
  readonly tickMs?: number;
  /** Without one, everything is allowed. */
  readonly fence?: Fence;
  /** Called when the handshake of a page of a foreign origin is refused. */
  readonly onForeignOrigin?: ((address: string) => void) | undefined;
  /** Called when a message is refused because its address has begun too many rooms. */
  readonly onNewRoomsRefused?: (() => void) | undefined;
  /** Called when a message is refused because its address has said as much as it may, over all its connections. */
  readonly onMessagesRefused?: (() => void) | undefined;
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

/** The room and dialect that a connection asks for, and the address it comes from. */
export interface ConnectRequest {
  readonly room: string;
  readonly dialect: Dialect;
  /** The client's address, as far as it is known. */
  readonly address: string;
}

const MIN_SPREAD_MS = 500;

export class Gate {
  /** How many frames a connection may send per second, and at once (`burst`). A rate of 0 removes the limit. */
  readonly rate: number;
  readonly burst: number;
  readonly #origins: OriginRules;
  readonly #onForeignOrigin: GateOptions['onForeignOrigin'];
  readonly #admission: Admission;
  readonly #rates: Rates | undefined;
  readonly #maxPerAddress: number;
  readonly #requests: RequestBounds;
  readonly #load: LoadShedder;
  readonly #minSpreadMs: number;
  readonly #rules: Rules;
  #draining = false;

  constructor(
    config: GateConfig,
    { minSpreadMs = MIN_SPREAD_MS, tickMs, fence = new Fence(), onForeignOrigin, ...told }: GateOptions = {},
  ) {
    const { rate, burst, maxConnections, maxPerAddress, origins, publicOrigin, maxRooms = 0, maxDisk = 0 } = config;
    this.rate = rate;
    this.burst = burst;
    this.#origins = { origins, publicOrigin };
    this.#onForeignOrigin = onForeignOrigin;
    this.#admission = new Admission({ maxConnections, maxPerAddress });
    this.#rates = rate > 0 ? new Rates({ rate, burst }, { tickMs, maxPerAddress }) : undefined;
    this.#maxPerAddress = maxPerAddress;
    this.#requests = new RequestBounds(maxPerAddress);
    this.#load = new LoadShedder(() => this.#admission.fullest());
    this.#minSpreadMs = minSpreadMs;
    const newRooms = rate > 0 && maxPerAddress > 0 ? new NewRooms() : undefined;
    this.#rules = { fence, capacity: new Capacity({ maxRooms, maxDisk }), newRooms, ...told };
  }

  /** Whether the relay is shutting down. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Open connections, including those waiting to be rejected. */
  get connections(): number {
    return this.#admission.count;
  }

  /** The time over which all clients should spread their reconnects (ms): one connection per millisecond. */
  get spreadMs(): number {
    return Math.max(this.#minSpreadMs, this.#admission.admitted);
  }

  /** Refuses every connection from now on. */
  drain(): void {
    this.#draining = true;
  }

  /**
   * Takes how late the event loop was just now (ms), at `now` (ms). Newcomers are refused while it stays late, and the
   * rates allow for the time in which it did not come round. To be called at the interval `tickMs`.
   */
  sampleLoad(lateMs: number, now: number): void {
    this.#rates?.tick(now);
    this.#load.sample(lateMs, now);
  }

  /** Counts a request and decides, at `now` (ms), whether anything may be done for it. */
  begin({ address, cost, vital }: Arrival, now: number): RequestVisit {
    const networks = networksOf(address);
    const refusal = this.#requests.enter(networks, cost, now);
    const found = vital ? undefined : (this.#refuseAnyone(networks) ?? refusal);
    return new RequestVisit(found, () => this.#requests.leave(networks));
  }

  /**
   * Counts a handshake and decides, at `now` (ms), whether it may be made. Most connections that are refused are
   * upgraded, so that their clients can be told why; but there cannot be any number of those.
   */
  beginHandshake(address: string, now: number): RequestVisit {
    const networks = networksOf(address);
    const refusal = this.#requests.enterHandshake(networks, now);
    const found = this.#admission.turnsAway(networks) ?? refusal;
    return new RequestVisit(found, () => this.#requests.leaveHandshake(networks));
  }

  /** Whether what the log holds is bounded, so that it must be measured. */
  get isBounded(): boolean {
    return this.#rules.capacity.isBounded;
  }

  /** Whether the operator's fence allows an address in a room. */
  allows(address: string, room: string): boolean {
    return this.#rules.fence.allows(address, room);
  }

  /**
   * Takes how much the log holds, at the start and about once a second. Returns the bounds that are reached, or that
   * have been since the last call.
   */
  measure(usage: Usage): readonly Bound[] {
    const { capacity } = this.#rules;
    const { reached } = capacity;
    capacity.measure(usage);
    return [...new Set([...reached, ...capacity.reached])];
  }

  /** Whether nothing may be stored, because the log holds too much. */
  get isExceeded(): boolean {
    return this.#rules.capacity.isExceeded;
  }

  /** Decides whether a request may be handled. Returns `undefined` if it may. */
  request({ address, room, origin, upgrade }: GateRequest): Refusal | undefined {
    // A page cannot see why a handshake was refused, so a WebSocket is told by a close code once it is open.
    if (!upgrade && !this.allows(address, room)) return FENCED;
    // For any other request, the browser stops foreign pages from reading the answer (CORS). For a WebSocket it does
    // not.
    if (!upgrade || isOriginAllowed(origin, this.#origins)) return undefined;
    this.#onForeignOrigin?.(address);
    return FOREIGN_ORIGIN;
  }

  /**
   * Counts a new connection and decides whether it may join its room. A refused connection exists until its socket is
   * closed, so it is counted too. Whatever the answer is, {@link Visit.end} must be called once.
   */
  open({ address, dialect, room }: ConnectRequest): Visit {
    const fenced = this.allows(address, room) ? undefined : FENCED;
    const networks = networksOf(address);
    const found = this.#refuseAnyone(networks) ?? fenced;
    const refusal = this.#admission.enter(address, dialect, found);
    const rates = this.#rates && new ConnectionRates(this.#rates, { networks, room });
    return new Visit(this.#admission, rates, { rules: this.#rules, address, room, dialect, refusal });
  }

  #refuseAnyone(networks: AddressNetworks): Refusal | undefined {
    if (this.#draining) return restarting(this.spreadMs);
    // Without limits per address, an address says nothing about who has too much.
    const connections = this.#maxPerAddress > 0 ? this.#admission.fullness(networks) : 0;
    return this.#load.refuses(connections) ? BUSY : undefined;
  }
}
