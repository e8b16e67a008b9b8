/**
 * The limits of HTTP, in one place: how much an address may ask, and how long a connection may take. Those of an address
 * are for a subscriber; a site may have ten times as much. A school class of 30 that opens the page at once behind one
 * address makes about 400 requests over up to 180 connections.
 */

/** The limits below are for this many connections per address. They grow with a larger `MAX_PER_ADDRESS`. */
const STANDARD_PER_ADDRESS = 200;
/** Requests of an address per second in the long run, and at once. A request counts as its cost. */
export const REQUEST_RATE = 50;
export const REQUEST_BURST = 1000;
/** The cost of reading a page of the log. Any other request costs 1. */
export const HISTORY_COST = 5;
/** Answers to an address that are being sent: with 256 kB in each, they hold 13 MB. */
export const MAX_ANSWERS_PER_ADDRESS = 50;
/** The same for a site. It is less than ten times as much, so that a few sites cannot have all there are. */
export const MAX_ANSWERS_PER_SITE = 64;
/**
 * Answers that are being sent, to all addresses together. Over this many, only an address with less than a few of them,
 * which is what a browser asks for at once, is answered; over the last bound nobody is.
 */
export const MAX_ANSWERS = 256;
export const FEW_ANSWERS = 6;
export const MAX_ANSWERS_IN_ALL = 512;
/** Handshakes of an address that are under way. As many people may return at once after a restart. */
export const MAX_HANDSHAKES_PER_ADDRESS = 200;
/** Connections of an address over HTTP, besides those that became WebSockets. */
export const MAX_HTTP_CONNECTIONS = 200;

/** Requests on one connection that may wait for the answers to those before them (pipelining, RFC 9112, 9.3.2). */
export const MAX_PIPELINED = 100;
/** Requests of an address that may wait for their turn. */
export const MAX_WAITING = 1000;
/**
 * How much of an address is parsed in one turn of the event loop, in requests of few header fields: some 4 ms. Its other
 * connections wait for the next turn.
 */
export const MAX_PER_TURN = 128;
/** The same for a site: less than ten times as much, because everyone else waits for it. */
export const MAX_PER_TURN_OF_SITE = 256;
/** Header fields that take as long to parse as a request without any. */
export const FIELDS_PER_REQUEST = 8;
/** Requests on one connection, after which it is closed. */
export const MAX_REQUESTS_PER_CONNECTION = 1000;

/** How long a client may take to send the head of a request, and the whole request (ms). */
export const HEAD_MS = 10_000;
export const REQUEST_MS = 15_000;
/** How often Node looks for requests that take longer (ms). */
export const CHECK_MS = 2000;
/** How long a connection may wait for its next request (ms). Proxies reuse a connection for up to 60 s. */
export const KEEP_ALIVE_MS = 65_000;
/** How long a request or its answer may make no progress, and how long an answer may take in all (ms). */
export const IDLE_MS = 30_000;
export const ANSWER_MS = 120_000;
/** Bytes of a head, and header fields in it. */
export const MAX_HEAD_BYTES = 16_384;
export const MAX_FIELDS = 100;
/** No route takes a body. One this small is read, for this long (ms), so that the client reads the answer. */
export const MAX_IGNORED_BYTES = 65_536;
export const IGNORED_BODY_MS = 250;

/** How many times its limits an address has, with this `MAX_PER_ADDRESS` above 0. */
export function limitScale(maxPerAddress: number): number {
  return Math.max(1, maxPerAddress / STANDARD_PER_ADDRESS);
}
