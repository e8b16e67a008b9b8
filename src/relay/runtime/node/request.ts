/** Node's own request behind the web-standard one, and the address it comes from. */
import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { clientAddress, isTrustedProxy, type TrustProxy } from '../../access/trust-proxy.ts';

/** Returns Node's request; `undefined` if the request does not come from Node's server. */
export function incomingOf(c: Context): IncomingMessage | undefined {
  const { incoming }: { incoming?: unknown } = c.env ?? {};
  return incoming instanceof IncomingMessage ? incoming : undefined;
}

/**
 * Returns a function that finds the client's address in its canonical form; it is an empty text if it is not known.
 * `onIgnored` is called if a request says which client it is forwarded for, but does not come from a trusted proxy.
 */
export function addressFinder(
  trust: TrustProxy,
  onIgnored: () => void,
): (request: IncomingMessage | undefined) => string {
  return request => {
    const peer = request?.socket.remoteAddress ?? '';
    // Node joins several headers of this name to one.
    const forwarded = request?.headers['x-forwarded-for']?.toString();
    if (forwarded !== undefined && !isTrustedProxy(peer, trust)) onIgnored();
    return clientAddress(peer, forwarded, trust);
  };
}
