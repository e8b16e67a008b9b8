/** Node's own request behind the web-standard one, and the address it comes from. */
import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

/** Returns Node's request; `undefined` if the request does not come from Node's server. */
export function incomingOf(c: Context): IncomingMessage | undefined {
  const { incoming }: { incoming?: unknown } = c.env ?? {};
  return incoming instanceof IncomingMessage ? incoming : undefined;
}

/**
 * Returns the client's address, or an empty string if it is not known. Behind a trusted proxy it is the last address in
 * `X-Forwarded-For`, which the proxy appended; anyone can forge the others.
 */
export function addressOf(request: IncomingMessage | undefined, trustProxy: boolean): string {
  const forwarded = request?.headers['x-forwarded-for'];
  const last = trustProxy && typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  return last || (request?.socket.remoteAddress ?? '');
}
