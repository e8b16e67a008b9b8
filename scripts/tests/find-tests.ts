/** Finds the test files of each tier: the folder alone decides which tier a file belongs to. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Tests that need a build, a separate process or a browser are in this folder. */
const E2E = 'test/e2e/';

/** The test files of a project, as sorted paths relative to its root. */
export interface Tiers {
  readonly unit: readonly string[];
  readonly e2e: readonly string[];
}

/** Finds the test files below `root`/test whose path contains one of `names`, or all of them if there are no names. */
export function findTests(root: string, names: readonly string[] = []): Tiers {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map(name => `test/${name.replaceAll('\\', '/')}`)
    .filter(file => file.endsWith('.test.ts'))
    .filter(file => names.length === 0 || names.some(name => file.includes(name)))
    .sort();
  return { unit: files.filter(file => !file.startsWith(E2E)), e2e: files.filter(file => file.startsWith(E2E)) };
}
