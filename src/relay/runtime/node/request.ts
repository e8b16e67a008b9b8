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
 * `warn` is called once if a request says which client it is forwarded for, but does not come from a trusted proxy.
 */
export function addressFinder(
  trust: TrustProxy,
  warn: (message: string) => void,
): (request: IncomingMessage | undefined) => string {
  let warned = false;
  return request => {
    const peer = request?.socket.remoteAddress ?? '';
    // Node joins several headers of this name to one.
    const forwarded = request?.headers['x-forwarded-for']?.toString();
    if (forwarded !== undefined && !warned && !isTrustedProxy(peer, trust)) {
      warned = true;
      warn(
        'X-Forwarded-For is ignored: it came from no proxy that TRUST_PROXY names. If it came from yours, everyone behind it counts as one address',
      );
    }
    return clientAddress(peer, forwarded, trust);
  };
}
