/** Compiles TypeScript as a project of somebody else would, with the types of the element beside its sources. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  target: 'ES2022',
  module: 'ESNext',
  moduleResolution: 'Bundler',
  jsx: 'react-jsx',
  lib: ['ES2022', 'DOM'],
  types: [],
};

/** Compiles the files, by name, beside the folder `types`. Returns the compiler's errors; `''` if there are none. */
export async function compile(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'heartline-types-'));
  try {
    for (const name of ['node_modules', 'types']) symlinkSync(join(ROOT, name), join(folder, name));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: OPTIONS, files: Object.keys(files) }),
    );
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await new Promise((resolve, reject) =>
      execFile(
        process.execPath,
        [join(ROOT, 'node_modules/typescript/bin/tsc'), '--pretty', 'false', '-p', folder],
        (error, stdout) => {
          if (error && stdout === '') reject(error);
          else resolve(stdout);
        },
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
