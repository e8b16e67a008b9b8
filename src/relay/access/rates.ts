/**
 * The rates at which clients may send, all derived from the rate and burst of one connection, and the buckets that
 * connections share: those of an address and of its site, and of either in a room.
 *
 * There are two kinds of rates. *Frames* bound the work of reading: every frame counts, whatever it holds, and those
 * over the rate are read more slowly. *Messages* bound what others must read: those over the rate are refused.
 */
import { type AddressNetworks, SITE_FACTOR } from './address.ts';
import { Lateness } from './lateness.ts';
import { type Shared, SharedBuckets } from './shared-buckets.ts';
import { TokenBucket } from './token-bucket.ts';

/** Tokens per second, and at once. */
interface Rate {
  readonly rate: number;
  readonly burst: number;
}

/** Frames of every kind, and those that count as messages. */
export type FrameBuckets = { readonly frames: TokenBucket; readonly messages: TokenBucket };
/** The messages of an address, or of a site, in one room: of everyone, and of those who are new there. */
export type RoomBuckets = { readonly everyone: TokenBucket; readonly newcomers: TokenBucket };

/** The buckets that a connection shares with others. */
export interface SharedRates {
  readonly address: Shared<FrameBuckets>;
  readonly site: Shared<FrameBuckets> | undefined;
  readonly room: Shared<RoomBuckets>;
  readonly siteRoom: Shared<RoomBuckets> | undefined;
}

export interface RatesOptions {
  /** How often {@link Rates.tick} is called (ms); `undefined` if it is not. */
  readonly tickMs: number | undefined;
  /** The connections that an address may have; 0 means that nothing is limited per address. */
  readonly maxPerAddress: number;
}

/** A client may send at its rate while the network stands still for so long (s), and all of it may come at once. */
const STALL_S = 60;
/** How many times as much as an address a site may send to one room. */
const SITE_ROOM_FACTOR = 3;
/** So many times as much is no limit. */
const UNLIMITED = 1_000_000;

export class Rates {
  readonly lateness: Lateness;
  /** The time, as far as it is known (ms). */
  now = 0;
  /** Frames over a rate after which a connection is closed. */
  readonly maxExcess: number;
  /** How long a connection must be within all rates to go first at its address (ms). */
  readonly preferredAfterMs: number;
  readonly #messages: Rate;
  readonly #addresses: SharedBuckets<FrameBuckets>;
  readonly #sites: SharedBuckets<FrameBuckets>;
  readonly #rooms: SharedBuckets<RoomBuckets>;
  readonly #siteRooms: SharedBuckets<RoomBuckets>;

  /** `messages` has a rate above 0. */
  constructor(messages: Rate, { tickMs, maxPerAddress }: RatesOptions) {
    this.#messages = messages;
    this.lateness = new Lateness(tickMs ?? Number.POSITIVE_INFINITY);
    this.maxExcess = Math.max(STALL_S * messages.rate, 6 * (messages.rate + messages.burst));
    this.preferredAfterMs = (messages.burst * 1000) / messages.rate;
    const factor = maxPerAddress === 0 ? UNLIMITED : 1;
    // Each connection pings up to once in three seconds.
    const pings = { rate: maxPerAddress / 2, burst: maxPerAddress * 2 };
    const network = (times: number) => ({
      frames: new TokenBucket((messages.rate * 16 + pings.rate) * times, (messages.burst * 20 + pings.burst) * times),
      messages: bucketOf(messages, 4 * times, 5 * times),
    });
    this.#addresses = new SharedBuckets(() => network(factor));
    this.#sites = new SharedBuckets(() => network(factor * SITE_FACTOR));
    // An address may so replace less than a twentieth of a room's 10,000 messages in a minute.
    const inRoom = (times: number) => ({
      everyone: bucketOf(messages, 1.4 * times, 2.5 * times),
      newcomers: bucketOf(messages, times, 2 * times),
    });
    this.#rooms = new SharedBuckets(() => inRoom(factor));
    this.#siteRooms = new SharedBuckets(() => inRoom(factor * SITE_ROOM_FACTOR));
  }

  /** The event loop has come round again, at `now` (ms). To be called at the interval that was given. */
  tick(now: number): void {
    this.now = now;
    this.lateness.tick(now);
  }

  /** The buckets that a new connection has for itself. */
  create(): FrameBuckets {
    return { frames: bucketOf(this.#messages, 4, 4), messages: bucketOf(this.#messages, 1, 1) };
  }

  /** The shared buckets for one more connection, which must release them. */
  acquire({ subscriber, site }: AddressNetworks, room: string): SharedRates {
    const { now } = this;
    return {
      address: this.#addresses.acquire(subscriber, now),
      site: site === undefined ? undefined : this.#sites.acquire(site, now),
      room: this.#rooms.acquire(`${subscriber} ${room}`, now),
      siteRoom: site === undefined ? undefined : this.#siteRooms.acquire(`${site} ${room}`, now),
    };
  }

  release({ address, site, room, siteRoom }: SharedRates): void {
    this.#addresses.release(address);
    if (site) this.#sites.release(site);
    this.#rooms.release(room);
    if (siteRoom) this.#siteRooms.release(siteRoom);
  }
}

/** A full bucket for these multiples of a rate and of a burst. */
function bucketOf({ rate, burst }: Rate, ofRate: number, ofBurst: number): TokenBucket {
  return new TokenBucket(rate * ofRate, burst * ofBurst);
}
