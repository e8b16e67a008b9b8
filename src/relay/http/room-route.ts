/** The middleware of every route of a room: it checks the room's name and asks the gate. */
import type { Context, MiddlewareHandler } from 'hono';
import { isRoomName } from '../../protocol/names.ts';
import type { Gate } from '../access/gate.ts';
import { fail } from './errors.ts';

/** The values that a route of a room can read with `c.get` after {@link roomRoute}. */
export interface AppEnv {
  Variables: {
    room: string;
    /** The client's address, as far as it is known. */
    address: string;
  };
}

export interface RoomRouteOptions {
  readonly gate: Pick<Gate, 'request'>;
  /** The address of the client that a request comes from, as far as the runtime knows it. */
  readonly addressOf: (c: Context) => string;
  /** Whether a request asks for a WebSocket and would get one, so that a refusal can be told by a close code. */
  readonly isHandshake: (c: Context) => boolean;
}

/** The room of the tutorial's endpoint, and of the page without a room in its address. */
export const LOBBY = 'lobby';

/** To be mounted before the handlers of every route of a room. */
export function roomRoute({ gate, addressOf, isHandshake }: RoomRouteOptions): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    // A name may be written in decomposed form, as some systems do; it is the same room.
    const room = (c.req.param('room') ?? LOBBY).normalize('NFC');
    if (!isRoomName(room)) {
      const message = 'A room is 1 to 64 letters, digits, "-", "_" and ".".';
      return fail(c, { status: 404, code: 'bad-room', message });
    }
    const address = addressOf(c);
    const refusal = gate.request({ address, room, origin: c.req.header('Origin'), upgrade: isHandshake(c) });
    if (refusal) return fail(c, refusal);
    c.set('room', room);
    c.set('address', address);
    return next();
  };
}
