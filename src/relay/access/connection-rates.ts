/**
 * Bounds what one connection may send, by its own buckets and by those that it shares with its address. It counts every
 * frame before it is parsed, and every message before it is stored.
 */
import type { Allowance, Excess, FrameRefusal } from '../room/context.ts';
import type { AddressNetworks } from './address.ts';
import type { Rates, SharedRates } from './rates.ts';
import type { TokenBucket } from './token-bucket.ts';

/** A frame counts once more for each 8,192 UTF-16 units in it, because it takes longer to parse. */
const UNITS_PER_FRAME = 8192;
/**
 * A connection that has been within all rates for a while, and sends little, goes first at its address: it may overdraw a
 * shared bucket by this share of its burst. So whoever floods takes nothing from quiet people behind the same address.
 */
const FRAMES_RESERVE = 2.5;
/** The first frame, usually a hello, may overdraw it too, but not so far: newcomers are not locked out by a flood. */
const HELLO_RESERVE = 1;
const MESSAGES_RESERVE = 0.25;
/** The frames that such a connection may send at once. So many of 190 connections do not use up the reserve. */
const FEW_FRAMES = 4;
/** Frames are refused unread once a bucket is overdrawn by this share of its burst, reserve not counted. */
const MAX_OVERDRAFT = 0.5;
/** A frame that comes so soon after a pause was sent before its end (ms). */
const SOON_MS = 20;
/** After so many pauses in a row, imposed by a shared bucket, in which it would have sent on, a connection is closed. */
const SHARED_PAUSES = 16;
/** Frames over a rate are forgotten after this time without another one (ms). */
const CALM_MS = 10_000;
/** The furthest ahead that a refusal promises a moment (ms). */
const MAX_PROMISE_MS = 60_000;

export interface ConnectionRatesOptions {
  readonly networks: AddressNetworks;
  readonly room: string;
}

export class ConnectionRates implements Omit<Allowance, 'store' | 'allows' | 'source'> {
  waitMs = 0;
  readonly #rates: Rates;
  readonly #frames: TokenBucket;
  readonly #messages: TokenBucket;
  readonly #networks: AddressNetworks;
  readonly #room: string;
  /** Acquired with the first frame. */
  #shared: SharedRates | undefined;
  /** How late the event loop is (ms). */
  #lateMs = 0;
  /** The number of tokens that the last frame took. */
  #cost = 0;
  /** From when on it goes first at its address (ms). */
  #preferredFrom = 0;
  /** Until when every frame would be refused, as far as the client has been told, and the last moment promised (ms). */
  #retryAt = Number.NEGATIVE_INFINITY;
  #promisedAt = Number.NEGATIVE_INFINITY;
  /** The last pause and its end (ms), and whether the client was told to wait for it. */
  #pauseMs = 0;
  #pausedUntil = 0;
  #isTold = false;
  /** Frames over a rate, when the last one came or its pause ends (ms), and whether the present one is among them. */
  #excess = 0;
  #excessAt = 0;
  #exceeds = false;

  constructor(rates: Rates, { networks, room }: ConnectionRatesOptions) {
    const { frames, messages } = rates.create();
    this.#rates = rates;
    this.#frames = frames;
    this.#messages = messages;
    this.#networks = networks;
    this.#room = room;
  }

