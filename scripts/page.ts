/**
 * Builds the page: the chunks with hashed names; the script, which contains those names; and a document for each
 * language, which preloads that language's words.
 *
 * The script and the chunks are two builds. In a single build, esbuild would write `import("./chunks/NAME")` into the
 * script. A chunk that failed to load could then not be requested under another URL, and Chromium retries only another
 * URL.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';
import { type MinifyOptions, minify } from 'terser';
import { headerRules } from '../src/relay/http/file-headers.ts';
import { precompress, removeStale, replace, write } from './files.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LAZY = join(ROOT, 'src/web/lazy');
/** A language's file is named after its tag, in lower case. */
const LANGUAGE_FILE = /^[a-z]{2,3}(-[a-z0-9]{1,8})*\.ts$/;
const LANGUAGE_PAGE = /^[a-z]{2,3}(-[a-z0-9]{1,8})*\.html$/;
const CHUNK = /-[0-9A-Z]{8}\.js$/;

/** Where the page is built from and to. The test that adds a language uses its own folders. */
export interface PageFolders {
  /** Contains one file per language. */
  readonly languages: string;
  /** The served files: those written by hand, and the build's output beside them. */
  readonly served: string;
  /** Receives esbuild's output for the script, which tells whether the served script is up to date. */
  readonly dist: string;
}

export const PAGE_FOLDERS: PageFolders = {
  languages: join(ROOT, 'src/web/i18n'),
  served: join(ROOT, 'static'),
  dist: join(ROOT, 'dist'),
};

interface Script {
  readonly entry: string;
  /** The file's name, in the folder that is served. */
  readonly name: string;
}

/** The scripts that a page includes by their names. A script is built after those that it loads. */
const SCRIPTS: readonly Script[] = [
  { entry: 'src/web/main.ts', name: 'chat.js' },
  { entry: 'src/web/launcher/main.ts', name: 'launcher.js' },
  { entry: 'src/web/embedded.ts', name: 'embed.js' },
];

/** Resolves an import of `FILE?script` to that script as it is served, which is not bundled again. */
const SCRIPT_PATHS: Plugin = {
  name: 'script-paths',
  setup(builder) {
    builder.onResolve({ filter: /\?script$/ }, ({ path, resolveDir }) => {
      const entry = relative(ROOT, join(resolveDir, path.replace('?script', '')));
      const script = SCRIPTS.find(script => script.entry === entry);
      return script ? { path: `./${script.name}`, external: true } : { errors: [{ text: `${path} is no script` }] };
    });
  },
};

/** A style sheet imported as a string: minified, to be constructed in a shadow root. */
export const CSS_TEXT: Plugin = {
  name: 'css-text',
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      // esbuild does not minify the values of custom properties.
      const contents = code.trim().replace(/--[\w-]+: [^;}]+/g, property => property.replace(/([:,]) /g, '$1'));
      return { contents, loader: 'text' };
    });
  },
};

/**
 * Chosen by measuring each option's effect on the size with brotli. We call no function with `new`, so arrows are safe.
 */
const SECOND_MINIFIER: MinifyOptions = {
  module: true,
  ecma: 2020,
  compress: { passes: 2, sequences: false, unsafe_arrows: true, lhs_constants: false },
  format: { quote_style: 0 },
};

/** The options of every bundle for a browser. */
const BROWSER: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  // Shortens the names of methods that tell a part of the client what has happened. No interface to anything outside a
  // bundle has such names: those of the DOM are in lower case.
  mangleProps: /^on[A-Z]/,
  define: { 'Number.POSITIVE_INFINITY': 'Infinity' },
  // Keeps Chinese text unescaped.
  charset: 'utf8',
  // Makes the hashed names change when the options of the second minifier change.
  footer: { js: `/* ${JSON.stringify(SECOND_MINIFIER)} */` },
  logLevel: 'warning',
  write: false,
};

/** A language as described by its file. The paths of its two chunks are relative to the script. */
interface Language {
  /** The file's name without its extension. */
  readonly key: string;
  /** The value of `lang` attributes. */
  readonly tag: string;
  /** The language's own name for itself. */
  readonly name: string;
  /** Of the words of the first paint. */
  readonly path: string;
  /** Of the words of later states. */
  readonly later: string;
}

/** Builds every file of the page that is not written by hand, and removes stale output of earlier builds. */
export async function buildPage(folders: PageFolders = PAGE_FOLDERS): Promise<void> {
  const { served } = folders;
  const files = languageFiles(folders.languages);
  const chunks = await bundleChunks(files);
  const languages = await describeAll(files, chunks);
  // A file is written after the files it refers to, and stale files are removed last.
  for (const { path, text } of chunks) {
    const file = join(served, path);
    // The name contains a hash of the content.
    if (!existsSync(file)) write(file, await squeeze(text));
  }
  for (const script of SCRIPTS)
    await buildScript(folders, script, [CSS_TEXT, SCRIPT_PATHS, chunkPaths(chunks, languages)]);
  for (const language of languages) {
    replace(join(served, 'localized', `${language.key}.html`), Buffer.from(localize(served, language)));
  }
  const keys = JSON.stringify(languages.map(({ key }) => key));
  replace(join(served, 'localized/languages.json'), Buffer.from(keys));
  replace(join(served, '_headers'), Buffer.from(headerRules()));
  precompress(served);
  removeStale(join(served, 'chunks'), CHUNK, new Set(chunks.map(({ path }) => basename(path))));
  removeStale(join(served, 'localized'), LANGUAGE_PAGE, new Set(languages.map(({ key }) => `${key}.html`)));
}

