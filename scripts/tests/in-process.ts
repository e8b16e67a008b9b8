/** Runs bundled test files one after the other in this process, and reports the result of each. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { tell } from './progress.ts';
import { hookErrors, suitesNotRun } from './suite-notes.ts';

/**
 * A suite as uvu queues it: resolves with its failures as text (or true), and the counts of passed, skipped and all
 * tests.
 */
type QueuedSuite = () => Promise<[failures: string | true, passed: number, skipped: number, total: number]>;

declare global {
  /** Set before uvu is evaluated, so that uvu queues suites in `UVU_QUEUE[UVU_INDEX]` instead of running them. */
  var UVU_DEFER: number;
  var UVU_INDEX: number;
  var UVU_QUEUE: QueuedSuite[][];
}

globalThis.UVU_DEFER = 1;
globalThis.UVU_INDEX = 0;
globalThis.UVU_QUEUE = [];

const [folder = '', ...files] = process.argv.slice(2);
for (const file of files) {
  tell({ type: 'file', file });
  tell(await runFile(file));
}
// Anything that a test has left open, such as a timer, must not keep the process alive.
process.exit(0);

async function runFile(file: string) {
  const problems: string[] = [];
  let [passed, total, skipped] = [0, 0, 0];
  const queue: QueuedSuite[] = [];
  UVU_QUEUE[0] = queue;
  suitesNotRun.clear();
  hookErrors.length = 0;
  try {
    await import(pathToFileURL(join(folder, file.replace(/\.ts$/, '.js'))).href);
    for (const run of queue) {
      const [failures, ...counts] = await run();
      if (failures !== true) problems.push(failures);
      passed += counts[0];
      skipped += counts[1];
      total += counts[2];
    }
  } catch (error) {
    // Thrown by the file's own code, or by a hook, whose errors are reported below.
    if (!hookErrors.some(noted => noted.error === error)) problems.push(show(error));
  }
  // A promise that a test leaves to be rejected must count against this file, not the next one.
  await nextTurn();
  for (const { suite, error } of hookErrors) problems.push(`a hook of "${suite}" failed: ${show(error)}`);
  for (const name of suitesNotRun.values()) problems.push(`suite "${name}" has no .run()`);
  if (skipped > 0) problems.push(`skipped ${skipped}`);
  if (total === 0) problems.push('ran no test');
  const failed = Math.max(total - passed, problems.length > 0 ? 1 : 0);
  return { type: 'result', file, passed, failed, problems } as const;
}

function show(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
