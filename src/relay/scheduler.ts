/** Lets long work share the runtime's event loop with everything else. */
export interface Scheduler {
  /** Milliseconds of a clock that advances while code runs. */
  now(): number;
  /** Runs something in a later turn of the event loop. */
  later(run: () => void): void;
}