/** For tests that bundle the page's modules: puts the chunks into data URLs, so that no server is needed. */
export async function inlineChunks(): Promise<Plugin> {
  const files = languageFiles(PAGE_FOLDERS.languages);
  const chunks = (await bundleChunks(files)).map(chunk => ({
    ...chunk,
    path: asDataUrl(chunk.text),
  }));
  return chunkPaths(chunks, await describeAll(files, chunks));
}

/** Bundles `entry` alone, as another program would bundle it for a browser. */
export async function bundleForBrowser(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({ ...BROWSER, entryPoints: [entry], write: false });
  return squeeze(outputFiles[0]?.text ?? '');
}

/** The chunks' files; those in folders beside them are parts of a chunk. */
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
  /** The source file, of a language with the name of its export; undefined for code that chunks share. */
  readonly file: string | undefined;
  /** The path it is served from, relative to the script. */
  readonly path: string;
  /** The code before {@link squeeze}. */
  readonly text: string;
}

/** Bundles each file into a chunk, and each language into two. Code that chunks share becomes a separate chunk. */
async function bundleChunks(languages: readonly string[]): Promise<Chunk[]> {
  const lazy = await bundle({ entryPoints: lazyFiles(), splitting: true, chunkNames: 'shared-[hash]' });
  // Split, both chunks of a language would import a third one that has all words.
  const words = await bundle({
    entryPoints: languages.flatMap(file => [
      { in: `${file}?default`, out: keyOf(file) },
      { in: `${file}?later`, out: `${keyOf(file)}-later` },
    ]),
  });
  return [...lazy, ...words];
}

async function bundle(options: BuildOptions): Promise<Chunk[]> {
  const { outputFiles, metafile } = await build({
    ...BROWSER,
    ...options,
    plugins: [CSS_TEXT, EXPORT],
    metafile: true,
    write: false,
    outdir: 'chunks',
    entryNames: '[name]-[hash]',
  });
  return outputFiles.map(({ path, text }) => {
    const output = relative(ROOT, path);
    const entry = metafile.outputs[output]?.entryPoint;
    const file = entry === undefined ? undefined : resolve(ROOT, entry.replace('export:', ''));
    return { file, path: `./${output}`, text };
  });
}

/** `FILE?NAME` is a module whose default export is what the file exports under this name. */
const EXPORT: Plugin = {
  name: 'export',
  setup(builder) {
    builder.onResolve({ filter: /\?\w+$/ }, ({ path }) => ({ path, namespace: 'export' }));
    builder.onLoad({ filter: /./, namespace: 'export' }, ({ path }) => {
      const [file, name] = path.split('?');
      return { contents: `export { ${name} as default } from ${JSON.stringify(file)}`, resolveDir: ROOT };
    });
  },
};

/** Describes the languages in `files`, whose chunks are among `chunks`. */
function describeAll(files: readonly string[], chunks: readonly Chunk[]): Promise<Language[]> {
  return Promise.all(
    files.map(async file => {
      const [first, later] = ['default', 'later'].map(name => chunks.find(chunk => chunk.file === `${file}?${name}`));
      if (!first || !later) throw new Error(`${file} has not been bundled`);
      const { default: words } = await import(asDataUrl(first.text));
      const { tag, language: name } = words ?? {};
      if (typeof tag !== 'string' || typeof name !== 'string') throw new Error(`${file} lacks its tag or its own name`);
      return { key: keyOf(file), tag, name, path: first.path, later: later.path };
    }),
  );
}

/** The tag in lower case, after which a language's file is named. */
function keyOf(file: string): string {
  return basename(file, extname(file));
}

function asDataUrl(script: string): string {
  return `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`;
}

/** Resolves an import of `FILE?chunk` to the path of that chunk, and of `FOLDER?languages` to the languages. */
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
        json(Object.fromEntries(languages.map(({ key, name, path, later }) => [key, { name, path, later }]))),
      );
    },
  };
}

/** Writes a served script, unless it is newer than esbuild's output. */
async function buildScript({ served, dist }: PageFolders, { entry, name }: Script, plugins: Plugin[]): Promise<void> {
  const bundle = join(dist, name);
  const script = join(served, name);
  const { outputFiles } = await build({ ...BROWSER, entryPoints: [entry], write: false, plugins });
  const text = outputFiles[0]?.text ?? '';
  replace(bundle, Buffer.from(text));
  if (existsSync(script) && statSync(script).mtimeMs >= statSync(bundle).mtimeMs) return;
  write(script, await squeeze(text));
}

/** The document in one language, which preloads its words. */
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

/** Runs a second minifier after esbuild's: it takes a third of a second and saves 300 bytes with brotli. */
async function squeeze(script: string): Promise<Uint8Array> {
  const { code = '' } = await minify(script, structuredClone(SECOND_MINIFIER));
  return Buffer.from(code);
}
