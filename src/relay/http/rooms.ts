/** The addresses of rooms: each is the page to a browser, and a WebSocket in its dialect to a client that upgrades. */
import type { Handler, Hono, MiddlewareHandler } from 'hono';
import { DIALECTS, type Dialect } from '../room/dialect.ts';
import type { AppEnv } from './room-route.ts';

export interface RoomsOptions {
  readonly roomRoute: MiddlewareHandler<AppEnv>;
  /** Upgrades the request of a WebSocket, in this dialect, into the room of the request; lets any other pass. */
  readonly upgrade: (dialect: Dialect) => MiddlewareHandler<AppEnv>;
  readonly page: Handler<AppEnv>;
}

export function addRooms(app: Hono<AppEnv>, { roomRoute, upgrade, page }: RoomsOptions): void {
  app.get('/', roomRoute, upgrade(DIALECTS.tutorial), page);
  app.get('/rooms/:room', roomRoute, upgrade(DIALECTS.v1), page);
}
