/**
 * Finds the client's address behind proxies. Each proxy appends the address that it was connected from to
 * `X-Forwarded-For`; a client can write anything before that. So the client is the last address that was not written
 * about one of our own proxies. `Forwarded` (RFC 7239) is not read: a client could send it through a proxy that only
 * knows the other header.
 */
import { canonicalAddress, isIn, type Network, parseNetwork } from './address.ts';

/** Which proxies are trusted: how many in a row, or all in these networks. 0 trusts none. */
export type TrustProxy = number | readonly Network[];

const MAX_HOPS = 16;

/** Parses `off`, `on` (one proxy), a number of proxies in a row, or a comma-separated list of networks. */
export function parseTrustProxy(text: string): TrustProxy | undefined {
  if (text === 'off') return 0;
  if (text === 'on') return 1;
  if (/^\d+$/.test(text)) return Number(text) <= MAX_HOPS ? Number(text) : undefined;
  const networks = text.split(',').map(parseNetwork);
  return networks.every(network => network !== undefined) ? networks : undefined;
}

/** Whether the other end of a connection is a proxy that is trusted. */
export function isTrustedProxy(peer: string, trust: TrustProxy): boolean {
  return typeof trust === 'number' ? trust > 0 : isIn(peer, trust);
}

export interface ForwardingOptions {
  readonly trust: TrustProxy;
  /** Called if a trusted proxy did not write from whom it was connected. */
  readonly onMissing?: (() => void) | undefined;
}

/**
 * Returns the client's address in its canonical form; an empty text if it is unknown. `peer` is the other end of the
 * connection, `forwarded` the whole of `X-Forwarded-For`. Where a proxy wrote no address, it counts as the client
 * itself.
 */
export function clientAddress(
  peer: string,
  forwarded: string | undefined,
  { trust, onMissing }: ForwardingOptions,
): string {
  let client = canonicalAddress(peer);
  if (trust === 0) return client;
  const list = forwarded?.split(',') ?? [];
  for (let hop = 0; typeof trust === 'number' ? hop < trust : isIn(client, trust); hop++) {
    const written = list.pop();
    const before = canonicalAddress(written ?? '');
    if (before === '') {
      // A client may be in the network of the proxies.
      const isClient = typeof trust !== 'number' && hop > 0 && written === undefined;
      if (!isClient) onMissing?.();
      break;
    }
    client = before;
  }
  return client;
}
