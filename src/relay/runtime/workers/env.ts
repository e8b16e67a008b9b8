/**
 * The bindings that wrangler.toml gives to the Worker. `config.ts` reads the variables, which have the same names as on
 * Node.
 */

/** `Room` is the class of the Durable Objects; needed only to call its methods. */
export interface Env<Room extends Rpc.DurableObjectBranded | undefined = undefined>
  extends Readonly<Record<string, unknown>> {
  /** One Durable Object per room, by the room's name. */
  readonly ROOMS: DurableObjectNamespace<Room>;
  /** The files of static/. */
  readonly ASSETS: Fetcher;
}
