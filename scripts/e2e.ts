/**
 * `npm run e2e`: runs the end-to-end tests, each file in its own process group. With names, it runs only the files
 * whose path contains one of them. A test that needs the relay or the page builds it.
 */
import { readArguments } from './tests/arguments.ts';
import { findTests } from './tests/find-tests.ts';
import { Report } from './tests/report.ts';
import { runE2e } from './tests/tiers.ts';

const { names } = readArguments();
const root = process.cwd();
const report = new Report();
const { e2e } = findTests(root, names);
if (e2e.length === 0) report.noFile(names);
await runE2e(root, e2e, report);
report.close();
