/** Runs the test tiers of a project: the unit tests in one process, each end-to-end test file in its own. */
import { Bundle } from './bundle.ts';
import type { NodeVersion } from './node-versions.ts';
import { endGroupsOnSignal } from './process-group.ts';
import type { Report } from './report.ts';
import { runBundle } from './run-bundle.ts';
import { runFiles } from './run-files.ts';

/** Unit tests wait for nothing outside their process, so this is generous. */
export const UNIT_FILE_MS = 30_000;
/** These files drive browsers and relays. All of them take 8 minutes on two fast cores, and may take far longer on slow ones. */
const E2E_FILE_MS = 240_000;
const E2E_TOTAL_MS = 2_400_000;
const E2E_PARALLEL = 2;

/** Bundles the unit tests once and runs them, then runs the same bundle on each of `versions`. */
export async function runUnit(
  root: string,
  files: readonly string[],
  report: Report,
  versions: readonly NodeVersion[] = [],
): Promise<void> {
  if (files.length === 0) return;
  const bundle = await Bundle.of(root, files);
  endGroupsOnSignal(() => bundle.remove());
  try {
    await bundle.write();
    await runBundle(bundle, files, { root, deadlineMs: UNIT_FILE_MS, onResult: result => report.file(result) });
    for (const { name, binary } of versions) {
      report.again(name, await runBundle(bundle, files, { root, deadlineMs: UNIT_FILE_MS, node: binary }));
    }
  } catch (error) {
    report.check('bundle of the unit tests', error instanceof Error ? error.message : String(error));
  } finally {
    await bundle.dispose();
  }
}

/** Runs the end-to-end tests, two files at a time. */
export async function runE2e(root: string, files: readonly string[], report: Report): Promise<void> {
  endGroupsOnSignal();
  await runFiles(files, {
    root,
    deadlineMs: E2E_FILE_MS,
    totalMs: E2E_TOTAL_MS,
    parallel: E2E_PARALLEL,
    onResult: result => report.file(result),
  });
}
