/** The time, as the relay is given it: nothing in this folder looks at a clock of its own. */
export interface Clock {
  /** Milliseconds since 1970 (UTC). */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}
