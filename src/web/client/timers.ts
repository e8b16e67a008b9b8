/** A clock, as the client is given it, and named timers on it: setting a name again replaces its timer. */

export interface Clock {
  /** Milliseconds since 1970; except for the time of an outgoing message, only differences count. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface Timers {
  /** Calls `run` in `ms` milliseconds, with the milliseconds by which it comes too late. */
  set(name: string, ms: number, run: (lateMs: number) => void): void;
  clear(name: string): void;
  clearAll(): void;
}

export function createTimers(clock: Clock): Timers {
  const timers = new Map<string, unknown>();
  const clear = (name: string) => clock.clearTimeout(timers.get(name));
  return {
    set(name, ms, run) {
      clear(name);
      const due = clock.now() + ms;
      timers.set(
        name,
        clock.setTimeout(() => run(clock.now() - due), ms),
      );
    },
    clear,
    clearAll() {
      for (const name of timers.keys()) clear(name);
    },
  };
}
