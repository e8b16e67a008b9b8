/** The routes of rooms. Each serves the page to a browser, and a WebSocket in its dialect to a client that upgrades. */
import type { Context, Handler, Hono, MiddlewareHandler } from 'hono';
import { DIALECTS, type Dialect } from '../room/dialect.ts';
import type { AppEnv } from './room-route.ts';

export interface RoomsOptions {
  readonly roomRoute: MiddlewareHandler<AppEnv>;
  /**
   * Upgrades a WebSocket request to a connection in this dialect to the request's room. Passes on any other request.
   */
  readonly upgrade: (dialect: Dialect) => MiddlewareHandler<AppEnv>;
  readonly page: Handler<AppEnv>;
}

/** The paths of {@link addRooms}, up to the query: a client can connect at these only. */
export const ROOM_PATH = /^\/(rooms\/[^/?#]+\/?)?(?=[?#]|$)/;

export function addRooms(app: Hono<AppEnv>, { roomRoute, upgrade, page }: RoomsOptions): void {
  app.get('/', roomRoute, upgrade(DIALECTS.tutorial), page);
  app.get('/rooms/:room', roomRoute, upgrade(DIALECTS.v1), (c, next) =>
    c.req.param('room') === c.get('room') ? page(c, next) : redirect(c, './'),
  );
  app.get('/rooms/:room/', roomRoute, upgrade(DIALECTS.v1), c => redirect(c, '../'));
}

/** Where the rooms are that pages of other sites may show in a frame. */
export const EMBED_PATH = '/embed/rooms';

/** Adds the routes of rooms in a frame. A client connects at the room's own address. */
export function addEmbedded(app: Hono<AppEnv>, { roomRoute, page }: Pick<RoomsOptions, 'roomRoute' | 'page'>): void {
  app.get(`${EMBED_PATH}/:room`, roomRoute, (c, next) =>
    c.req.param('room') === c.get('room') ? page(c, next) : redirect(c, './'),
  );
  app.get(`${EMBED_PATH}/:room/`, roomRoute, c => redirect(c, '../'));
}

/**
 * Sends a browser to the one address of the room, which is relative, so that it leads to this relay under whatever path
 * it is served.
 */
function redirect(c: Context<AppEnv>, folder: './' | '../'): Response {
  const { search } = new URL(c.req.url);
  return c.body(null, 308, { Location: `${folder}${encodeURIComponent(c.get('room'))}${search}` });
}
