/**
 * Builds the relay into dist/ and the page's script into static/, precompresses what is served, and prints what the page
 * weighs. What is compressed already is left alone, so that a later start is quick.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants, gzipSync } from 'node:zlib';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';
import { minify } from 'terser';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const STATIC = join(ROOT, 'static');
const BUNDLE = join(ROOT, 'dist/chat.js');
const SCRIPT = join(STATIC, 'chat.js');
const SERVED = new Set(['.html', '.css', '.js', '.svg', '.webmanifest']);

export const RELAY: BuildOptions = {
  absWorkingDir: ROOT,
  entryPoints: ['src/relay/runtime/node/main.ts'],
  outfile: 'dist/relay.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
};

/** A style sheet imported as a string: minified, to be constructed in a shadow root. */
export const CSS_TEXT: Plugin = {
  name: 'css-text',
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};

/** The page's script, before {@link squeezePage} makes of it what is served. */
export const PAGE: BuildOptions = {
  absWorkingDir: ROOT,
  entryPoints: ['src/web/main.ts'],
  outfile: BUNDLE,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  // Chinese as it stands, not in escapes.
  charset: 'utf8',
  plugins: [CSS_TEXT],
  logLevel: 'warning',
};

/** What a first visitor loads, in bytes as sent with brotli. */
export interface Weight {
  readonly file: string;
  readonly bytes: number;
}

/** Bytes of each file of the first load: the page, its styles and script, the icon. */
export function weighPage(): Weight[] {
  return ['index.html', 'style.css', 'chat.js', 'favicon.svg']
    .filter(file => existsSync(join(STATIC, file)))
    .map(file => ({ file, bytes: brotli(readFileSync(join(STATIC, file))).length }));
}

/** Bytes of the client alone, as a bot would bundle it. */
export async function weighClient(): Promise<number> {
  const { outputFiles } = await build({ ...PAGE, entryPoints: ['src/web/client/client.ts'], write: false });
  return brotli(await squeeze(outputFiles?.[0]?.text ?? '')).length;
}

/** Makes the served script of the bundle, unless it is newer than the bundle. */
export async function squeezePage(): Promise<void> {
  if (existsSync(SCRIPT) && statSync(SCRIPT).mtimeMs >= statSync(BUNDLE).mtimeMs) return;
  write(SCRIPT, await squeeze(readFileSync(BUNDLE, 'utf8')));
}

/** A second minifier after the first: it takes a third of a second and saves 300 bytes of what is sent. */
async function squeeze(script: string): Promise<Uint8Array> {
  const { code = '' } = await minify(script, { module: true, ecma: 2020 });
  return Buffer.from(code);
}

/** Writes `.br` and `.gz` beside every file that is served, unless they hold it already. */
export function precompress(): void {
  for (const name of readdirSync(STATIC)) {
    if (!SERVED.has(extname(name))) continue;
    const path = join(STATIC, name);
    const plain = readFileSync(path);
    if (existsSync(`${path}.br`) && existsSync(`${path}.gz`) && holds(`${path}.br`, plain)) continue;
    replace(`${path}.gz`, gzipSync(plain, { level: 9 }));
    replace(`${path}.br`, brotli(plain));
  }
}

function holds(path: string, plain: Buffer): boolean {
  try {
    return brotliDecompressSync(readFileSync(path)).equals(plain);
  } catch {
    return false;
  }
}

function brotli(bytes: Uint8Array): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}

/** Builds everything; rejects when something does not compile. */
export async function buildAll(): Promise<void> {
  await Promise.all([buildRelay(), buildPage()]);
}

/** Builds dist/relay.js. */
export async function buildRelay(): Promise<void> {
  await bundle(RELAY);
}

/** Builds the page's script, and compresses what is served. */
export async function buildPage(): Promise<void> {
  await bundle(PAGE);
  await squeezePage();
  precompress();
}

async function bundle(options: BuildOptions): Promise<void> {
  const { outputFiles = [] } = await build({ ...options, write: false });
  for (const { path, contents } of outputFiles) replace(path, contents);
}

/** Writes a file in one go, and only where it changed: a relay may be starting from it at this moment. */
function replace(path: string, contents: Uint8Array): void {
  if (!existsSync(path) || !readFileSync(path).equals(contents)) write(path, contents);
}

function write(path: string, contents: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  // A name of its own: another process may write the same file.
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

async function report(): Promise<void> {
  const weights = weighPage();
  const sum = weights.reduce((total, { bytes }) => total + bytes, 0);
  const parts = weights.map(({ file, bytes }) => `${file} ${bytes}`).join(', ');
  process.stdout.write(`first load ${sum} bytes with brotli (${parts}); the client alone ${await weighClient()}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildAll();
  if (!process.argv.includes('--quiet')) await report();
}
