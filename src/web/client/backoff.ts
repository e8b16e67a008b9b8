/** Says how long to wait before the next attempt, so that ten thousand pages do not come back in the same moment. */

const BASE_MS = 500;
const CAP_MS = 15_000;
const HIDDEN_CAP_MS = 60_000;

/**
 * Milliseconds before attempt `n` (from 0): doubling up to a cap, and of that a share from a half to the whole, by
 * `random` (0 to 1). The share comes after the cap, or from some attempt on everyone would return at exactly the cap.
 */
export function backoff(attempt: number, hidden: boolean, random: number): number {
  return Math.min(hidden ? HIDDEN_CAP_MS : CAP_MS, BASE_MS * 2 ** attempt) * (0.5 + random / 2);
}
