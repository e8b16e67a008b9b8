/**
 * The relay on Workers: a Cloudflare Worker that serves the page and the routes, and forwards requests for a room to
 * the Durable Object of that room.
 */
import { type Context, Hono } from 'hono';
import { canonicalAddress } from '../../access/address.ts';
import { Fence } from '../../access/fence.ts';
import { Gate } from '../../access/gate.ts';
import { FENCED } from '../../access/refusal.ts';
import { ineffectiveVariables } from '../../config/ineffective.ts';
import { ConfigError } from '../../config.ts';
import { addRoutes } from '../../http/app.ts';
import type { AppEnv } from '../../http/room-route.ts';
import { readWorkerConfig } from './config.ts';
import type { Env } from './env.ts';
import { isOverload } from './overload.ts';
import type { RoomObject } from './room-object.ts';

export { RoomObject } from './room-object.ts';

/** Set by Cloudflare; a client cannot forge it. */
const ADDRESS_HEADER = 'CF-Connecting-IP';

const MISCONFIGURED = { code: 'unavailable', message: 'This relay is misconfigured; its log says why.' };

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
  const config = readWorkerConfig(env);
  if (config instanceof ConfigError) {
    console.error(config.message);
    return { fetch: () => Response.json({ error: MISCONFIGURED }, { status: 500 }) };
  }
  for (const { sentence } of ineffectiveVariables(env)) console.warn(sentence);
  const fence = new Fence(config.fence);
  // This gate checks requests; the gate in the room's object counts connections.
  const gate = new Gate(config, { fence });
  const routes = new Hono<AppEnv>();
  const objectOf = (room: string) => env.ROOMS.get(env.ROOMS.idFromName(room));
  addRoutes(routes, {
    config,
    gate,
    addressOf: c => canonicalAddress(c.req.header(ADDRESS_HEADER) ?? ''),
    isHandshake,
    upgrade: dialect => async (c, next) => {
      if (!isHandshake(c)) return next();
      const [room, address] = [c.get('room'), c.get('address')];
      if (!gate.allows(address, room)) return refuseSocket();
      const query = new URLSearchParams({ room, dialect: dialect.name, address });
      return objectOf(room).fetch(new Request(`https://room/?${query}`, c.req.raw));
    },
    asset: async (c, path) => {
      const url = new URL(path, 'https://assets');
      const response = await env.ASSETS.fetch(new Request(url, { headers: c.req.raw.headers, method: c.req.method }));
      return response.status === 404 ? undefined : new Response(response.body, response);
    },
    languages: builtLanguages(env.ASSETS),
    history: (room, position, limit) => objectOf(room).history(room, position, limit),
    begin: (c, work) => {
      const address = canonicalAddress(c.req.header(ADDRESS_HEADER) ?? '');
      // The platform bounds what is under way, so only the rate counts here.
      const visit = gate.begin({ address, ...work }, Date.now());
      visit.end();
      return visit.refusal;
    },
    failing: () => undefined,
    report: error => console.error(error),
    isOverload,
  });
  return routes;
}

/** Whether a request asks for a WebSocket (RFC 6455, section 4.1). Only a GET can; a HEAD has the same route. */
function isHandshake(c: Context): boolean {
  return c.req.raw.method === 'GET' && c.req.header('Upgrade')?.toLowerCase() === 'websocket';
}

/** Refuses a connection that the operator's fence does not allow, without waking its room. */
function refuseSocket(): Response {
  const { 0: client, 1: ws } = new WebSocketPair();
  ws.accept();
  ws.close(FENCED.close.code, FENCED.close.reason);
  return new Response(null, { status: 101, webSocket: client });
}

/** Reads the page's languages from the assets once. If that fails, the next request tries again. */
function builtLanguages(assets: Fetcher): () => Promise<readonly string[]> {
  let languages: Promise<readonly string[]> | undefined;
  const read = async () => {
    const response = await assets.fetch('https://assets/localized/languages.json');
    const tags: unknown = response.ok && (await response.json());
    return Array.isArray(tags) ? tags.map(String) : [];
  };
  return () => {
    languages ??= read().catch(error => {
      console.error(error);
      languages = undefined;
      return [];
    });
    return languages;
  };
}
