/**
 * The relay's HTTP routes. They need only the web-standard `fetch`, so that they run on every runtime; a runtime passes
 * in what only it can do.
 */
import type { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { Gate } from '../access/gate.ts';
import { isOriginAllowed, type OriginRules } from '../access/origins.ts';
import type { Config } from '../config.ts';
import { type Begin, bounds } from './bounds.ts';
import { fail, notFound, OVERLOADED } from './errors.ts';
import { FOREIGN_PATHS } from './file-headers.ts';
import { addHealth, type HealthOptions } from './health.ts';
import { addMessages, type MessagesOptions } from './messages.ts';
import { addFiles, embeddedPageIn, type PageOptions, pageIn } from './page.ts';
import { type AppEnv, type RoomRouteOptions, roomRoute } from './room-route.ts';
import { addEmbedded, addRooms, EMBED_PATH, ROOM_PATH, type RoomsOptions } from './rooms.ts';
import { framing, securityHeaders } from './security-headers.ts';

export interface AppOptions {
  readonly config: OriginRules & Pick<Config, 'embedOrigins'>;
  readonly gate: Pick<Gate, 'request' | 'draining'>;
  readonly addressOf: RoomRouteOptions['addressOf'];
  readonly isHandshake: RoomRouteOptions['isHandshake'];
  readonly upgrade: RoomsOptions['upgrade'];
  readonly asset: PageOptions['asset'];
  readonly languages: PageOptions['languages'];
  readonly history: MessagesOptions['history'];
  readonly begin: Begin;
  readonly failing: HealthOptions['failing'];
  /** Reports a bug of ours. */
  readonly report: (error: unknown) => void;
  /** Whether an error means that a room has too much to do. Absent if the runtime knows no such error. */
  readonly isOverload?: (error: unknown) => boolean;
}

const METHODS = 'GET, HEAD, OPTIONS';

/** Adds every route to `app`. */
export function addRoutes(app: Hono<AppEnv>, options: AppOptions): void {
  const { config, gate, addressOf, isHandshake, upgrade, asset, languages, history, begin, failing } = options;
  const { report, isOverload } = options;
  const { embedOrigins, publicOrigin } = config;
  // Refusals too are shown in the frame.
  if (embedOrigins) app.use(`${EMBED_PATH}/*`, framing(embedOrigins, publicOrigin));
  app.use(securityHeaders(publicOrigin));

  // `cors` answers a preflight itself, so that one is counted first. Its headers are also in every refusal of another.
  const bounded = bounds(begin);
  app.options('*', bounded);

  // These are fetched by a foreign page that embeds the chat window. They use no cookies, so nothing private is
  // exposed.
  const allow = (origin: string) => (isOriginAllowed(origin, config) ? origin : undefined);
  const foreign = cors({ origin: config.origins === '*' ? '*' : allow, allowMethods: ['GET'] });
  app.use('/rooms/:room/messages', foreign);
  // The files themselves are public.
  for (const path of FOREIGN_PATHS) app.use(path, cors({ origin: '*', allowMethods: ['GET'] }));
  app.use((c, next) => (c.req.method === 'OPTIONS' ? next() : bounded(c, next)));

  // Elsewhere it would be answered as if nothing had been asked for.
  app.use(async (c, next) => (isHandshake(c) && !ROOM_PATH.test(c.req.path) ? notFound(c) : next()));

  const first = roomRoute({ gate, addressOf, isHandshake });
  addRooms(app, { roomRoute: first, upgrade, page: pageIn({ asset, languages }) });
  if (embedOrigins) addEmbedded(app, { roomRoute: first, page: embeddedPageIn({ asset }) });
  addMessages(app, { roomRoute: first, history });
  addHealth(app, { draining: () => gate.draining, failing });
  addFiles(app, { asset, languages });

  app.options('*', c => {
    c.header('Allow', METHODS);
    return c.body(null, 204);
  });
  app.all('*', c => {
    c.header('Allow', METHODS);
    return fail(c, { status: 405, code: 'method-not-allowed', message: `Only ${METHODS} are allowed here.` });
  });
  app.notFound(notFound);
  app.onError((error, c) => {
    if (isOverload?.(error)) return fail(c, OVERLOADED);
    report(error);
    return fail(c, { status: 500, code: 'unavailable', message: 'Something went wrong on our side.' });
  });
}
