/**
 * Builds the page: the chunks with hashed names, the script, which knows their names, and the document in each language,
 * which preloads its words.
 *
 * The script and the chunks are two builds. In one, esbuild would write `import("./chunks/NAME")` into the script, and a
 * chunk that could not be loaded could never be asked for under another URL, without which Chromium does not ask again.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';
import { type MinifyOptions, minify } from 'terser';
import { precompress, removeStale, replace, write } from './files.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LAZY = join(ROOT, 'src/web/lazy');
/** A language's file is named by its tag in lower case. */
const LANGUAGE_FILE = /^[a-z]{2,3}(-[a-z0-9]{1,8})*\.ts$/;
const LANGUAGE_PAGE = /^[a-z]{2,3}(-[a-z0-9]{1,8})*\.html$/;
const CHUNK = /-[0-9A-Z]{8}\.js$/;

/** Where the page is built from and to; the test of a new language has folders of its own. */
export interface PageFolders {
  /** Holds a file for each language. */
  readonly languages: string;
  /** What is served: files written by hand, and beside them what is built. */
  readonly served: string;
  /** Takes the script as esbuild makes it, which tells whether the served one is still good. */
  readonly dist: string;
}

export const PAGE_FOLDERS: PageFolders = {
  languages: join(ROOT, 'src/web/i18n'),
  served: join(ROOT, 'static'),
  dist: join(ROOT, 'dist'),
};

/** A style sheet imported as a string: minified, to be constructed in a shadow root. */
export const CSS_TEXT: Plugin = {
  name: 'css-text',
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      // esbuild leaves the values of custom properties as they are written.
      const contents = code.trim().replace(/--[\w-]+: [^;}]+/g, property => property.replace(/([:,]) /g, '$1'));
      return { contents, loader: 'text' };
    });
  },
};

/** Found by trying each option on what is sent with brotli. No function of ours is called with `new`, so arrows are safe. */
const SECOND_MINIFIER: MinifyOptions = {
  module: true,
  ecma: 2020,
  compress: { passes: 2, unsafe_arrows: true, lhs_constants: false },
  format: { quote_style: 1 },
};

/** How everything for a browser is bundled. */
const BROWSER: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  // Chinese as it stands, not in escapes.
  charset: 'utf8',
  // So that other options of the second minifier make another bundle, and other names.
  footer: { js: `/* ${JSON.stringify(SECOND_MINIFIER)} */` },
  logLevel: 'warning',
  write: false,
};

/** A language as its file describes it, and its chunk, relative to the script. */
interface Language {
  /** As in the file's name. */
  readonly key: string;
  /** For `lang` attributes. */
  readonly tag: string;
  /** For itself. */
  readonly name: string;
  readonly path: string;
}

/** Builds everything of the page that is not written by hand, and removes what an earlier build left. */
export async function buildPage(folders: PageFolders = PAGE_FOLDERS): Promise<void> {
  const { served } = folders;
  const files = languageFiles(folders.languages);
  const chunks = await bundleChunks([...lazyFiles(), ...files]);
  const languages = await describeAll(files, chunks);
  // What refers to a file is written after it, and what nothing refers to any more goes last.
  for (const { path, text } of chunks) {
    const file = join(served, path);
    // Its name tells what it holds.
    if (!existsSync(file)) write(file, await squeeze(text));
  }
  await buildScript(folders, [CSS_TEXT, chunkPaths(chunks, languages)]);
  for (const language of languages) {
    replace(join(served, 'localized', `${language.key}.html`), Buffer.from(localize(served, language)));
  }
  const keys = JSON.stringify(languages.map(({ key }) => key));
  replace(join(served, 'localized/languages.json'), Buffer.from(keys));
  precompress(served);
  removeStale(join(served, 'chunks'), CHUNK, new Set(chunks.map(({ path }) => basename(path))));
  removeStale(join(served, 'localized'), LANGUAGE_PAGE, new Set(languages.map(({ key }) => `${key}.html`)));
}

/** For tests that bundle the page's modules: chunks as they are, at URLs that hold them whole, so that nothing is served. */
export async function inlineChunks(): Promise<Plugin> {
  const files = languageFiles(PAGE_FOLDERS.languages);
  const chunks = (await bundleChunks([...lazyFiles(), ...files])).map(chunk => ({
    ...chunk,
    path: asDataUrl(chunk.text),
  }));
  return chunkPaths(chunks, await describeAll(files, chunks));
}

/** The script of `entry` alone, as a program that bundles it would send it. */
export async function bundleForBrowser(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({ ...BROWSER, entryPoints: [entry], write: false });
  return squeeze(outputFiles[0]?.text ?? '');
}

