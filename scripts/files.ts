/**
 * Writes build output: each file atomically and only if it changed, and compressed copies of the files that are served.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants, gzipSync } from 'node:zlib';

const SERVED = new Set(['.html', '.css', '.js', '.svg', '.webmanifest']);

/** Writes a file atomically, and only if it changed: a relay may be starting from it at this moment. */
export function replace(path: string, contents: Uint8Array): void {
  if (!existsSync(path) || !readFileSync(path).equals(contents)) write(path, contents);
}

/** Writes a file atomically. */
export function write(path: string, contents: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  // The name is unique to this process, because another one may write the same file.
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

/** Removes the files in `folder` whose names match `made`, except those to `keep` and their compressed copies. */
export function removeStale(folder: string, made: RegExp, keep: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    const plain = name.replace(/\.(br|gz)$/, '');
    if (made.test(plain) && !keep.has(plain)) rmSync(join(folder, name), { force: true });
  }
}

/** Writes `.br` and `.gz` copies of every served file below `folder`, unless they are up to date. */
export function precompress(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!SERVED.has(extname(name))) continue;
    const path = join(folder, name);
    const plain = readFileSync(path);
    if (existsSync(`${path}.br`) && existsSync(`${path}.gz`) && holds(`${path}.br`, plain)) continue;
    replace(`${path}.gz`, gzipSync(plain, { level: 9 }));
    replace(`${path}.br`, brotli(plain));
  }
}

/** Compresses `bytes` as they are sent with brotli. */
export function brotli(bytes: Uint8Array): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}

function holds(path: string, plain: Buffer): boolean {
  try {
    return brotliDecompressSync(readFileSync(path)).equals(plain);
  } catch {
    return false;
  }
}
