/** Who may come in: how many connections there are, in all and from one address, and how many there may be. */
import { CLOSE_BUSY, CLOSE_CROWDED } from '../../protocol/limits.ts';
import type { Dialect } from '../room/dialect.ts';

export interface AdmissionLimits {
  /** 0 lifts it. */
  readonly maxConnections: number;
  /** 0 lifts it, in the tutorial's dialect too. */
  readonly maxPerAddress: number;
}

/** Why someone may not come in: the code to close with, and how long to wait before (ms). */
export interface Rejection {
  readonly code: number;
  readonly delayMs: number;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  /** Connections by address, and again by address in the tutorial's dialect. Those that wait to be rejected count too. */
  readonly #byAddress = new Map<string, number>();
  #count = 0;
  #admitted = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Connections, those that wait to be turned away included. */
  get count(): number {
    return this.#count;
  }

  /** Connections that were let in. Only they fill the relay, or one address could shut out all others. */
  get admitted(): number {
    return this.#admitted;
  }

  /** Counts a connection in. Whatever comes back, `leave` must be called when its socket is closed. */
  enter(address: string, dialect: Dialect): Rejection | undefined {
    const { maxConnections, maxPerAddress } = this.#limits;
    const here = this.#add(networkOf(address), 1);
    const inDialect = isBounded(dialect) ? this.#add(keyOf(address, dialect), 1) : 0;
    this.#count += 1;
    if (maxPerAddress > 0) {
      if (here > maxPerAddress) return { code: CLOSE_CROWDED, delayMs: 0 };
      if (inDialect > dialect.maxPerAddress) return { code: CLOSE_CROWDED, delayMs: dialect.rejectionDelayMs };
    }
    if (maxConnections > 0 && this.#admitted >= maxConnections) return { code: CLOSE_BUSY, delayMs: 0 };
    this.#admitted += 1;
    return undefined;
  }

  /** Counts it out; `rejected` as `enter` said. */
  leave(address: string, dialect: Dialect, rejected: boolean): void {
    this.#count -= 1;
    if (!rejected) this.#admitted -= 1;
    this.#add(networkOf(address), -1);
    if (isBounded(dialect)) this.#add(keyOf(address, dialect), -1);
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

/** What one subscriber holds: an IPv4 address, or the first 64 bits of an IPv6 one (RFC 6177). */
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
