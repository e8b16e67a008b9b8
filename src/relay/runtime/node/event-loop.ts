/** Node's event loop, as the relay and its task queues use it. A bug in what it runs is reported, and ends nothing else. */
import type { Scheduler } from '../../scheduler.ts';
import { guard, type Report } from '../lifecycle.ts';
import type { Loop } from './task-queue.ts';

export function eventLoop(report: Report): Loop & Scheduler {
  return {
    now: () => performance.now(),
    later: run => setImmediate(guard(run, report)),
    // After the microtasks, and after those that they queue in turn: a route of Hono's is all promises.
    next: run => queueMicrotask(() => process.nextTick(guard(run, report))),
  };
}
