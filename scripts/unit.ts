/**
 * `npm run unit`: runs the unit tests, bundled once, in one process. With names, it runs only the files whose path
 * contains one of them. With `--watch` it runs them again on each change below src/ and test/.
 */
import { readArguments } from './tests/arguments.ts';
import { findTests } from './tests/find-tests.ts';
import { Report } from './tests/report.ts';
import { runUnit } from './tests/tiers.ts';
import { watchUnit } from './tests/watch.ts';

const { names, options } = readArguments('--watch');
const root = process.cwd();

if (options.has('--watch')) {
  watchUnit(root, names);
} else {
  const report = new Report();
  const { unit } = findTests(root, names);
  if (unit.length === 0) report.noFile(names);
  await runUnit(root, unit, report);
  report.close();
}
