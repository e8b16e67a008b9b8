/** Answers Node's requests with the routes, by `@hono/node-server`. What it cannot read is answered like other failures. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { bodyOf } from '../../http/errors.ts';

export interface FetchListenerOptions {
  /** Reports a bug of ours. */
  readonly report: (error: unknown) => void;
  /** Whether the package may replace the global `Request` and `Response` by faster ones. */
  readonly overrideGlobalObjects?: boolean;
}

type Fetch = Parameters<typeof getRequestListener>[0];

export function fetchListener(
  fetch: Fetch,
  { report, overrideGlobalObjects = true }: FetchListenerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const listener = getRequestListener(fetch, {
    // Stands for the host in a request of HTTP/1.0, which need not name one.
    hostname: 'localhost',
    overrideGlobalObjects,
    // What is left of a body is dropped with its connection.
    autoCleanupIncoming: false,
    errorHandler(error) {
      if (error instanceof RequestError)
        return failure(400, 'bad-frame', 'The address of this request is not readable.');
      report(error);
      return failure(500, 'unavailable', 'Something went wrong on our side.');
    },
  });
  return (request, response) => void listener(request, response).catch(report);
}

function failure(status: number, code: 'bad-frame' | 'unavailable', message: string): Response {
  return Response.json(bodyOf({ code, message }), { status, headers: { 'X-Content-Type-Options': 'nosniff' } });
}
