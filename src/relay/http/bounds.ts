/** The middleware of every route: it refuses a body, which no route takes, and asks the gate before anything is done. */
import type { Context, MiddlewareHandler } from 'hono';
import { HISTORY_COST } from '../access/http-limits.ts';
import type { Refusal } from '../access/refusal.ts';
import type { Arrival } from '../access/request-visit.ts';
import { fail } from './errors.ts';

/** Asks the gate about a request, whose end the runtime reports to it. Returns `undefined` if it may be handled. */
export type Begin = (c: Context, work: Omit<Arrival, 'address'>) => Refusal | undefined;

export function bounds(begin: Begin): MiddlewareHandler {
  return async (c, next) => {
    const refusal = begin(c, workOf(c.req.path));
    if (refusal) return fail(c, refusal);
    // Any other method is answered with 405, whether or not it has a body.
    if (/^(GET|HEAD|OPTIONS)$/.test(c.req.method) && hasBody(c)) {
      return fail(c, { status: 413, code: 'too-long', message: 'A request has no body here.' });
    }
    return next();
  };
}

function workOf(path: string): Omit<Arrival, 'address'> {
  return {
    cost: /^\/rooms\/[^/]+\/messages$/.test(path) ? HISTORY_COST : 1,
    vital: path === '/healthz' || path === '/readyz',
  };
}

function hasBody(c: Context): boolean {
  const length = c.req.header('Content-Length') ?? '0';
  return c.req.header('Transfer-Encoding') !== undefined || !/^0*$/.test(length);
}
