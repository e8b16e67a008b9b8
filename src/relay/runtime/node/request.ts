/** Node's own request behind the web-standard one, the address it comes from, and whether its head is right. */
import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { MAX_FIELDS } from '../../access/http-limits.ts';
import { clientAddress, isTrustedProxy, type TrustProxy } from '../../access/trust-proxy.ts';

/** Returns Node's request; `undefined` if the request does not come from Node's server. */
export function incomingOf(c: Context): IncomingMessage | undefined {
  const { incoming }: { incoming?: unknown } = c.env ?? {};
  return incoming instanceof IncomingMessage ? incoming : undefined;
}

/** Why a request cannot be answered, whatever it is for. */
export interface HeadFault {
  readonly status: 400 | 431;
  readonly message: string;
}

/** Checks the header fields of a request, also of a handshake. Returns `undefined` if they are right. */
export function faultOfHead(request: IncomingMessage): HeadFault | undefined {
  if (request.rawHeaders.length > 2 * MAX_FIELDS) {
    return { status: 431, message: `This request has more than ${MAX_FIELDS} header fields.` };
  }
  if (hasTwoHosts(request)) return { status: 400, message: 'This request names its host twice.' };
  // RFC 9112, section 3.2.
  if (request.headers.host === undefined && request.httpVersion !== '1.0') {
    return { status: 400, message: 'This request does not name its host.' };
  }
  return undefined;
}

/** Whether a request names its host more than once, which proxies may understand in two ways (RFC 9112, section 3.2). */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

export interface AddressFinderOptions {
  /** A request says for whom it is forwarded, but does not come from a trusted proxy. */
  readonly onIgnored: () => void;
  /** A request comes from a trusted proxy, which does not say for whom it is forwarded. */
  readonly onMissing: () => void;
}

/** Returns a function that finds the client's address in its canonical form; it is an empty text if it is not known. */
export function addressFinder(
  trust: TrustProxy,
  { onIgnored, onMissing }: AddressFinderOptions,
): (request: IncomingMessage | undefined) => string {
  return request => {
    const peer = request?.socket.remoteAddress ?? '';
    // Node joins several headers of this name to one.
    const forwarded = request?.headers['x-forwarded-for']?.toString();
    if (forwarded !== undefined && !isTrustedProxy(peer, trust)) onIgnored();
    // A proxy's own health checks are forwarded for nobody.
    const isForwarded = forwarded !== undefined || request?.headers.upgrade !== undefined;
    return clientAddress(peer, forwarded, { trust, onMissing: isForwarded ? onMissing : undefined });
  };
}
