/** The HTTP server on Node: its limits, and where it listens. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  ANSWER_MS,
  CHECK_MS,
  HEAD_MS,
  IDLE_MS,
  IGNORED_BODY_MS,
  KEEP_ALIVE_MS,
  MAX_HEAD_BYTES,
  MAX_IGNORED_BYTES,
  MAX_REQUESTS_PER_CONNECTION,
  REQUEST_MS,
} from '../../access/http-limits.ts';
import type { Config } from '../../config.ts';
import type { Report } from '../lifecycle.ts';
import { answerBadRequest, refuseTunnel, refuseUnreadable } from './bad-request.ts';
import { HttpRequest, HttpResponse } from './messages.ts';
import { faultOfHead } from './request.ts';

export type HttpServer = Server<typeof HttpRequest, typeof HttpResponse>;

export interface HttpServerOptions {
  /** Called with each request that is no handshake; it must call {@link prepare} before it answers. */
  readonly take: RequestListener<typeof HttpRequest, typeof HttpResponse>;
  /** Whether a request on this connection has not been answered yet. */
  readonly isBusy: (socket: Duplex) => boolean;
}

/** Creates a server that does not listen yet. */
export function createHttpServer({ take, isBusy }: HttpServerOptions): HttpServer {
  // The server's own `timeout` option would leave a timer behind for every upgraded connection.
  const server = createServer(
    {
      IncomingMessage: HttpRequest,
      ServerResponse: HttpResponse,
      headersTimeout: HEAD_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEAD_BYTES,
      // Node would refuse it without a body; `prepare` does it.
      requireHostHeader: false,
    },
    take,
  );
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  // Node drops header fields over this number in silence, perhaps those that a proxy added. `prepare` refuses them.
  server.maxHeadersCount = 0;
  server.on('checkContinue', take);
  server.on('checkExpectation', take);
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    refuseTunnel(socket);
  });
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket, isBusy(socket)));
  return server;
}

export interface Preparation {
  readonly answer: () => void;
  /** Runs a function when it is the request's turn again. */
  readonly inTurn: (run: () => void) => void;
}

/**
 * Limits how long a request may take to be answered, and reads a body, which no route wants. Calls `answer` unless the
 * request can be refused at once.
 */
export function prepare(request: IncomingMessage, response: ServerResponse, { answer, inTurn }: Preparation): void {
  const { socket, headers } = request;
  socket.setTimeout(IDLE_MS);
  const late = setTimeout(() => socket.destroy(), ANSWER_MS);
  response.once('close', () => clearTimeout(late));
  const fault = faultOfHead(request);
  if (fault) return answerBadRequest(response, fault.status, fault.message);
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    return answerBadRequest(response, 417, 'No expectation but 100-continue can be met.');
  }
  // A request for the server as a whole (RFC 9112, section 3.2.4).
  if (request.url === '*' && request.method === 'OPTIONS') request.url = '/';
  // Node's parser has skipped what followed an offer to upgrade, so nothing more can be read from this connection.
  if (headers.upgrade !== undefined) response.shouldKeepAlive = false;
  if (headers['transfer-encoding'] === undefined && !Number(headers['content-length'] ?? 0)) return answer();
  response.shouldKeepAlive = false;
  // Many bodies may end in the same turn, or be given up in it.
  ignoreBody(request, () => inTurn(answer));
}

/** Reads a body for a moment: if the connection were closed before, the client might not read the answer. */
function ignoreBody(request: IncomingMessage, done: () => void): void {
  let bytes = 0;
  const end = () => {
    clearTimeout(late);
    request.off('data', onData).off('end', end).off('close', end);
    done();
  };
  const onData = (data: Buffer) => {
    bytes += data.length;
    if (bytes > MAX_IGNORED_BYTES) end();
  };
  const late = setTimeout(end, IGNORED_BODY_MS);
  request.on('data', onData).on('end', end).on('close', end);
}

export interface ListenOptions {
  readonly config: Pick<Config, 'host' | 'port'>;
  /** Called with the port, which the system has chosen if the configured one is 0. */
  readonly onListening: (port: number | undefined) => void;
  /** Called with one line that says why the server cannot listen. */
  readonly onError: (reason: string) => void;
  /** Reports an error of a server that listens, which goes on. */
  readonly report: Report;
}

export function listen(
  server: HttpServer,
  { config: { host, port }, onListening, onError, report }: ListenOptions,
): void {
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (server.listening) return report(error);
    onError(`${host === undefined ? '' : `HOST ${host}, `}PORT ${port} ${whyNotListening(error)}`);
  });
  server.listen(port, host, () => {
    const address = server.address();
    onListening(typeof address === 'object' ? address?.port : undefined);
  });
}

function whyNotListening({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'is in use by another process';
  return `cannot be listened on (${REASONS.get(code) ?? message})`;
}

/** What the codes of the system mean to an operator. */
const REASONS: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOTFOUND', 'this machine knows no such name'],
  ['EAI_AGAIN', 'this machine knows no such name'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['EACCES', 'a port below 1024 takes a right that this user does not have'],
]);
