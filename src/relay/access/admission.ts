/** Counts connections, in total and per network of addresses, and decides whether one more is admitted. */
import type { Dialect } from '../room/dialect.ts';
import { type AddressNetworks, networksOf } from './address.ts';
import { NetworkCounts } from './network-counts.ts';
import { crowded, crowdedInDialect, FULL, type Refusal } from './refusal.ts';

/** Connections that may wait to be rejected, besides those that may be admitted. */
const MAX_REJECTED = 1000;

export interface AdmissionOptions {
  /** 0 removes the limit. */
  readonly maxConnections: number;
  /** 0 removes the limit, and those of the dialects. */
  readonly maxPerAddress: number;
}

/** Whether an address has too many connections, in all and in the dialect. */
interface Over {
  readonly over: boolean;
  readonly overInDialect: boolean;
}

export class Admission {
  readonly #maxConnections: number;
  readonly #maxPerAddress: number;
  /** Connections per network, and per network in each dialect with a limit, those waiting to be rejected included. */
  readonly #byNetwork = new NetworkCounts();
  readonly #byDialect = new Map<Dialect, NetworkCounts>();
  #count = 0;
  #admitted = 0;

  constructor({ maxConnections, maxPerAddress }: AdmissionOptions) {
    this.#maxConnections = maxConnections;
    this.#maxPerAddress = maxPerAddress;
  }

  /** Connections, including those waiting to be rejected. */
  get count(): number {
    return this.#count;
  }

  /** Admitted connections. Only these count towards the relay's limit; otherwise one address could block all others. */
  get admitted(): number {
    return this.#admitted;
  }

  /**
   * Counts a new connection. Returns `found`, a refusal that was already decided, or one of its own. Whatever it
   * returns, `leave` must be called when the socket is closed.
   */
  enter(address: string, dialect: Dialect, found?: Refusal): Refusal | undefined {
    const networks = networksOf(address);
    const over = this.#byNetwork.enter(networks, this.#maxPerAddress);
    const overInDialect = this.#countsIn(dialect)?.enter(networks, dialect.maxPerAddress) ?? false;
    this.#count += 1;
    const refusal = found ?? this.#refuse(dialect, { over, overInDialect });
    if (refusal === undefined) this.#admitted += 1;
    return refusal;
  }

  /** Stops counting the connection. `refused` is whether `enter` returned a refusal. */
  leave(address: string, dialect: Dialect, refused: boolean): void {
    this.#count -= 1;
    if (!refused) this.#admitted -= 1;
    const networks = networksOf(address);
    this.#byNetwork.leave(networks);
    this.#countsIn(dialect)?.leave(networks);
  }

  /**
   * Whether so many connections wait to be rejected that no more are upgraded in order to be told why: an address has
   * twice as many as are admitted, or all together have {@link MAX_REJECTED} more. The client may never close such a
   * connection, and not every runtime can end it.
   */
  turnsAway(networks: AddressNetworks): Refusal | undefined {
    const isCrowded = this.#maxPerAddress > 0 && this.#byNetwork.has(networks, 2 * this.#maxPerAddress);
    if (isCrowded) return crowded();
    return this.#maxConnections > 0 && this.#count >= this.#maxConnections + MAX_REJECTED ? FULL : undefined;
  }

  /** How many connections there are where an address is, as {@link NetworkCounts.fullness} counts them. */
  fullness(networks: AddressNetworks): number {
    return this.#byNetwork.fullness(networks);
  }

  /** The same for the fullest network. */
  fullest(): number {
    return this.#byNetwork.fullest();
  }

  #refuse({ rejectionDelayMs }: Dialect, { over, overInDialect }: Over): Refusal | undefined {
    if (this.#maxPerAddress > 0) {
      if (over) return crowded();
      if (overInDialect) return crowdedInDialect(rejectionDelayMs);
    }
    return this.#maxConnections > 0 && this.#admitted >= this.#maxConnections ? FULL : undefined;
  }

  /** `undefined` if the dialect has no limit of its own. */
  #countsIn(dialect: Dialect): NetworkCounts | undefined {
    if (dialect.maxPerAddress === Number.POSITIVE_INFINITY) return undefined;
    let counts = this.#byDialect.get(dialect);
    if (!counts) {
      counts = new NetworkCounts();
      this.#byDialect.set(dialect, counts);
    }
    return counts;
  }
}
