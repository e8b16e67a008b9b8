/** Finds the test files of each tier: the folder alone decides which tier a file belongs to. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that needs a build, a process of its own or a browser stands below this folder. */
const E2E = 'test/e2e/';

/** The test files of a project, as paths from its root, in order. */
export interface Tiers {
  readonly unit: readonly string[];
  readonly e2e: readonly string[];
}

/** The test files below `root`/test whose path holds one of `names`; all of them when there are no names. */
export function findTests(root: string, names: readonly string[] = []): Tiers {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map(name => `test/${name.replaceAll('\\', '/')}`)
    .filter(file => file.endsWith('.test.ts'))
    .filter(file => names.length === 0 || names.some(name => file.includes(name)))
    .sort();
  return { unit: files.filter(file => !file.startsWith(E2E)), e2e: files.filter(file => file.startsWith(E2E)) };
}
