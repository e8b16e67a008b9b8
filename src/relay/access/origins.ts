/** Decides which web pages may connect, by the origin that the browser sends with a request (RFC 6454). */
import type { Config } from '../config.ts';

export type OriginRules = Pick<Config, 'origins' | 'publicOrigin'>;

/** Whether a page of this origin may connect. A client that sends no origin is not a page in a browser, so it may. */
export function isOriginAllowed(origin: string | undefined, { origins, publicOrigin }: OriginRules): boolean {
  return origins === '*' || origin === undefined || origin === publicOrigin || origins.includes(origin);
}
