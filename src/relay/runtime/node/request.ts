/** A request as Node has it, behind the web-standard one: its message, and the address that it comes from. */
import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

/** Node's message of a request; `undefined` if the request was not made by Node's server. */
export function incomingOf(c: Context): IncomingMessage | undefined {
  const { incoming }: { incoming?: unknown } = c.env ?? {};
  return incoming instanceof IncomingMessage ? incoming : undefined;
}

/**
 * The client's address, empty if it is not known. Behind a trusted proxy it is the last of `X-Forwarded-For`, the one that
 * the proxy appended: anyone can write the others.
 */
export function addressOf(request: IncomingMessage | undefined, trustProxy: boolean): string {
  const forwarded = request?.headers['x-forwarded-for'];
  const last = trustProxy && typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  return last || (request?.socket.remoteAddress ?? '');
}