function lazyFiles(): string[] {
  return readdirSync(LAZY)
    .filter(name => name.endsWith('.ts'))
    .map(name => join(LAZY, name));
}

function languageFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter(name => LANGUAGE_FILE.test(name))
    .sort()
    .map(name => join(folder, name));
}

/** A chunk as it is served. */
interface Chunk {
  /** The file it is made of; undefined for what chunks share. */
  readonly file: string | undefined;
  /** Where it is served from, relative to the script. */
  readonly path: string;
  /** Before {@link squeeze}. */
  readonly text: string;
}

/** A chunk for each file. What chunks share becomes a chunk of its own. */
async function bundleChunks(files: readonly string[]): Promise<Chunk[]> {
  const { outputFiles, metafile } = await build({
    ...BROWSER,
    entryPoints: [...files],
    plugins: [CSS_TEXT],
    splitting: true,
    metafile: true,
    write: false,
    outdir: 'chunks',
    entryNames: '[name]-[hash]',
    chunkNames: 'shared-[hash]',
  });
  return outputFiles.map(({ path, text }) => {
    const output = relative(ROOT, path);
    const entry = metafile.outputs[output]?.entryPoint;
    return { file: entry === undefined ? undefined : join(ROOT, entry), path: `./${output}`, text };
  });
}

/** The languages of the files that are among the chunks. */
function describeAll(files: readonly string[], chunks: readonly Chunk[]): Promise<Language[]> {
  return Promise.all(chunks.flatMap(chunk => (files.includes(chunk.file ?? '') ? [describe(chunk)] : [])));
}

async function describe({ file = '', path, text }: Chunk): Promise<Language> {
  const { default: words } = await import(asDataUrl(text));
  const { tag, language: name } = words ?? {};
  if (typeof tag !== 'string' || typeof name !== 'string') throw new Error(`${file} lacks its tag or its own name`);
  return { key: basename(file, extname(file)), tag, name, path };
}

function asDataUrl(script: string): string {
  return `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`;
}

/** Gives a module the path of a chunk for `FILE?chunk`, and the languages for `FOLDER?languages`. */
function chunkPaths(chunks: readonly Chunk[], languages: readonly Language[]): Plugin {
  const json = (value: unknown) => ({ contents: JSON.stringify(value), loader: 'json' as const });
  return {
    name: 'chunk-paths',
    setup(builder) {
      builder.onResolve({ filter: /\?(chunk|languages)$/ }, ({ path, resolveDir }) => {
        const [file = '', namespace = ''] = path.split('?');
        return { path: join(resolveDir, file), namespace };
      });
      builder.onLoad({ filter: /./, namespace: 'chunk' }, ({ path }) => {
        const chunk = chunks.find(({ file }) => file === path);
        return chunk ? json(chunk.path) : { errors: [{ text: `${path} is not in ${LAZY}` }] };
      });
      builder.onLoad({ filter: /./, namespace: 'languages' }, () =>
        json(Object.fromEntries(languages.map(({ key, name, path }) => [key, { name, path }]))),
      );
    },
  };
}

/** Writes the served script, unless it is newer than what esbuild makes. */
async function buildScript({ served, dist }: PageFolders, plugins: Plugin[]): Promise<void> {
  const bundle = join(dist, 'chat.js');
  const script = join(served, 'chat.js');
  const { outputFiles } = await build({ ...BROWSER, entryPoints: ['src/web/main.ts'], write: false, plugins });
  const text = outputFiles[0]?.text ?? '';
  replace(bundle, Buffer.from(text));
  if (existsSync(script) && statSync(script).mtimeMs >= statSync(bundle).mtimeMs) return;
  write(script, await squeeze(text));
}

/** The document in a language, which preloads the words. */
function localize(served: string, { tag, path }: Language): string {
  const html = readFileSync(join(served, 'index.html'), 'utf8');
  const script = '<script type="module"';
  if (!html.includes('<html lang="en">') || !html.includes(script)) {
    throw new Error('index.html lacks <html lang="en"> or its script');
  }
  return html
    .replace('<html lang="en">', `<html lang="${tag}">`)
    .replace(script, `<link rel="modulepreload" href="${path.slice(1)}">${script}`)
    .replace(/\n\s*/g, '');
}

/** A second minifier after the first: it takes a third of a second and saves 300 bytes of what is sent. */
async function squeeze(script: string): Promise<Uint8Array> {
  const { code = '' } = await minify(script, structuredClone(SECOND_MINIFIER));
  return Buffer.from(code);
}
