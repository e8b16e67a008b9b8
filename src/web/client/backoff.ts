/** Computes how long to wait before the next attempt, so that ten thousand pages do not return at the same moment. */

const BASE_MS = 500;
const CAP_MS = 15_000;
const HIDDEN_CAP_MS = 60_000;

/**
 * The milliseconds before an attempt, counted from 0: they double up to a cap, and are multiplied by a random factor
 * from a half to one (`random` is 0 to 1). The factor is applied after the cap, or all would return exactly at the cap.
 */
export function backoff(attempt: number, hidden: boolean, random: number): number {
  return Math.min(hidden ? HIDDEN_CAP_MS : CAP_MS, BASE_MS * 2 ** attempt) * (0.5 + random / 2);
}
