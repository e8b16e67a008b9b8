/** The HTTP server of Node with the relay's routes, in the test's own process, and a client that speaks bare bytes. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { AppOptions } from '../../src/relay/http/app.ts';
import { eventLoop } from '../../src/relay/runtime/node/event-loop.ts';
import { fetchListener } from '../../src/relay/runtime/node/fetch-listener.ts';
import { HttpConnections } from '../../src/relay/runtime/node/http-connections.ts';
import { RequestQueue } from '../../src/relay/runtime/node/request-queue.ts';
import { createHttpServer, type HttpServer, prepare } from '../../src/relay/runtime/node/server.ts';
import { TaskQueue } from '../../src/relay/runtime/node/task-queue.ts';
import { makeApp, type TestApp } from './app.ts';

export interface TestServer extends TestApp {
  readonly server: HttpServer;
  readonly requests: RequestQueue;
  readonly connections: HttpConnections;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a server that takes a handshake for a request without an upgrade. */
export async function startServer(parts: Partial<AppOptions> = {}): Promise<TestServer> {
  const made = makeApp({}, { isHandshake: () => false, ...parts });
  const loop = eventLoop(error => {
    throw error;
  });
  const report = (error: unknown) => made.seen.reports.push(error);
  // The other unit tests run in the same process, with the global objects as they are.
  const answer = fetchListener(made.app.fetch, { report, overrideGlobalObjects: false });
  const connections = new HttpConnections({
    trustProxy: 0,
    maxPerAddress: 200,
    onRefused() {},
    later: run => loop.later(run),
    report,
  });
  const requests = new RequestQueue(new TaskQueue(loop), {
    answer: (request, response, inTurn) =>
      prepare(request, response, { answer: () => answer(request, response), inTurn }),
    sourceOf: () => '',
    onFlood() {},
    report,
  });
  const server = createHttpServer({
    take(request, response) {
      connections.count(request);
      requests.add(request, response);
    },
    isBusy: socket => requests.isBusy(socket),
  });
  connections.watch(server);
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    ...made,
    server,
    requests,
    connections,
    port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Sends bytes. Resolves with everything received until the other end closes, or until it matches `enough`. */
export function exchange(port: number, bytes: string, enough?: RegExp): Promise<string> {
  return new Promise(resolve => {
    const socket: Socket = connect(port, 'localhost', () => socket.write(bytes));
    let received = '';
    socket.on('data', data => {
      received += data.toString('latin1');
      if (enough?.test(received)) socket.destroy();
    });
    // A reset ends the exchange too.
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}
