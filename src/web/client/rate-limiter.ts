/** Keeps to the relay's rate and burst on this side too, so that the relay need not refuse. */

export interface RateLimiter {
  /** Begins anew under these limits, `rate` messages per second and `burst` at once; `rate` 0 lifts them. */
  start(rate: number, burst: number, now: number): void;
  /** Takes a turn at `now` (ms): 0, or the milliseconds until there is one. */
  take(now: number): number;
}

export function createRateLimiter(): RateLimiter {
  let stepMs = 0;
  let burstMs = 0;
  /** When everything taken so far is paid for. */
  let paidAt = 0;
  return {
    start(rate, burst, now) {
      stepMs = rate && 1000 / rate;
      burstMs = stepMs * burst;
      // The hello counted too.
      paidAt = now + stepMs;
    },
    take(now) {
      const owedMs = Math.max(paidAt - now, 0) + stepMs;
      if (owedMs > burstMs) return Math.ceil(owedMs - burstMs);
      paidAt = now + owedMs;
      return 0;
    },
  };
}
