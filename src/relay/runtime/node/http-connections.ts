/**
 * Bounds the connections of an address that are not WebSockets, whether or not a request comes over them, and what is
 * read from them in one turn of the event loop. Connections from a trusted proxy are not counted, since many clients
 * share them.
 */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type AddressNetworks, canonicalAddress, networksOf } from '../../access/address.ts';
import {
  FIELDS_PER_REQUEST,
  limitScale,
  MAX_HTTP_CONNECTIONS,
  MAX_PER_TURN,
  MAX_PER_TURN_OF_SITE,
} from '../../access/http-limits.ts';
import { NetworkCounts } from '../../access/network-counts.ts';
import { crowded, type Refusal } from '../../access/refusal.ts';
import { isTrustedProxy, type TrustProxy } from '../../access/trust-proxy.ts';
import { guard, type Report } from '../lifecycle.ts';
import { refuseRaw } from './raw-answer.ts';

export interface HttpConnectionsOptions {
  readonly trustProxy: TrustProxy;
  /** The limit of WebSockets; 0 removes this limit as well. */
  readonly maxPerAddress: number;
  /** Called for each connection that is refused. */
  readonly onRefused: (address: string, refusal: Refusal) => void;
  /** Runs a function in the next turn of the event loop. */
  readonly later: (run: () => void) => void;
  /** Reports a bug of ours. */
  readonly report: Report;
}

export class HttpConnections {
  readonly #trustProxy: TrustProxy;
  readonly #max: number;
  readonly #onRefused: HttpConnectionsOptions['onRefused'];
  readonly #counts = new NetworkCounts();
  readonly #counted = new Map<Socket, AddressNetworks>();
  readonly #later: HttpConnectionsOptions['later'];
  /** What was parsed in this turn of a subscriber, of a site, or of a connection that is not counted. */
  readonly #parsed = new Map<string | Socket, number>();
  /** Connections that are not read from in this turn. */
  readonly #paused = new Set<Socket>();
  /** Handshakes. What they are sent is read by whoever takes them over, so they are neither paused nor resumed. */
  readonly #upgrading = new WeakSet<Socket>();

  /** Shared by all connections, to save memory. */
  readonly #onClose: (this: Socket) => void;
  readonly #onConnection: (socket: Socket) => void;

  constructor({ trustProxy, maxPerAddress, onRefused, later, report }: HttpConnectionsOptions) {
    this.#trustProxy = trustProxy;
    this.#onRefused = onRefused;
    this.#later = later;
    this.#max = maxPerAddress === 0 ? Number.POSITIVE_INFINITY : MAX_HTTP_CONNECTIONS * limitScale(maxPerAddress);
    const leave = guard((socket: Socket) => this.leave(socket), report);
    this.#onConnection = guard((socket: Socket) => this.#enter(socket), report);
    this.#onClose = function (this: Socket) {
      leave(this);
    };
  }

  /** Connections that are counted. */
  get size(): number {
    return this.#counted.size;
  }

  /** Counts the server's connections from now on, and refuses those over the limit. */
  watch(server: Pick<EventEmitter, 'prependListener'>): void {
    server.prependListener('connection', this.#onConnection);
  }

  /** Stops counting a connection, because it is closed or has become a WebSocket. */
  leave(socket: Socket): void {
    const networks = this.#counted.get(socket);
    if (!networks) return;
    this.#counted.delete(socket);
    this.#counts.leave(networks);
    socket.off('close', this.#onClose);
  }

  /**
   * Counts a request that was just parsed. Once its subscriber or its site has sent more than may be parsed in one turn,
   * nothing more is read from any of their connections until the next one.
   */
  count({ socket, rawHeaders }: Pick<IncomingMessage, 'socket' | 'rawHeaders'>): void {
    const networks = this.#counted.get(socket);
    const work = 1 + Math.floor(rawHeaders.length / 2 / FIELDS_PER_REQUEST);
    if (this.#parsed.size === 0) this.#later(() => this.#nextTurn());
    if (!networks) {
      if (this.#exceeds(socket, work, MAX_PER_TURN)) this.#pause(socket);
      return;
    }
    const { subscriber, site } = networks;
    const isOver = this.#exceeds(subscriber, work, MAX_PER_TURN);
    const isSiteOver = site !== undefined && this.#exceeds(site, work, MAX_PER_TURN_OF_SITE);
    if (!isOver && !isSiteOver) return;
    for (const [other, theirs] of this.#counted) {
      if (isSiteOver ? theirs.site === site : theirs.subscriber === subscriber) this.#pause(other);
    }
  }

  /** Adds what was parsed of a source in this turn. Returns whether that exceeds its maximum from now on. */
  #exceeds(source: string | Socket, work: number, max: number): boolean {
    const before = this.#parsed.get(source) ?? 0;
    this.#parsed.set(source, before + work);
    return before <= max && before + work > max;
  }

  /** Counts a handshake likewise. */
  countHandshake(request: Pick<IncomingMessage, 'socket' | 'rawHeaders'>): void {
    this.#upgrading.add(request.socket);
    this.count(request);
  }

  #pause(socket: Socket): void {
    if (socket.isPaused() || this.#upgrading.has(socket)) return;
    this.#paused.add(socket);
    socket.pause();
  }

  #nextTurn(): void {
    this.#parsed.clear();
    for (const socket of this.#paused) if (!this.#upgrading.has(socket)) socket.resume();
    this.#paused.clear();
  }

  #enter(socket: Socket): void {
    const peer = socket.remoteAddress ?? '';
    if (isTrustedProxy(peer, this.#trustProxy)) return;
    const networks = networksOf(peer);
    this.#counted.set(socket, networks);
    socket.once('close', this.#onClose);
    if (!this.#counts.enter(networks, this.#max)) return;
    const refusal = crowded();
    this.#onRefused(canonicalAddress(peer), refusal);
    refuseRaw(socket, refusal);
    // Whoever opens so many may not keep each for a while by not closing its end.
    socket.destroySoon();
  }
}
