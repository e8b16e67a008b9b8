/** The health check for service managers and load balancers. */
import type { Hono } from 'hono';
import type { AppEnv } from './room-route.ts';

export interface HealthOptions {
  /** Whether the relay is shutting down. */
  readonly draining: () => boolean;
}

export function addHealth(app: Hono<AppEnv>, { draining }: HealthOptions): void {
  app.get('/healthz', c => {
    c.header('Cache-Control', 'no-store');
    return draining() ? c.json({ status: 'draining' }, 503) : c.json({ status: 'ok' });
  });
}
