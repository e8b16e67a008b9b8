/**
 * The relay at the edge: a Cloudflare Worker that serves the page and the routes, and hands whatever belongs to a room to
 * the Durable Object which is that room.
 */
import { Hono } from 'hono';
import { ConfigError, readConfig } from '../../config.ts';
import { type AppEnv, addRoutes } from '../../http/app.ts';
import type { Env } from './env.ts';

import type { RoomObject } from './room-object.ts';

export { RoomObject } from './room-object.ts';

/** Set by Cloudflare, whatever the client sends. */
const ADDRESS_HEADER = 'CF-Connecting-IP';

interface Worker {
  fetch(request: Request, env: Env<RoomObject>, ctx: ExecutionContext): Response | Promise<Response>;
}

let app: Worker | undefined;

export default {
  fetch(request, env, ctx) {
    app ??= makeApp(env);
    return app.fetch(request, env, ctx);
  },
} satisfies Worker;

function makeApp(env: Env<RoomObject>): Worker {
  const config = readConfig(env);
  if (config instanceof ConfigError) {
    console.error(config.message);
    return { fetch: () => new Response('This relay is not set up right; its log says why.\n', { status: 500 }) };
  }
  const routes = new Hono<AppEnv>();
  const roomOf = (name: string) => env.ROOMS.get(env.ROOMS.idFromName(name));
  addRoutes(routes, {
    config,
    draining: () => false,
    upgrade: dialect => async (c, next) => {
      if (c.req.header('Upgrade')?.toLowerCase() !== 'websocket') return next();
      const room = c.get('room');
      const connection = new URLSearchParams({
        room,
        dialect: dialect.name,
        address: c.req.header(ADDRESS_HEADER) ?? '',
      });
      return roomOf(room).fetch(new Request(`https://room/?${connection}`, c.req.raw));
    },
    asset: async (c, path) => {
      const url = new URL(path, 'https://assets');
      const response = await env.ASSETS.fetch(new Request(url, { headers: c.req.raw.headers, method: c.req.method }));
      return response.status === 404 ? undefined : new Response(response.body, response);
    },
    history: (name, place, limit) => roomOf(name).history(name, place, limit),
    report: error => console.error(error),
  });
  return routes;
}
