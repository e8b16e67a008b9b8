/** Measures the size of what a browser loads, with brotli. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { build } from 'esbuild';
import { brotli } from './files.ts';
import { bundleForBrowser, PAGE_FOLDERS } from './page.ts';

export interface Weight {
  readonly file: string;
  readonly bytes: number;
}

/**
 * The files of the first load, in the largest language: document, styles, script with its static imports, words and
 * icon.
 */
export async function weighPage(served: string = PAGE_FOLDERS.served): Promise<Weight[]> {
  const pages = readdirSync(join(served, 'localized')).filter(name => name.endsWith('.html'));
  const script = await withStaticImports(served, 'chat.js');
  const loads = pages.map(page => {
    const html = readFileSync(join(served, 'localized', page), 'utf8');
    const words = [...html.matchAll(/rel="modulepreload" href="\/([^"]+)"/g)].map(([, path = '']) => path);
    return weigh(served, [`localized/${page}`, 'style.css', ...script, ...words, 'favicon.svg']);
  });
  const sum = (weights: Weight[]) => weights.reduce((total, { bytes }) => total + bytes, 0);
  return loads.sort((a, b) => sum(b) - sum(a))[0] ?? [];
}

/** All chunks. */
export function weighChunks(served: string = PAGE_FOLDERS.served): Weight[] {
  const chunks = readdirSync(join(served, 'chunks')).filter(name => name.endsWith('.js'));
  return weigh(
    served,
    chunks.map(name => `chunks/${name}`),
  );
}

/** Files of the page, by their paths. */
export function weighFiles(files: readonly string[], served: string = PAGE_FOLDERS.served): Weight[] {
  return weigh(served, files);
}

/** The size of the client alone (bytes), as a bot would bundle it. */
export async function weighClient(): Promise<number> {
  return brotli(await bundleForBrowser('src/web/client/client.ts')).length;
}

function weigh(served: string, files: readonly string[]): Weight[] {
  return files.map(file => ({ file, bytes: brotli(readFileSync(join(served, file))).length }));
}

/** A script and everything that it imports statically. */
async function withStaticImports(served: string, file: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [file],
    absWorkingDir: served,
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    outdir: '.',
    logLevel: 'warning',
  });
  const found = Object.keys(metafile.inputs).map(path => posix.normalize(path));
  return [file, ...found.filter(path => path !== file)];
}
