/** The page's files on Node: read once at the start and served precompressed, with an ETag. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import type { Context } from 'hono';
import { REVALIDATED, VARY } from '../../http/file-headers.ts';

interface Asset {
  readonly type: string;
  readonly hash: string;
  readonly bodies: ReadonlyMap<Encoding, Uint8Array<ArrayBuffer>>;
}

type Encoding = 'br' | 'gzip' | 'identity';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** The page's files, by their paths relative to the folder they were read from. */
export interface Assets {
  /** The languages of the page. Each has a `/localized/TAG.html`. */
  readonly languages: readonly string[];
  /** Answers a request with a file. Returns `undefined` if the file does not exist. */
  answer(c: Context, path: string): Response | undefined;
}

/** Reads the files of known types below `folder`, with their `.br` and `.gz` copies. Throws if it cannot. */
export function loadAssets(folder: string): Assets {
  const names = new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }));
  const assets = new Map<string, Asset>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    const plain = type !== undefined && read(folder, name);
    if (!plain) continue;
    const bodies = new Map<Encoding, Uint8Array<ArrayBuffer>>([['identity', plain]]);
    const br = names.has(`${name}.br`) && read(folder, `${name}.br`);
    const gzip = names.has(`${name}.gz`) && read(folder, `${name}.gz`);
    if (br) bodies.set('br', br);
    if (gzip) bodies.set('gzip', gzip);
    const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
    assets.set(`/${name.replaceAll(sep, '/')}`, { type, hash, bodies });
  }
  const localized = [...assets.keys()].map(path => /^\/localized\/([^/]+)\.html$/.exec(path)?.[1]);
  return {
    languages: localized.filter(tag => tag !== undefined),
    answer(c, path) {
      const asset = assets.get(path);
      return asset && answer(c, asset);
    },
  };
}

/** Returns `undefined` if a build has removed the file since it was listed. */
function read(folder: string, name: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(readFileSync(join(folder, name)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function answer(c: Context, { type, hash, bodies }: Asset): Response {
  const accepted = acceptedEncodings(c.req.header('Accept-Encoding') ?? '');
  const encoding = (['br', 'gzip'] as const).find(name => accepted.has(name) && bodies.has(name)) ?? 'identity';
  const body = bodies.get(encoding);
  const etag = `"${hash}-${encoding}"`;
  c.header('ETag', etag);
  c.header('Vary', VARY);
  c.header('Cache-Control', REVALIDATED);
  if (matches(c.req.header('If-None-Match'), etag)) return c.body(null, 304);
  c.header('Content-Type', type);
  if (encoding !== 'identity') c.header('Content-Encoding', encoding);
  return body ? c.body(body) : c.body(null);
}

/** The codings of an Accept-Encoding, except those with a weight of zero (RFC 9110, section 12.5.3). */
function acceptedEncodings(header: string): Set<string> {
  const accepted = new Set<string>();
  for (const item of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = item.split(';').map(part => part.trim());
    if (!parameters.some(parameter => /^q=0(\.0*)?$/.test(parameter))) accepted.add(coding);
  }
  return accepted;
}

/** Compares ETags weakly (RFC 9110, section 13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some(item => item.trim() === '*' || item.trim().replace(/^W\//, '') === etag);
}
