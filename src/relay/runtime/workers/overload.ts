/** Tells errors of the platform from errors of ours. */

/**
 * Whether a call to a Durable Object failed because the platform could not carry it out for now
 * (developers.cloudflare.com/durable-objects/best-practices/error-handling).
 */
export function isOverload(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('overloaded' in error && error.overloaded === true) || ('retryable' in error && error.retryable === true);
}
