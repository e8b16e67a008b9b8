/**
 * Node's event loop for the relay and its task queues, and how late it is. A bug in a function it runs is reported and
 * affects nothing else.
 */
import type { Clock } from '../../clock.ts';
import type { Scheduler } from '../../scheduler.ts';
import { guard, type Report } from '../lifecycle.ts';
import type { Loop } from './task-queue.ts';

export function eventLoop(report: Report): Loop & Scheduler {
  return {
    now: () => performance.now(),
    later: run => setImmediate(guard(run, report)),
    // Runs after all microtasks, including those that they queue in turn: Hono's routes consist of promises.
    next: run => queueMicrotask(() => process.nextTick(guard(run, report))),
  };
}

/** How often {@link watchLoad} measures (ms). */
export const SAMPLE_MS = 100;

/** The process's own time. */
export interface ProcessTime {
  /** Milliseconds of a clock that advances while code runs. */
  now(): number;
  /** Milliseconds for which the process has had a processor. */
  busy(): number;
}

const PROCESS: ProcessTime = {
  now: () => performance.now(),
  busy() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/**
 * Measures several times a second how late the event loop is (ms), as far as this is the process's own work: time in
 * which it waited for a processor or the disk does not count, since fewer clients would not shorten it.
 */
export function watchLoad(
  clock: Pick<Clock, 'setTimeout'>,
  sample: (lateMs: number) => void,
  time: ProcessTime = PROCESS,
): void {
  let due = time.now() + SAMPLE_MS;
  let busy = time.busy();
  const look = () => {
    const lateMs = Math.min(time.now() - due, time.busy() - busy);
    due = time.now() + SAMPLE_MS;
    busy = time.busy();
    clock.setTimeout(look, SAMPLE_MS);
    sample(Math.max(0, lateMs));
  };
  clock.setTimeout(look, SAMPLE_MS);
}
