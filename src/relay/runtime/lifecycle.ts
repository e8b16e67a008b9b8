/**
 * The part that all runtimes share, from start to stop: they catch bugs of ours that would end the process, run a guarded clock,
 * sweep, and drain.
 */
import type { Clock } from '../clock.ts';
import type { Relay } from '../relay.ts';

export type Report = (error: unknown) => void;

/** The interval of {@link startSweep} (ms). */
export const SWEEP_MS = 1000;
/** How long connections may take to close after a drain. The whole process ends within 5 s. */
const DRAIN_MS = 3000;
const DRAIN_POLL_MS = 20;

/** Wraps an entry point into our code, so that a bug fails only the call in which it happens. */
export function guard<A extends unknown[]>(run: (...args: A) => void, report: Report): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      report(error);
    }
  };
}

/** The runtime's clock with this `now`. A bug in a timer's function is reported and affects nothing else. */
export function guardedClock(report: Report, now: () => number): Clock {
  return {
    now,
    date: () => Date.now(),
    setTimeout: (run, ms) => setTimeout(guard(run, report), ms),
    // The relay only passes timers that the function above returned.
    clearTimeout: timer => clearTimeout(timer as ReturnType<typeof setTimeout>),
  };
}

/** Sweeps every {@link SWEEP_MS}. Returns a function that stops it. */
export function startSweep(relay: Pick<Relay, 'sweep'>, clock: Clock): () => void {
  let timer: unknown;
  const sweep = () => {
    timer = clock.setTimeout(sweep, SWEEP_MS);
    relay.sweep();
  };
  timer = clock.setTimeout(sweep, SWEEP_MS);
  return () => clock.clearTimeout(timer);
}

export interface DrainOptions {
  readonly clock: Clock;
  readonly report: Report;
  /** Called once, when all connections are closed or their time to close is over. */
  readonly onDrained: () => void;
}

/** Shuts a relay down: tells all clients when to reconnect, and gives them a few seconds to close. */
export function drain(relay: Pick<Relay, 'drain' | 'connections'>, { clock, report, onDrained }: DrainOptions): void {
  guard(() => relay.drain(), report)();
  let poll: unknown;
  const end = () => {
    clock.clearTimeout(late);
    clock.clearTimeout(poll);
    onDrained();
  };
  const look = () => {
    if (relay.connections === 0) return end();
    poll = clock.setTimeout(look, DRAIN_POLL_MS);
  };
  const late = clock.setTimeout(end, DRAIN_MS);
  poll = clock.setTimeout(look, DRAIN_POLL_MS);
}
