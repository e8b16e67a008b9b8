/**
 * Builds the relay and its backup program into dist/ and the page into static/, and prints the size of the page. Files
 * that have not changed are not written again.
 */
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { noteBuild, sourcesOf } from './built.ts';
import { replace } from './files.ts';
import { readOptions } from './options.ts';
import { buildPage } from './page.ts';
import { weighChunks, weighClient, weighFiles, weighPage } from './weigh.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export const RELAY: BuildOptions = {
  absWorkingDir: ROOT,
  entryPoints: { relay: 'src/relay/runtime/node/main.ts', backup: 'src/relay/runtime/node/backup.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
};

/** Builds everything, and notes from what. Rejects if something does not compile. */
export async function buildAll(): Promise<void> {
  // Read before the build, so that a change made during the build is built next time.
  const sources = sourcesOf(ROOT);
  await Promise.all([buildRelay(), buildPage()]);
  noteBuild(ROOT, sources);
}

/** Builds dist/relay.js and dist/backup.js. */
export async function buildRelay(): Promise<void> {
  const { outputFiles } = await build({ ...RELAY, write: false });
  for (const { path, contents } of outputFiles) replace(path, contents);
}

async function report(): Promise<void> {
  const show = (what: string, weights: Awaited<ReturnType<typeof weighPage>>) => {
    const sum = weights.reduce((total, { bytes }) => total + bytes, 0);
    return `${what} ${sum} bytes with brotli (${weights.map(({ file, bytes }) => `${file} ${bytes}`).join(', ')})\n`;
  };
  process.stdout.write(show('first load', await weighPage()));
  process.stdout.write(show('all chunks', weighChunks()));
  process.stdout.write(show('the launcher', weighFiles(['launcher.js'])));
  process.stdout.write(`the client alone ${await weighClient()}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { quiet } = readOptions('npm run build', { quiet: { type: 'boolean', default: false } });
  await buildAll();
  if (!quiet) await report();
}
