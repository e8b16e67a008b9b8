/**
 * The headers of the page's files: how long they may be kept, and who may read them. Node's routes set them; for Workers
 * the build writes them to static/_headers, because there the platform serves the files without the relay.
 */
import { securityHeadersFor } from './security-headers.ts';

/** The files that a foreign page embeds. They hold nothing private, so any origin may read them. */
export const FOREIGN_PATHS = ['/chat.js', '/launcher.js', '/chunks/*'];
/** A chunk's name contains a hash of its content. */
export const CHUNK_PATHS = '/chunks/*';

/** Any other file is asked for each time, and answered with 304 if it has not changed. */
export const REVALIDATED = 'no-cache';
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Every file has an encoding for each client. */
export const VARY = 'Accept-Encoding';

/**
 * The rules of `_headers` (developers.cloudflare.com/workers/static-assets/headers). The rules that match a path add up,
 * and `!` removes a header that an earlier one set.
 */
export function headerRules(): string {
  const rule = (path: string, lines: readonly string[]) => [path, ...lines.map(line => `  ${line}`), ''].join('\n');
  const every = { ...securityHeadersFor(undefined), 'Cache-Control': REVALIDATED, Vary: VARY };
  const lines = Object.entries(every).map(([name, value]) => `${name}: ${value}`);
  const kept = ['! Cache-Control', `Cache-Control: ${IMMUTABLE}`];
  const foreign = (path: string) => ['Access-Control-Allow-Origin: *', ...(path === CHUNK_PATHS ? kept : [])];
  return [rule('/*', lines), ...FOREIGN_PATHS.map(path => rule(path, foreign(path)))].join('\n');
}
