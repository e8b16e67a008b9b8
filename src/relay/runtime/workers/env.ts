/** What wrangler.toml binds to the Worker. `config.ts` reads the variables beside it, under the same names as on Node. */

/** `Room` is the class of the Durable Objects, where its methods are called. */
export interface Env<Room extends Rpc.DurableObjectBranded | undefined = undefined>
  extends Readonly<Record<string, unknown>> {
  /** A Durable Object for each room, by the room's name. */
  readonly ROOMS: DurableObjectNamespace<Room>;
  /** The files of static/. */
  readonly ASSETS: Fetcher;
}
