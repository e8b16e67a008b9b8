/**
 * `npm test`: checks types, format and lint, then runs the unit tests and the end-to-end tests. With names, it runs
 * only the test files whose path contains one of them. With `--node-versions`, the unit tests also run on the versions
 * of Node in .ci/node-versions.
 */
import { readArguments } from './tests/arguments.ts';
import { runChecks } from './tests/checks.ts';
import { findTests } from './tests/find-tests.ts';
import { installedNodes, type NodeVersion } from './tests/node-versions.ts';
import { Report } from './tests/report.ts';
import { runE2e, runUnit } from './tests/tiers.ts';

const { names, options } = readArguments('--node-versions');
const root = process.cwd();
const report = new Report();
const { unit, e2e } = findTests(root, names);
let versions: readonly NodeVersion[] = [];

if (unit.length + e2e.length === 0) report.noFile(names);
if (options.has('--node-versions')) {
  try {
    versions = installedNodes(root);
  } catch (error) {
    report.check('the other versions of Node', error instanceof Error ? error.message : String(error));
  }
}
if (names.length === 0) await runChecks(root, report);
await runUnit(root, unit, report, versions);
await runE2e(root, e2e, report);
report.close();
