/** How a runtime lets long work share the event loop with everything else. */
export interface Scheduler {
  /** Milliseconds of a clock that runs while code does. */
  now(): number;
  /** Runs something in a later turn of the event loop. */
  later(run: () => void): void;
}
