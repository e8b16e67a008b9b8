/** Counts connections, in all and from each address, and says whether there is room for one more. */
import type { Dialect } from '../room/dialect.ts';
import { crowded, FULL, type Refusal } from './refusal.ts';

export interface AdmissionOptions {
  /** 0 lifts it. */
  readonly maxConnections: number;
  /** 0 lifts it, and with it the bounds of the dialects. */
  readonly maxPerAddress: number;
}

export class Admission {
  readonly #maxConnections: number;
  readonly #maxPerAddress: number;
  /** Connections by address, and again by address in a dialect that has a bound. Those that wait to be rejected count too. */
  readonly #byAddress = new Map<string, number>();
  #count = 0;
  #admitted = 0;

  constructor({ maxConnections, maxPerAddress }: AdmissionOptions) {
    this.#maxConnections = maxConnections;
    this.#maxPerAddress = maxPerAddress;
  }

  /** Connections, those that wait to be rejected included. */
  get count(): number {
    return this.#count;
  }

  /** Connections that were let in. Only they fill the relay, or one address could shut out all others. */
  get admitted(): number {
    return this.#admitted;
  }

  /**
   * Counts a connection in. A refusal that was `found` already is passed through. Whatever comes back, `leave` must be
   * called when the socket is closed.
   */
  enter(address: string, dialect: Dialect, found?: Refusal): Refusal | undefined {
    const here = this.#add(networkOf(address), 1);
    const inDialect = isBounded(dialect) ? this.#add(keyOf(address, dialect), 1) : 0;
    this.#count += 1;
    const refusal = found ?? this.#refuse(dialect, here, inDialect);
    if (refusal === undefined) this.#admitted += 1;
    return refusal;
  }

  /** Counts it out; `refused` as `enter` said. */
  leave(address: string, dialect: Dialect, refused: boolean): void {
    this.#count -= 1;
    if (!refused) this.#admitted -= 1;
    this.#add(networkOf(address), -1);
    if (isBounded(dialect)) this.#add(keyOf(address, dialect), -1);
  }

  /** `here` and `inDialect`: connections of the address, with this one. */
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
