/**
 * Bounds the HTTP requests and handshakes of an address: how many it may make, and how many may be under way. It is
 * given the time and knows no clock.
 */
import { type AddressNetworks, SITE_FACTOR } from './address.ts';
import {
  FEW_ANSWERS,
  limitScale,
  MAX_ANSWERS,
  MAX_ANSWERS_IN_ALL,
  MAX_ANSWERS_PER_ADDRESS,
  MAX_ANSWERS_PER_SITE,
  MAX_HANDSHAKES_PER_ADDRESS,
  REQUEST_BURST,
  REQUEST_RATE,
} from './http-limits.ts';
import { NetworkCounts } from './network-counts.ts';
import { BUSY, type Refusal, TOO_MANY_ANSWERS, tooManyRequests } from './refusal.ts';
import { SharedBuckets } from './shared-buckets.ts';
import { TokenBucket } from './token-bucket.ts';

type RequestBuckets = { readonly requests: TokenBucket };

export class RequestBounds {
  /** How much more than the standard is allowed; 0 if an address has no limits. */
  readonly #scale: number;
  readonly #answers = new NetworkCounts();
  readonly #handshakes = new NetworkCounts();
  readonly #subscribers: SharedBuckets<RequestBuckets>;
  readonly #sites: SharedBuckets<RequestBuckets>;
  #answersInAll = 0;

  /** `maxPerAddress` is that of connections; 0 removes the limits of an address. */
  constructor(maxPerAddress: number) {
    const scale = maxPerAddress === 0 ? 0 : limitScale(maxPerAddress);
    this.#scale = scale;
    this.#subscribers = new SharedBuckets(() => bucketsOf(scale));
    this.#sites = new SharedBuckets(() => bucketsOf(scale * SITE_FACTOR));
  }

  /** Counts a request. Whatever the answer is, `leave` must be called once the request has been answered. */
  enter(networks: AddressNetworks, cost: number, now: number): Refusal | undefined {
    const { subscriber, site } = networks;
    // Without limits per address, everyone may have the same one.
    const hasFew = this.#scale > 0 && this.#answers.of(subscriber) < FEW_ANSWERS;
    this.#answersInAll += 1;
    const overHere = this.#answers.enter(networks, MAX_ANSWERS_PER_ADDRESS * this.#scale);
    const overOnSite = site !== undefined && this.#answers.of(site) > MAX_ANSWERS_PER_SITE * this.#scale;
    if (this.#answersInAll > (hasFew ? MAX_ANSWERS_IN_ALL : MAX_ANSWERS)) return BUSY;
    return this.#refuse(networks, { over: overHere || overOnSite, cost, now });
  }

  leave(networks: AddressNetworks): void {
    this.#answersInAll -= 1;
    this.#answers.leave(networks);
  }

  /** Counts a handshake. Whatever the answer is, `leaveHandshake` must be called once it is done. */
  enterHandshake(networks: AddressNetworks, now: number): Refusal | undefined {
    const over = this.#handshakes.enter(networks, MAX_HANDSHAKES_PER_ADDRESS * this.#scale);
    return this.#refuse(networks, { over, cost: 1, now });
  }

  leaveHandshake(networks: AddressNetworks): void {
    this.#handshakes.leave(networks);
  }

  /** Networks whose rate is remembered. */
  get size(): number {
    return this.#subscribers.size + this.#sites.size;
  }

  #refuse({ subscriber, site }: AddressNetworks, { over, cost, now }: Asked): Refusal | undefined {
    if (this.#scale === 0) return undefined;
    const own = this.#subscribers.acquire(subscriber, now);
    const shared = site === undefined ? undefined : this.#sites.acquire(site, now);
    const buckets = [own.buckets.requests, ...(shared ? [shared.buckets.requests] : [])];
    for (const bucket of buckets) bucket.refill(now);
    const retryMs = Math.max(...buckets.map(bucket => bucket.msUntil(cost)));
    if (retryMs === 0) for (const bucket of buckets) bucket.take(cost);
    this.#subscribers.release(own);
    if (shared) this.#sites.release(shared);
    if (retryMs > 0) return tooManyRequests(retryMs);
    return over ? TOO_MANY_ANSWERS : undefined;
  }
}

function bucketsOf(factor: number): RequestBuckets {
  return { requests: new TokenBucket(REQUEST_RATE * factor, REQUEST_BURST * factor) };
}

interface Asked {
  /** Whether too many are under way already. */
  readonly over: boolean;
  readonly cost: number;
  readonly now: number;
}
