/** A TCP proxy that breaks connections: it cuts them, or stalls them while both ends believe that they are open. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #stalled = new Set<readonly [Socket, Socket]>();
  #port = 0;
  #open = true;

  /** Forwards everything to this port on localhost. */
  constructor(target: () => number) {
    this.#server = createServer({ noDelay: true }, client => {
      const relay = connect({ port: target(), host: 'localhost', noDelay: true });
      const pair = [client, relay] as const;
      this.#pairs.add(pair);
      const end = () => {
        this.#pairs.delete(pair);
        this.#stalled.delete(pair);
        for (const socket of pair) socket.destroy();
      };
      for (const socket of pair) socket.on('error', end).on('close', end);
      if (!this.#open) return end();
      client.pipe(relay);
      relay.pipe(client);
    });
  }

  get port(): number {
    return this.#port;
  }

  get host(): string {
    return `localhost:${this.#port}`;
  }

  /** The number of connections through the proxy. */
  get connections(): number {
    return this.#pairs.size;
  }

  async start(): Promise<this> {
    await new Promise<void>(resolve => this.#server.listen(0, resolve));
    const address = this.#server.address();
    if (typeof address === 'object' && address) this.#port = address.port;
    return this;
  }

  /** Cuts every connection as a network does: both ends are reset. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
    this.#pairs.clear();
    this.#stalled.clear();
  }

  /** Cuts every connection and accepts no new one until `allow`. */
  block(): void {
    this.#open = false;
    this.cut();
  }

  allow(): void {
    this.#open = true;
  }

  /** Stops forwarding on one connection (or all), in both directions, without closing it. */
  stall(index?: number): void {
    for (const [at, pair] of [...this.#pairs].entries()) {
      if (index !== undefined && at !== index) continue;
      const [client, relay] = pair;
      this.#stalled.add(pair);
      client.unpipe(relay).pause();
      relay.unpipe(client).pause();
    }
  }

  /** Resumes all stalled connections. */
  resume(): void {
    for (const [client, relay] of this.#stalled) {
      client.pipe(relay);
      relay.pipe(client);
    }
    this.#stalled.clear();
  }

  async stop(): Promise<void> {
    this.block();
    await new Promise(resolve => this.#server.close(resolve));
  }
}
