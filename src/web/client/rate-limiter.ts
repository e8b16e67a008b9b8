/** Keeps to the relay's rate and burst on the client's side, so that the relay need not refuse frames. */

export interface RateLimiter {
  /** Starts with new limits: `rate` frames per second and `burst` at once. With a `rate` of 0 there is no limit. */
  start(rate: number, burst: number, now: number): void;
  /** Allows a frame at `now` (ms) and returns 0, or returns the milliseconds to wait. */
  take(now: number): number;
}

export function createRateLimiter(): RateLimiter {
  let stepMs = 0;
  let burstMs = 0;
  /** When the frames sent so far no longer count against the burst. */
  let paidAt = 0;
  return {
    start(rate, burst, now) {
      stepMs = rate && 1000 / rate;
      burstMs = stepMs * burst;
      // The hello counts too.
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
