/**
 * Token buckets that connections share by a key, such as their address. They outlive the connections, so that nobody
 * gets a fresh bucket by connecting again: those that nobody uses are kept until they are full again, which is what a
 * fresh one would be.
 *
 * Memory is bounded without a way around the limits. When too many wait to be full, the one that has waited longest is
 * merged into one of a fixed number of others, chosen by the key; until that one is full, whoever has such a key shares
 * it.
 */
import { fnv1a } from '../fnv1a.ts';
import type { TokenBucket } from './token-bucket.ts';

type Buckets = Readonly<Record<string, TokenBucket>>;

/** The buckets of one key, and how many connections use them. */
export interface Shared<B> {
  readonly key: string;
  readonly buckets: B;
  users: number;
}

/** Keys whose buckets wait to be full, at most. Each takes about 400 bytes. */
export const MAX_WAITING = 10_000;
/** Merged buckets, at most. */
const MAX_MERGED = 256;

export class SharedBuckets<B extends Buckets> {
  readonly #make: () => B;
  readonly #used = new Map<string, Shared<B>>();
  /** Those without users that may not be full yet, in the order in which they lost the last. */
  readonly #waiting = new Map<string, Shared<B>>();
  readonly #merged = new Map<number, Shared<B>>();
  /** Makes it unpredictable which keys would be merged. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);

  /** `make` makes full buckets for a key. */
  constructor(make: () => B) {
    this.#make = make;
  }

  /** Keys that take up memory. */
  get size(): number {
    return this.#used.size + this.#waiting.size + this.#merged.size;
  }

  /** Returns the buckets of a key at `now` (ms), for one more connection, which must {@link release} them. */
  acquire(key: string, now: number): Shared<B> {
    this.#forget(now);
    const shared = this.#used.get(key) ?? this.#waiting.get(key) ?? this.#mergedFor(key, now) ?? this.#create(key);
    shared.users += 1;
    if (this.#waiting.delete(key)) this.#used.set(key, shared);
    return shared;
  }

  /** A connection no longer uses these buckets. */
  release(shared: Shared<B>): void {
    shared.users -= 1;
    if (shared.users > 0 || !this.#used.delete(shared.key)) return;
    this.#waiting.set(shared.key, shared);
    if (this.#waiting.size > MAX_WAITING) this.#mergeOldest();
  }

  /** Forgets the buckets that are full again. */
  #forget(now: number): void {
    for (const [key, { buckets }] of this.#waiting) {
      if (!areFull(buckets, now)) return;
      this.#waiting.delete(key);
    }
  }

  #create(key: string): Shared<B> {
    const shared = { key, buckets: this.#make(), users: 0 };
    this.#used.set(key, shared);
    return shared;
  }

  #mergedFor(key: string, now: number): Shared<B> | undefined {
    const slot = this.#slotOf(key);
    const shared = this.#merged.get(slot);
    if (!shared || shared.users > 0 || !areFull(shared.buckets, now)) return shared;
    this.#merged.delete(slot);
    return undefined;
  }

  #mergeOldest(): void {
    const [oldest] = this.#waiting.values();
    if (!oldest) return;
    const slot = this.#slotOf(oldest.key);
    this.#waiting.delete(oldest.key);
    const merged = this.#merged.get(slot);
    if (!merged) return void this.#merged.set(slot, oldest);
    for (const [name, bucket] of Object.entries<TokenBucket>(merged.buckets)) {
      const other = oldest.buckets[name];
      if (other) bucket.absorb(other);
    }
  }

  #slotOf(key: string): number {
    return fnv1a(key, this.#seed) % MAX_MERGED;
  }
}

function areFull(buckets: Buckets, now: number): boolean {
  for (const bucket of Object.values(buckets)) {
    bucket.refill(now);
    if (bucket.tokens < bucket.burst) return false;
  }
  return true;
}
