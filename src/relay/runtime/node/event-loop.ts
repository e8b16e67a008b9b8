/**
 * Node's event loop for the relay and its task queues. A bug in a function it runs is reported and affects nothing
 * else.
 */
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
