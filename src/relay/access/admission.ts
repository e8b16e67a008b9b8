/** Counts connections, in total and per address, and decides whether one more is admitted. */
import type { Dialect } from '../room/dialect.ts';
import { crowded, FULL, type Refusal } from './refusal.ts';

export interface AdmissionOptions {
  /** 0 removes the limit. */
  readonly maxConnections: number;
  /** 0 removes the limit, and those of the dialects. */
  readonly maxPerAddress: number;
}

export class Admission {
  readonly #maxConnections: number;
  readonly #maxPerAddress: number;
  /**
   * Connections per address, and per address in each dialect with a limit. Connections waiting to be rejected count
   * too.
   */
  readonly #byAddress = new Map<string, number>();
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
    const here = this.#add(networkOf(address), 1);
    const inDialect = isBounded(dialect) ? this.#add(keyOf(address, dialect), 1) : 0;
    this.#count += 1;
    const refusal = found ?? this.#refuse(dialect, here, inDialect);
    if (refusal === undefined) this.#admitted += 1;
    return refusal;
  }

  /** Stops counting the connection. `refused` is whether `enter` returned a refusal. */
  leave(address: string, dialect: Dialect, refused: boolean): void {
    this.#count -= 1;
    if (!refused) this.#admitted -= 1;
    this.#add(networkOf(address), -1);
    if (isBounded(dialect)) this.#add(keyOf(address, dialect), -1);
  }

  /** `here` and `inDialect` are the address's connections, including this one. */
  #refuse({ maxPerAddress, rejectionDelayMs }: Dialect, here: number, inDialect: number): Refusal | undefined {
    if (this.#maxPerAddress > 0) {
      if (here > this.#maxPerAddress) return crowded(0);
      if (inDialect > maxPerAddress) return crowded(rejectionDelayMs);
    }
    return this.#maxConnections > 0 && this.#admitted >= this.#maxConnections ? FULL : undefined;
  }

  #add(key: string, change: number): number {
    const count = (this.#byAddress.get(key) ?? 0) + change;
    if (count > 0) this.#byAddress.set(key, count);
    else this.#byAddress.delete(key);
    return count;
  }
}

function isBounded({ maxPerAddress }: Dialect): boolean {
  return maxPerAddress !== Number.POSITIVE_INFINITY;
}

function keyOf(address: string, { name }: Dialect): string {
  return `${name} ${networkOf(address)}`;
}

/** The network of one subscriber: an IPv4 address, or the first 64 bits of an IPv6 address (RFC 6177). */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
