/** Writes what is built, each file whole and only where it changed, and what is served a second time in compressed form. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants, gzipSync } from 'node:zlib';

const SERVED = new Set(['.html', '.css', '.js', '.svg', '.webmanifest']);

/** Writes a file in one go, and only where it changed: a relay may be starting from it at this moment. */
export function replace(path: string, contents: Uint8Array): void {
  if (!existsSync(path) || !readFileSync(path).equals(contents)) write(path, contents);
}

/** Writes a file in one go. */
export function write(path: string, contents: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  // A name of its own: another process may write the same file.
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

/** Removes the files in `folder` whose names match `made`, but for those to `keep` and their compressed forms. */
export function removeStale(folder: string, made: RegExp, keep: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    const plain = name.replace(/\.(br|gz)$/, '');
    if (made.test(plain) && !keep.has(plain)) rmSync(join(folder, name), { force: true });
  }
}

/** Writes `.br` and `.gz` beside every file below `folder` that is served, unless they hold it already. */
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

/** `bytes` as they are sent with brotli. */
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
