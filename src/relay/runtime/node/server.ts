/** The HTTP server on Node: its timeouts, and where it listens. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Config } from '../../config.ts';

/** How long a request or its response may make no progress. This includes a client that does not read the response. */
const HTTP_IDLE_MS = 30_000;

/** Creates a server that does not listen yet. */
export function createHttpServer(answer: RequestListener): Server {
  // The server's own `timeout` option would leave a timer behind for every upgraded connection.
  const server = createServer({ headersTimeout: HTTP_IDLE_MS }, (request, response) => {
    request.socket.setTimeout(HTTP_IDLE_MS);
    answer(request, response);
  });
  server.on('checkExpectation', (request, response) => {
    request.socket.setTimeout(HTTP_IDLE_MS);
    response.writeHead(417).end();
  });
  return server;
}

export interface ListenOptions {
  readonly config: Pick<Config, 'host' | 'port'>;
  /** Called with the port, which the system has chosen if the configured one is 0. */
  readonly onListening: (port: number | undefined) => void;
  /** Called with one line that says why the server cannot listen. */
  readonly onError: (reason: string) => void;
}

export function listen(server: Server, { config: { host, port }, onListening, onError }: ListenOptions): void {
  server.once('error', (error: NodeJS.ErrnoException) => {
    const reason =
      error.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be listened on (${error.message})`;
    onError(`${host === undefined ? '' : `HOST ${host}, `}PORT ${port} ${reason}`);
  });
  server.listen(port, host, () => {
    const address = server.address();
    onListening(typeof address === 'object' ? address?.port : undefined);
  });
}
