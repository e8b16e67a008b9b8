/** The clock that a runtime gives to the relay. Nothing outside `runtime/` uses another one. */
export interface Clock {
  /**
   * Milliseconds of a clock that nobody sets, by which timeouts and rates are measured; only differences mean anything.
   * Workers have no such clock, only the time of day. So a wait takes the absolute value of a difference: if the clock
   * was set back, it ends early instead of never.
   */
  now(): number;
  /** The time of day, in whole milliseconds since 1970 (UTC): only for what is stored or shown, because it may be set. */
  date(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}
