/** The time, as the relay is given it: nothing outside `runtime/` reads another clock. */
export interface Clock {
  /** Milliseconds since 1970 (UTC). */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}
