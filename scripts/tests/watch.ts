/** Runs the unit tests again on each change: bundles only changed files again, and stops a run that is out of date. */
import { watch } from 'node:fs';
import { join } from 'node:path';
import { Bundle } from './bundle.ts';
import { findTests } from './find-tests.ts';
import { endGroupsOnSignal } from './process-group.ts';
import { Report } from './report.ts';
import { runBundle } from './run-bundle.ts';
import { UNIT_FILE_MS } from './tiers.ts';

/** Changes within this time cause one run. */
const GATHER_MS = 50;

/** Runs the files whose path contains one of `names`, now and on each change below src/ and test/, until a signal. */
export function watchUnit(root: string, names: readonly string[]): void {
  let bundle: Bundle | undefined;
  let bundled = '';
  let run = new AbortController();
  let running = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  endGroupsOnSignal(() => bundle?.remove());

  const runOnce = async (signal: AbortSignal) => {
    const report = new Report();
    try {
      const { unit } = findTests(root, names);
      if (unit.length === 0) {
        report.noFile(names);
      } else {
        // An esbuild context has fixed entry points, so another set of files needs another context.
        if (bundled !== unit.join()) {
          await bundle?.dispose();
          bundle = undefined;
          bundle = await Bundle.of(root, unit);
          bundled = unit.join();
        }
        await bundle?.write();
        if (bundle !== undefined && !signal.aborted) {
          const onResult = report.file.bind(report);
          await runBundle(bundle, unit, { root, deadlineMs: UNIT_FILE_MS, onResult, signal });
        }
      }
    } catch (error) {
      report.check('bundle of the unit tests', error instanceof Error ? error.message : String(error));
    }
    if (!signal.aborted) report.close();
  };

  const runSoon = () => {
    run.abort();
    clearTimeout(timer);
    timer = setTimeout(() => {
      run = new AbortController();
      const { signal } = run;
      running = running.then(() => runOnce(signal));
    }, GATHER_MS);
  };

  for (const folder of ['src', 'test']) watch(join(root, folder), { recursive: true }, runSoon);
  runSoon();
}
