/** A token bucket: `burst` tokens at once, `rate` per second in the long run. It is given the time and knows no clock. */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at = 0;

  /** `rate` is in tokens per second, and above 0. */
  constructor(rate: number, burst: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** The most tokens that it holds. */
  get burst(): number {
    return this.#burst;
  }

  /** How long it takes to earn a token (ms). */
  get msPerToken(): number {
    return 1000 / this.#rate;
  }

  /** The tokens at the last `refill`, less those taken since. Below 0, it is overdrawn. */
  get tokens(): number {
    return this.#tokens;
  }

  /**
   * Adds the tokens earned until `now` (ms). What was earned in a time in which the relay could not read is kept on top
   * of the burst: `lateMs`, as {@link Lateness} measures it. What was sent in that time arrives at once.
   */
  refill(now: number, lateMs = 0): void {
    // If the clock is set back, no tokens are lost.
    const passedMs = Math.max(0, now - this.#at);
    const most = this.#burst + (lateMs * this.#rate) / 1000;
    this.#tokens = Math.min(most, this.#tokens + (passedMs * this.#rate) / 1000);
    this.#at = now;
  }

  /** Takes tokens, whether or not there are so many. */
  take(count: number): void {
    this.#tokens -= count;
  }

  /** Returns the time until there are so many tokens (ms); 0 if there are. */
  msUntil(tokens: number): number {
    return this.#tokens >= tokens ? 0 : Math.ceil(((tokens - this.#tokens) * 1000) / this.#rate);
  }

  /** Takes over what another bucket has been overdrawn or emptied by: whoever used that one continues with this one. */
  absorb(other: TokenBucket): void {
    this.#tokens = Math.min(this.#tokens, other.#tokens);
    this.#at = Math.max(this.#at, other.#at);
  }
}
