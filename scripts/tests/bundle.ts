/**
 * Bundles the unit tests with everything they import, each module once, for {@link runBundle} to run in one process.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildContext, context, type Plugin } from 'esbuild';
import { CSS_TEXT, inlineChunks } from '../page.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const UVU = join(HERE, 'uvu.ts');
const IN_PROCESS = join(HERE, 'in-process.ts');

/** In the bundle, `uvu` is replaced by our own module that wraps it. */
const UVU_STAND_IN: Plugin = {
  name: 'uvu-stand-in',
  setup(builder) {
    builder.onResolve({ filter: /^uvu$/ }, ({ importer }) => (importer === UVU ? undefined : { path: UVU }));
  },
};

/** Replaces each module's `import.meta.url` with a constant that contains the URL of its source. */
const SOURCE_URL: Plugin = {
  name: 'source-url',
  setup(builder) {
    builder.initialOptions.define = { ...builder.initialOptions.define, 'import.meta.url': '__sourceUrl' };
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes('import.meta.url')) return undefined;
      // Added on the first line, so that the source map's line numbers stay correct.
      return { contents: `const __sourceUrl = ${JSON.stringify(pathToFileURL(path).href)}; ${source}`, loader: 'ts' };
    });
  },
};

/** A bundle on disk. Several runs may each have one at the same time. */
export class Bundle {
  /** Contains a .js file for each bundled file, at the same path as in the project. */
  readonly folder: string;
  /** The program to run, with `folder` and the test files' paths as arguments. */
  readonly program: string;
  readonly #context: BuildContext;

  private constructor(folder: string, building: BuildContext) {
    this.folder = folder;
    this.program = join(folder, 'in-process.js');
    this.#context = building;
  }

  /** Prepares to bundle `files`, whose paths are relative to `root`. */
  static async of(root: string, files: readonly string[]): Promise<Bundle> {
    // Inside the project, so that packages are found.
    mkdirSync(join(root, 'dist'), { recursive: true });
    const folder = mkdtempSync(join(root, 'dist/unit-'));
    const entryPoints = files.map(file => ({ in: join(root, file), out: file.replace(/\.ts$/, '') }));
    const building = await context({
      absWorkingDir: root,
      entryPoints: [...entryPoints, { in: IN_PROCESS, out: 'in-process' }],
      outdir: folder,
      bundle: true,
      splitting: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      sourcemap: true,
      sourcesContent: false,
      plugins: [UVU_STAND_IN, SOURCE_URL, CSS_TEXT, await inlineChunks()],
      logLevel: 'silent',
    });
    return new Bundle(folder, building);
  }

  /** Bundles all files, or those that changed. Rejects with esbuild's messages if something does not compile. */
  async write(): Promise<void> {
    await this.#context.rebuild();
  }

  async dispose(): Promise<void> {
    this.remove();
    await this.#context.dispose();
  }

  /** Removes only the folder, synchronously. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
