/**
 * Bounds how many rooms each network of addresses brings into being: many at once, so that a class behind one address
 * can open a room each, and few in the long run, so that one address cannot fill the relay.
 */
import { networksOf, SITE_FACTOR } from './address.ts';
import { SharedBuckets } from './shared-buckets.ts';
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
    // The subscriber is asked first, so that nobody uses up a site's rooms by being refused.
    const waitMs = takeOne(this.#subscribers, subscriber, now);
    return waitMs > 0 || site === undefined ? waitMs : takeOne(this.#sites, site, now);
  }
}

function bucketsFor(factor: number): Buckets {
  return { rooms: new TokenBucket((1000 / NEW_ROOM_MS) * factor, NEW_ROOMS_AT_ONCE * factor) };
}

function takeOne(shared: SharedBuckets<Buckets>, key: string, now: number): number {
  const bucket = shared.acquire(key, now);
  const { rooms } = bucket.buckets;
  rooms.refill(now);
  const waitMs = rooms.msUntil(1);
  if (waitMs === 0) rooms.take(1);
  shared.release(bucket);
  return waitMs;
}
