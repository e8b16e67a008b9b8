/** A token bucket: `burst` tokens at once, `rate` a second in the long run. */
export class RateLimiter {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at = 0;

  /** `rate` in tokens per second; 0 lifts the limit. */
  constructor(rate: number, burst: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes a token at `now` (ms): 0 if there was one, else the milliseconds until there is. */
  take(now: number): number {
    if (this.#rate === 0) return 0;
    // A clock that is set back must not take tokens away.
    const passed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#burst, this.#tokens + (passed * this.#rate) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
    this.#tokens -= 1;
    return 0;
  }
}
