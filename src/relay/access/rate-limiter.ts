/** A token bucket: `burst` tokens at once, `rate` per second in the long run. */
export class RateLimiter {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at = 0;

  /** `rate` is in tokens per second; 0 removes the limit. */
  constructor(rate: number, burst: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes a token at `now` (ms). Returns 0 if there was one, else the time until there is one (ms). */
  take(now: number): number {
    if (this.#rate === 0) return 0;
    // If the clock is set back, no tokens are lost.
    const passed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#burst, this.#tokens + (passed * this.#rate) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
    this.#tokens -= 1;
    return 0;
  }
}
