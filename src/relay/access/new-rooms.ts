/**
 * Bounds how many rooms each network of addresses brings into being: many at once, so that a class behind one address
 * can open a room each, and few in the long run, so that one address cannot fill the relay.
 */
import { networksOf, SITE_FACTOR } from './address.ts';
import { type Shared, SharedBuckets } from './shared-buckets.ts';
import { TokenBucket } from './token-bucket.ts';

/** Rooms at once, and one more per this time, for a subscriber; ten times that for a site. */
export const NEW_ROOMS_AT_ONCE = 60;
export const NEW_ROOM_MS = 60_000;

interface Buckets {
  readonly [name: string]: TokenBucket;
  readonly rooms: TokenBucket;
}

export class NewRooms {
  readonly #subscribers = new SharedBuckets(() => bucketsFor(1));
  readonly #sites = new SharedBuckets(() => bucketsFor(SITE_FACTOR));

  /** Takes a room at `now` (ms). Returns 0 if it may come into being, else the time until one may (ms). */
  take(address: string, now: number): number {
    const { subscriber, site } = networksOf(address);
    const shared = site === undefined ? undefined : this.#sites.acquire(site, now);
    // Nothing is remembered of a subscriber whose site is refused: a site has more of them than can be remembered.
    const siteMs = shared ? untilOne(shared, now) : 0;
    const waitMs = siteMs > 0 ? siteMs : this.#takeFrom(subscriber, now);
    if (shared) {
      // Nobody uses up a site's rooms by being refused.
      if (waitMs === 0) shared.buckets.rooms.take(1);
      this.#sites.release(shared);
    }
    return waitMs;
  }

  #takeFrom(subscriber: string, now: number): number {
    const own = this.#subscribers.acquire(subscriber, now);
    const waitMs = untilOne(own, now);
    if (waitMs === 0) own.buckets.rooms.take(1);
    this.#subscribers.release(own);
    return waitMs;
  }
}

function bucketsFor(factor: number): Buckets {
  return { rooms: new TokenBucket((1000 / NEW_ROOM_MS) * factor, NEW_ROOMS_AT_ONCE * factor) };
}

function untilOne({ buckets: { rooms } }: Shared<Buckets>, now: number): number {
  rooms.refill(now);
  return rooms.msUntil(1);
}
