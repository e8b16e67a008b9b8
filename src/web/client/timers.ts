/** The clock that a client uses, and named timers on it: setting a timer again replaces it. */

export interface Clock {
  /** Milliseconds since 1970. Only differences matter, except for the time of an outgoing message. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface Timers {
  /** Calls `run` after `ms` milliseconds, 23 days at most, with the number of milliseconds by which the timer was late. */
  set(name: string, ms: number, run: (lateMs: number) => void): void;
  clear(name: string): void;
  clearAll(): void;
}

/** A wait of more than 31 bits would end at once, in every runtime. */
const MAX_WAIT_MS = 2e9;

export function createTimers(clock: Clock): Timers {
  const timers = new Map<string, unknown>();
  const clear = (name: string) => clock.clearTimeout(timers.get(name));
  return {
    set(name, ms, run) {
      clear(name);
      const wait = Math.min(ms, MAX_WAIT_MS);
      const due = clock.now() + wait;
      timers.set(
        name,
        clock.setTimeout(() => run(clock.now() - due), wait),
      );
    },
    clear,
    clearAll() {
      for (const name of timers.keys()) clear(name);
    },
  };
}
