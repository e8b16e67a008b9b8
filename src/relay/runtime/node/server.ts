/** The HTTP server on Node: how long a request may take, what it refuses, and where it listens. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Config } from '../../config.ts';

/** How long a request or its answer may stand still: a client that does not read its answer is not waited for. */
const HTTP_IDLE_MS = 30_000;

/** Makes a server that does not listen yet. */
export function createHttpServer(answer: RequestListener): Server {
  // The server's own timeout would leave a timer behind with every connection that is upgraded.
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
  /** Called with the port, which the system chooses if the configured one is 0. */
  readonly onListening: (port: number | undefined) => void;
  /** Called with one line that says why it cannot listen. */
  readonly onError: (reason: string) => void;
}

export function listen(server: Server, { config: { host, port }, onListening, onError }: ListenOptions): void {
  server.once('error', (error: NodeJS.ErrnoException) => {
    const reason =
      error.code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be listened on (${error.message})`;
    onError(`${host === undefined ? '' : `HOST ${host}, `}PORT ${port} ${reason}`);
  });
  server.listen(port, host, () => {
    const address = server.address();
    onListening(typeof address === 'object' ? address?.port : undefined);
  });
}
