/** What wrangler.toml binds to the Worker. The variables beside it are read by `config.ts`, under the same names as on Node. */
import type { RoomObject } from './room-object.ts';

export interface Env extends Readonly<Record<string, unknown>> {
  /** A Durable Object for each room, by the room's name. */
  readonly ROOMS: DurableObjectNamespace<RoomObject>;
  /** The files of static/. */
  readonly ASSETS: Fetcher;
}
