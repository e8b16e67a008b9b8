/**
 * Parses IP addresses and networks, as sockets and proxies write them, and names the networks that limits are counted
 * for. Every way to write an address leads to the same text, so that nobody counts as several.
 */

import { remembering } from './recent.ts';

/** The 8 groups of 16 bits of an IPv6 address. An IPv4 address is the one that it is mapped to, `::ffff:a.b.c.d`. */
type Groups = readonly number[];

/** A range of addresses, such as `10.0.0.0/8`. */
export interface Network {
  readonly groups: Groups;
  /** How many leading bits an address has in common with it, counted in IPv6. */
  readonly bits: number;
}

/** The networks that an address belongs to. */
export interface AddressNetworks {
  /**
   * The network of one subscriber: an IPv4 address, or the first 64 bits of an IPv6 address (RFC 6177). All unknown
   * addresses share the empty text.
   */
  readonly subscriber: string;
  /** The network of one site, which may have many subscribers: the first 48 bits of an IPv6 address. */
  readonly site: string | undefined;
}

/** How many times as much as a subscriber a site may have and do. */
export const SITE_FACTOR = 10;

/** How the text of a site's network ends, and no other's. */
export const SITE_SUFFIX = '/48';

/** The network of the IPv4 addresses. */
const MAPPED: Groups = [0, 0, 0, 0, 0, 0xffff, 0, 0];
const MAPPED_BITS = 96;

/**
 * Returns an address in its canonical form (RFC 5952), without port and zone; an IPv4-mapped one as IPv4. Accepts
 * `a.b.c.d`, `a.b.c.d:port`, an IPv6 address, `[address]` and `[address]:port`. Returns an empty text for anything else.
 */
export const canonicalAddress: (text: string) => string = remembering(text => {
  const groups = parseAddress(text);
  return groups ? format(groups) : '';
});

/** Returns the networks of an address in any form. */
export const networksOf: (address: string) => AddressNetworks = remembering(address => {
  const groups = parseAddress(address);
  if (!groups) return { subscriber: '', site: undefined };
  if (isMapped(groups)) return { subscriber: format(groups), site: undefined };
  const prefix = (count: number) => `${format([...groups.slice(0, count), ...Array(8 - count).fill(0)])}/${count * 16}`;
  return { subscriber: prefix(4), site: prefix(3) };
});

/** Returns the network for which an address takes turns with others: its site, or its subscriber. */
export function sourceOf(address: string): string {
  const { site, subscriber } = networksOf(address);
  return site ?? subscriber;
}

/**
 * Parses a network in CIDR notation (RFC 4632), or a single address. Returns `undefined` if it is neither, or if it
 * holds every IPv4 address there is.
 */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  if (/[[\]%]/.test(address) || /^[^:]+:\d+$/.test(address)) return undefined;
  const groups = parseAddress(address);
  if (!groups) return undefined;
  const first = isMapped(groups) && !address.includes(':') ? MAPPED_BITS : 0;
  const bits = length === undefined ? 128 : first + Number(length);
  const holdsAll = bits <= MAPPED_BITS && isWithin(MAPPED, { groups, bits });
  return bits <= 128 && !holdsAll ? { groups, bits } : undefined;
}

/** Whether an address, in any form, is in one of these networks. */
export function isIn(address: string, networks: readonly Network[]): boolean {
  const groups = parseAddress(address);
  return groups !== undefined && networks.some(network => isWithin(groups, network));
}

/** Returns an address, in any form, as 32 hexadecimal digits, which are ordered as addresses are. */
export function addressKey(address: string): string | undefined {
  const groups = parseAddress(address);
  return groups && keyOf(groups);
}

/** Returns the first and the last address of a network, each as {@link addressKey} does. */
export function networkRange({ groups, bits }: Network): { readonly first: string; readonly last: string } {
  const free = (at: number) => 0xffff >> Math.max(0, Math.min(16, bits - at * 16));
  return {
    first: keyOf(groups.map((group, at) => group & ~free(at))),
    last: keyOf(groups.map((group, at) => group | free(at))),
  };
}

function keyOf(groups: Groups): string {
  return groups.map(group => group.toString(16).padStart(4, '0')).join('');
}

function isWithin(address: Groups, { groups, bits }: Network): boolean {
  return groups.every((group, at) => {
    const shift = 16 - Math.max(0, Math.min(16, bits - at * 16));
    return group >> shift === (address[at] ?? 0) >> shift;
  });
}

function isMapped(groups: Groups): boolean {
  return isWithin(groups, { groups: MAPPED, bits: MAPPED_BITS });
}

function parseAddress(text: string): Groups | undefined {
  const trimmed = text.trim();
  const [, v4] = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?$/.exec(trimmed) ?? [];
  if (v4 !== undefined) {
    const pair = parseIPv4(v4);
    return pair && [0, 0, 0, 0, 0, 0xffff, ...pair];
  }
  const [, bracketed, bare = bracketed] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([^[\]]+))$/.exec(trimmed) ?? [];
  return bare === undefined ? undefined : parseIPv6(bare.replace(/%[\w.~-]+$/, ''));
}

/** Parses the four numbers of an IPv4 address to two groups. A number with a leading zero is ambiguous, so invalid. */
function parseIPv4(text: string): Groups | undefined {
  const bytes = text.split('.').map(part => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  const [a = 256, b = 256, c = 256, d = 256] = bytes;
  return bytes.length === 4 && Math.max(a, b, c, d) < 256 ? [a * 256 + b, c * 256 + d] : undefined;
}

/** Parses an IPv6 address without brackets and zone (RFC 4291, section 2.2). */
function parseIPv6(text: string): Groups | undefined {
  const halves = text.split('::');
  const parts = halves.map(half => (half === '' ? [] : half.split(':')));
  // An address may end with the four numbers of an IPv4 address.
  const last = parts.at(-1);
  const v4 = last?.at(-1)?.includes('.') ? parseIPv4(last.pop() ?? '') : [];
  if (!last || !v4 || parts.flat().some(part => !/^[\da-f]{1,4}$/i.test(part))) return undefined;
  const [left = [], right = []] = parts.map(half => half.map(part => Number.parseInt(part, 16)));
  const zeros = 8 - left.length - right.length - v4.length;
  if (halves.length > 2 || (halves.length === 2 ? zeros < 1 : zeros !== 0)) return undefined;
  return [...left, ...Array<number>(zeros).fill(0), ...right, ...v4];
}

/** The longest run of at least two zero groups becomes `::` (RFC 5952, section 4.2). */
function format(groups: Groups): string {
  if (isMapped(groups))
    return groups
      .slice(6)
      .flatMap(group => [group >> 8, group & 255])
      .join('.');
  const text = groups.map(group => group.toString(16)).join(':');
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length);
  const [run] = runs;
  if (!run) return text;
  return `${text.slice(0, run.index).replace(/:$/, '')}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`;
}
