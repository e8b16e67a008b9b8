/** The health checks for service managers and load balancers: whether the relay is alive, and whether it is ready. */
import type { Context, Hono } from 'hono';
import type { AppEnv } from './room-route.ts';

export interface HealthOptions {
  /** Whether the relay is shutting down. */
  readonly draining: () => boolean;
  /** Why messages cannot be stored at present, as a sentence; `undefined` if they can. */
  readonly failing: () => string | undefined;
}

export function addHealth(app: Hono<AppEnv>, { draining, failing }: HealthOptions): void {
  const answer = (c: Context, failingStatus: 200 | 503) => {
    c.header('Cache-Control', 'no-store');
    if (draining()) return c.json({ status: 'draining', message: 'The relay is shutting down.' }, 503);
    const message = failing();
    if (message !== undefined) return c.json({ status: 'failing', message }, failingStatus);
    return c.json({ status: 'ok' });
  };
  // A relay that cannot store messages is alive: whoever watches it would only restart it again and again.
  app.get('/healthz', c => answer(c, 200));
  app.get('/readyz', c => answer(c, 503));
}
