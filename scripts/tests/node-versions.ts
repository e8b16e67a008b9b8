/** Finds the versions of Node that `npm ci --prefix .ci/node-versions` installs, to run the unit tests on them too. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A binary of Node other than the one that runs this program. */
export interface NodeVersion {
  /** For example `Node 22.23.3`. */
  readonly name: string;
  readonly binary: string;
}

/** Returns the configured versions. Throws if one of them is not installed. */
export function installedNodes(root: string): NodeVersion[] {
  const folder = join(root, '.ci/node-versions');
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries<string>(dependencies).map(([name, source]) => {
    const binary = join(folder, 'node_modules', name, 'bin/node');
    if (!existsSync(binary)) throw new Error(`${binary} is missing: run npm ci --prefix .ci/node-versions`);
    return { name: `Node ${source.split('@').at(-1)}`, binary };
  });
}
