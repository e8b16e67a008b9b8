/**
 * What every runtime does from its start to its end: it catches bugs of ours where they would end the process, runs a
 * guarded clock, sweeps, and drains.
 */
import type { Clock } from '../clock.ts';
import type { Relay } from '../relay.ts';

export type Report = (error: unknown) => void;

const SWEEP_MS = 1000;
/** How long connections may take to close after a drain, of the 5 s in which a process ends. */
const DRAIN_MS = 3000;
const DRAIN_POLL_MS = 20;

/** Catches bugs of ours at the edge, so that each costs no more than what it happened in. */
export function guard<A extends unknown[]>(run: (...args: A) => void, report: Report): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      report(error);
    }
  };
}

/** The runtime's clock. A bug in a timer is reported, and ends nothing else. */
export function guardedClock(report: Report): Clock {
  return {
    now: () => Date.now(),
    setTimeout: (run, ms) => setTimeout(guard(run, report), ms),
    // A timer is only ever what the function above returned.
    clearTimeout: timer => clearTimeout(timer as ReturnType<typeof setTimeout>),
  };
}

/** Sweeps once a second, until the function that it returns is called. */
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
  /** Called once, when all connections are closed, or have had their time to close. */
  readonly onDrained: () => void;
}

/** Shuts a relay down: everyone is told when to come back, and has a few seconds to leave. */
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
