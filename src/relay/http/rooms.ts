/** The routes of rooms. Each serves the page to a browser, and a WebSocket in its dialect to a client that upgrades. */
import type { Handler, Hono, MiddlewareHandler } from 'hono';
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

export function addRooms(app: Hono<AppEnv>, { roomRoute, upgrade, page }: RoomsOptions): void {
  app.get('/', roomRoute, upgrade(DIALECTS.tutorial), page);
  app.get('/rooms/:room', roomRoute, upgrade(DIALECTS.v1), page);
}
