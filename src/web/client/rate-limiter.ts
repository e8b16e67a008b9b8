/** The relay's rate and burst, kept on this side too, so that it need not refuse. */
export class RateLimiter {
  #stepMs = 0;
  #burstMs = 0;
  /** When everything taken so far is paid for. */
  #paidAt = 0;

  /** Begins anew under these limits, `rate` messages per second and `burst` at once; `rate` 0 lifts them. */
  start(rate: number, burst: number, now: number): void {
    this.#stepMs = rate && 1000 / rate;
    this.#burstMs = this.#stepMs * burst;
    // The hello counted too.
    this.#paidAt = now + this.#stepMs;
  }

  /** Takes a turn at `now` (ms): 0, or the milliseconds until there is one. */
  take(now: number): number {
    const owedMs = Math.max(this.#paidAt - now, 0) + this.#stepMs;
    if (owedMs > this.#burstMs) return Math.ceil(owedMs - this.#burstMs);
    this.#paidAt = now + owedMs;
    return 0;
  }
}