  count(now: number, length: number): Excess | undefined {
    const isHello = this.#shared === undefined && length < UNITS_PER_FRAME;
    const { address, site } = this.#begin(now);
    this.#exceeds = false;
    if (Math.abs(now - this.#excessAt) > CALM_MS) this.#excess = 0;
    if (this.#excess > this.#rates.maxExcess) return 'close';
    const ofAddress = address.buckets.frames;
    const ofSite = site?.buckets.frames;
    this.#refill(this.#frames);
    const reserve = isHello ? HELLO_RESERVE : this.#reserve(FRAMES_RESERVE);
    this.#refill(ofAddress);
    if (ofSite) this.#refill(ofSite);
    const isRefused =
      msUntil(this.#frames, -MAX_OVERDRAFT) > 0 ||
      msUntil(ofAddress, -MAX_OVERDRAFT - reserve) > 0 ||
      (ofSite !== undefined && msUntil(ofSite, -MAX_OVERDRAFT - reserve) > 0);
    // Over the rate, hellos are bounded by the handshakes of an address, and take nothing from the others there.
    const isFree = isRefused || (isHello && ofAddress.tokens < 0);
    this.#cost = isFree ? 0 : 1 + Math.floor(length / UNITS_PER_FRAME);
    this.#takeFrames(this.#cost);
    this.waitMs = Math.max(
      msUntil(this.#frames, 0),
      msUntil(ofAddress, -reserve),
      ofSite ? msUntil(ofSite, -reserve) : 0,
    );
    if (this.waitMs === 0) return undefined;
    this.#pause();
    this.#isTold = isRefused;
    return isRefused ? 'refuse' : 'pause';
  }

  uncount(): void {
    this.#takeFrames(-this.#cost);
    this.#cost = 0;
  }

  take(now: number, isRetry: boolean): FrameRefusal | undefined {
    this.#begin(now);
    this.#refill(this.#messages);
    const waitMs = this.#messages.msUntil(1);
    if (waitMs > 0) return this.#refuse(waitMs, isRetry);
    this.#messages.take(1);
    return undefined;
  }

  takeMessage(isNewcomer: boolean): FrameRefusal | undefined {
    const { address, site, room, siteRoom } = this.#begin(this.#rates.now);
    const { everyone, newcomers } = room.buckets;
    const inSite = siteRoom?.buckets;
    const reserve = this.#reserve(MESSAGES_RESERVE);
    const waitMs = Math.max(
      this.#msUntilOne(address.buckets.messages, reserve),
      site ? this.#msUntilOne(site.buckets.messages, reserve) : 0,
      this.#msUntilOne(everyone, reserve),
      isNewcomer ? this.#msUntilOne(newcomers, 0) : 0,
      inSite ? this.#msUntilOne(inSite.everyone, reserve) : 0,
      inSite && isNewcomer ? this.#msUntilOne(inSite.newcomers, 0) : 0,
    );
    if (waitMs > 0) return this.#refuse(waitMs);
    address.buckets.messages.take(1);
    site?.buckets.messages.take(1);
    everyone.take(1);
    inSite?.everyone.take(1);
    if (!isNewcomer) return undefined;
    newcomers.take(1);
    inSite?.newcomers.take(1);
    return undefined;
  }

  /** The connection is closed. To be called once. A message that it has sent may still be counted. */
  end(): void {
    if (this.#shared) this.#rates.release(this.#shared);
  }

  #begin(now: number): SharedRates {
    this.#rates.now = now;
    this.#lateMs = this.#rates.lateness.at(now);
    if (this.#shared) return this.#shared;
    this.#preferredFrom = now + this.#rates.preferredAfterMs;
    this.#shared = this.#rates.acquire(this.#networks, this.#room);
    return this.#shared;
  }

  #refill(bucket: TokenBucket): void {
    bucket.refill(this.#rates.now, this.#lateMs);
  }

  #reserve(share: number): number {
    const isQuiet = this.#frames.tokens >= this.#frames.burst - FEW_FRAMES;
    return isQuiet && this.#rates.now >= this.#preferredFrom ? share : 0;
  }

  #msUntilOne(bucket: TokenBucket, reserve: number): number {
    this.#refill(bucket);
    return bucket.msUntil(1 - reserve * bucket.burst);
  }

  #takeFrames(count: number): void {
    this.#frames.take(count);
    this.#shared?.address.buckets.frames.take(count);
    this.#shared?.site?.buckets.frames.take(count);
  }

  /** Each refusal promises a moment of its own, so that a client that waits for them is not refused again. */
  #refuse(waitMs: number, isRetry = false): FrameRefusal {
    const { now } = this.#rates;
    const nextAt = Math.min(this.#promisedAt, now + MAX_PROMISE_MS) + this.#messages.msPerToken;
    this.#promisedAt = Math.max(now + waitMs, nextAt);
    if (now >= this.#retryAt) this.#retryAt = now + waitMs;
    else if (!isRetry) this.#exceed(1);
    this.#preferredFrom = now + this.#rates.preferredAfterMs;
    return { code: 'too-fast', retryMs: Math.ceil(this.#promisedAt - now) };
  }

  /**
   * Notes a pause of `waitMs`. It is held against a connection that is over its own rate, or goes on: within the pause,
   * or at once after it, unless it was told to wait. Where reading is stopped, that stands for all it would have sent.
   */
  #pause(): void {
    const { now, maxExcess } = this.#rates;
    const sincePauseMs = now - this.#pausedUntil;
    const hadMore = sincePauseMs >= 0 && sincePauseMs <= SOON_MS && !this.#isTold;
    const frames = Math.min(maxExcess / SHARED_PAUSES, this.#pauseMs / this.#frames.msPerToken);
    if (hadMore) this.#exceed(Math.max(1, frames));
    else if (sincePauseMs < 0 || msUntil(this.#frames, 0) > 0) this.#exceed(1);
    else if (now >= this.#preferredFrom) this.#preferredFrom = now + this.#rates.preferredAfterMs;
    if (this.#exceeds) this.#excessAt = now + Math.min(this.waitMs, CALM_MS);
    this.#pauseMs = this.waitMs;
    this.#pausedUntil = now + this.waitMs;
    this.#preferredFrom += this.waitMs;
  }

  #exceed(frames: number): void {
    const { now } = this.#rates;
    if (!this.#exceeds) this.#excess += frames;
    this.#exceeds = true;
    this.#excessAt = now;
    this.#preferredFrom = now + this.#rates.preferredAfterMs;
  }
}

/** The time until a bucket holds this share of its burst (ms); 0 if it does. */
function msUntil(bucket: TokenBucket, share: number): number {
  return bucket.msUntil(share * bucket.burst);
}
