/**
 * Tells the operator who comes and goes: at `info` a summary of what happened in ten seconds, so that no crowd can fill
 * a disk, and at `debug` a line for each connection. Addresses are in neither unless the operator asks for them.
 */
import type { Logger } from 'pino';
import { networksOf } from '../../access/address.ts';
import type { ConnectRequest } from '../../access/gate.ts';
import type { Clock } from '../../clock.ts';

export interface ConnectionLogOptions {
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  /** Whether addresses may be written. */
  readonly addresses: boolean;
  /** The number of open connections. */
  readonly connections: () => number;
}

/** How long events are gathered for one line. */
const SUMMARY_MS = 10_000;
/** The most networks whose refusals are counted apart. */
const MAX_NETWORKS = 1000;

export class ConnectionLog {
  readonly #logger: Logger;
  readonly #clock: ConnectionLogOptions['clock'];
  readonly #addresses: boolean;
  readonly #connections: () => number;
  #opened = 0;
  #closed = 0;
  #tooFast = 0;
  /** Refusals by their code, and by the network that they come from. */
  readonly #refused = new Map<string, number>();
  readonly #networks = new Map<string, number>();
  #timer: unknown;

  constructor(logger: Logger, { clock, addresses, connections }: ConnectionLogOptions) {
    this.#logger = logger;
    this.#clock = clock;
    this.#addresses = addresses;
    this.#connections = connections;
  }

  /** A connection has joined its room. */
  opened(request: ConnectRequest): void {
    this.#opened += 1;
    this.#note();
    if (this.#logger.isLevelEnabled('debug'))
      this.#logger.debug(this.#detailsOf(request), 'connection opened 连接成功');
  }

  /** A connection has left its room; `code` is that of its close, and `tooFast` whether the relay has closed it for that. */
  closed(request: ConnectRequest, code: number, tooFast: boolean): void {
    this.#closed += 1;
    if (tooFast) this.#tooFast += 1;
    this.#note();
    if (!this.#logger.isLevelEnabled('debug')) return;
    this.#logger.debug({ ...this.#detailsOf(request), code }, 'connection closed 连接关闭');
  }

  /** A connection may not join its room, or a handshake is not made, for the reason that `code` names. */
  refused(address: string, code: string): void {
    add(this.#refused, code);
    const network = networksOf(address).subscriber;
    if (this.#networks.size < MAX_NETWORKS || this.#networks.has(network)) add(this.#networks, network);
    this.#note();
    if (!this.#logger.isLevelEnabled('debug')) return;
    this.#logger.debug({ code, ...(this.#addresses && { address }) }, 'connection refused');
  }

  /** Writes the summary of what has not been told yet. */
  flush(): void {
    this.#clock.clearTimeout(this.#timer);
    if (this.#timer === undefined) return;
    this.#timer = undefined;
    const summary = { connections: this.#connections(), opened: this.#opened, closed: this.#closed };
    const tooFast = this.#tooFast > 0 && { tooFast: this.#tooFast };
    this.#logger.info({ ...summary, ...tooFast, ...this.#refusals() }, 'connections');
    this.#opened = 0;
    this.#closed = 0;
    this.#tooFast = 0;
    this.#refused.clear();
    this.#networks.clear();
  }

  #note(): void {
    this.#timer ??= this.#clock.setTimeout(() => this.flush(), SUMMARY_MS);
  }

  /** Tells a crowd from a single network that comes again and again. */
  #refusals(): object {
    if (this.#refused.size === 0) return {};
    const [network, most] = [...this.#networks].reduce((a, b) => (b[1] > a[1] ? b : a));
    return {
      refused: Object.fromEntries(this.#refused),
      networks: this.#networks.size,
      mostOfOneNetwork: most,
      ...(this.#addresses && { network }),
    };
  }

  #detailsOf({ room, dialect, address }: ConnectRequest): object {
    const details = { room, dialect: dialect.name, connections: this.#connections() };
    return this.#addresses ? { ...details, address } : details;
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
