/**
 * The relay's face over HTTP: the page, the upgrade, what a room has in its log, and health. A web-standard `fetch`,
 * whatever runtime calls it; what only a runtime can do is handed in.
 */
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { MAX_PAGE_MESSAGES } from '../../protocol/limits.ts';
import { isRoomName } from '../../protocol/names.ts';
import type { Config } from '../config.ts';
import type { HistoryPage } from '../room/context.ts';
import { DIALECTS, type Dialect } from '../room/dialect.ts';

export interface AppParts {
  readonly config: Pick<Config, 'publicOrigin' | 'origins'>;
  readonly draining: () => boolean;
  /** Upgrades a WebSocket's request in this dialect into the room `c.get('room')`, and lets any other pass. */
  readonly upgrade: (dialect: Dialect) => MiddlewareHandler<AppEnv>;
  /** A file of the page by its path, `undefined` where there is none. */
  readonly asset: (c: Context, path: string) => Response | undefined | Promise<Response | undefined>;
  readonly history: (
    room: string,
    place: { after: number } | { before: number } | undefined,
    limit: number,
  ) => HistoryPage | Promise<HistoryPage>;
  /** Told of what must be a bug of ours. */
  readonly report: (error: unknown) => void;
}

export interface AppEnv {
  Variables: { room: string };
}

export type ErrorCode = 'bad-frame' | 'bad-room' | 'forbidden' | 'not-found' | 'unavailable';

/** The room in the tutorial's dialect, and on the page without a room in its address. */
export const LOBBY = 'lobby';
const DEFAULT_MESSAGES = 50;

/** Adds every route to `app`. */
export function addRoutes(app: Hono<AppEnv>, parts: AppParts): void {
  const policy = contentSecurityPolicy(parts.config.publicOrigin);

  app.use(async (c, next) => {
    await next();
    // An upgrade's answer is made by the runtime and cannot be changed.
    if (c.res.status === 101) return;
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Content-Security-Policy', policy);
  });

  // What a foreign page that embeds the chat window fetches; no cookie is used, so this gives away nothing.
  const foreign = cors({
    origin: parts.config.origins === '*' ? '*' : [...parts.config.origins],
    allowMethods: ['GET'],
  });
  app.use('/chat.js', foreign);
  app.use('/rooms/:room/messages', foreign);

  const room: MiddlewareHandler<AppEnv> = async (c, next) => {
    const name = c.req.param('room') ?? LOBBY;
    if (!isRoomName(name)) return failure(c, 404, 'bad-room', 'A room is 1 to 64 letters, digits, "-", "_" and ".".');
    c.set('room', name);
    return next();
  };
  const origin: MiddlewareHandler<AppEnv> = async (c, next) => {
    const { origins, publicOrigin } = parts.config;
    const from = c.req.header('Origin');
    if (!isUpgrade(c) || origins === '*' || from === undefined) return next();
    if (from === publicOrigin || origins.includes(from)) return next();
    return failure(c, 403, 'forbidden', 'This origin may not connect.');
  };
  const file = async (c: Context, path: string) => (await parts.asset(c, path)) ?? notFound(c);
  const page = (c: Context) => file(c, '/index.html');

  app.get('/', room, origin, parts.upgrade(DIALECTS.tutorial), page);
  app.get('/rooms/:room', room, origin, parts.upgrade(DIALECTS.v1), page);
  app.get('/rooms/:room/messages', room, async c => {
    const { after, before, limit = `${DEFAULT_MESSAGES}` } = c.req.query();
    if (after !== undefined && before !== undefined) {
      return failure(c, 400, 'bad-frame', 'Give after or before, not both.');
    }
    const seq = wholeNumber(after ?? before ?? '0');
    if (seq === undefined) return failure(c, 400, 'bad-frame', 'after and before take a seq, a whole number.');
    const most = wholeNumber(limit);
    if (most === undefined || most < 1 || most > MAX_PAGE_MESSAGES) {
      return failure(c, 400, 'bad-frame', `limit takes a whole number from 1 to ${MAX_PAGE_MESSAGES}.`);
    }
    const place = after !== undefined ? { after: seq } : before !== undefined ? { before: seq } : undefined;
    const name = c.get('room');
    const { epoch, head, payloads } = await parts.history(name, place, most);
    const start = JSON.stringify({ room: name, epoch, head }).slice(0, -1);
    c.header('Cache-Control', 'no-store');
    return c.body(`${start},"messages":[${payloads.join(',')}]}`, 200, { 'Content-Type': 'application/json' });
  });
  app.get('/healthz', c => {
    c.header('Cache-Control', 'no-store');
    return parts.draining() ? c.json({ status: 'draining' }, 503) : c.json({ status: 'ok' });
  });
  app.get('*', c => file(c, c.req.path));
  app.all('*', c => {
    c.header('Allow', 'GET, HEAD');
    return failure(c, 405, 'not-found', 'Only GET and HEAD are understood here.');
  });

  app.notFound(notFound);
  app.onError((error, c) => {
    parts.report(error);
    return failure(c, 500, 'unavailable', 'Something went wrong on our side.');
  });
}

/** Whether a browser or another client asks for a WebSocket (RFC 6455, section 4.1). */
function isUpgrade(c: Context): boolean {
  return c.req.header('Upgrade')?.toLowerCase() === 'websocket';
}

function notFound(c: Context): Response {
  return failure(c, 404, 'not-found', 'There is nothing here.');
}

function failure(c: Context, status: 400 | 403 | 404 | 405 | 500, code: ErrorCode, message: string): Response {
  return c.json({ error: { code, message } }, status);
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/** Nothing but what we serve ourselves, no inline script or style, and no string ever becomes markup. */
function contentSecurityPolicy(publicOrigin: string | undefined): string {
  const host =
    publicOrigin === undefined ? '' : ` ws://${new URL(publicOrigin).host} wss://${new URL(publicOrigin).host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self'${host}`,
    "img-src 'self' data:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
