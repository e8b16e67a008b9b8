/**
 * Runs test files, each in its own process group, several at a time. Nothing can hang: each file and the whole run have
 * a deadline, and a late file is killed with everything it has started. A file that runs no test, or skips one, fails.
 */
import { endGroup, startGroup } from './process-group.ts';
import type { FileResult } from './result.ts';

export interface RunOptions {
  readonly root: string;
  /** How long one file may take. */
  readonly deadlineMs: number;
  /** How long all files together may take. */
  readonly totalMs: number;
  readonly parallel: number;
  readonly onResult?: (result: FileResult) => void;
}

/** Runs all files and resolves with a result for each, in the order in which they ended. */
export async function runFiles(files: readonly string[], options: RunOptions): Promise<FileResult[]> {
  const { root, deadlineMs, totalMs, parallel, onResult } = options;
  const end = Date.now() + totalMs;
  const waiting = [...files];
  const results: FileResult[] = [];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(file, Math.min(deadlineMs, end - Date.now()), root);
      results.push(result);
      onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return results;
}

function runFile(file: string, ms: number, root: string): Promise<FileResult> {
  if (ms <= 0) {
    const output = 'not run: the whole run has exceeded its time limit';
    return Promise.resolve({ file, passed: 0, failed: 1, output, seconds: 0 });
  }
  return new Promise(resolve => {
    const started = Date.now();
    const child = startGroup(process.execPath, ['--import', 'tsx', file], { cwd: root });
    let output = '';
    let late = false;
    const keep = (data: Buffer) => {
      output += data;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => {
      late = true;
      endGroup(child);
    }, ms);
    child.on('close', code => {
      clearTimeout(timer);
      const seconds = (Date.now() - started) / 1000;
      resolve({ file, seconds, ...judge(output, code, late ? ms : undefined) });
    });
  });
}

/** Reads uvu's summary and detects failures missing from it. `code` is the exit code, `lateMs` a missed deadline. */
export function judge(output: string, code: number | null, lateMs?: number): Omit<FileResult, 'file' | 'seconds'> {
  const count = (name: string) => Number(new RegExp(`^\\s*${name}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0);
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')];
  const failed = total - passed;
  const fail = (why: string) => ({ passed, failed: Math.max(1, failed), output: `${output}\n${why}` });
  if (lateMs !== undefined) {
    return fail(`killed: still running after ${Math.round(lateMs / 1000)} s. ${lastSuite(output)}`);
  }
  if (total === 0) return fail('ran no test: is there a .run()?');
  if (skipped > 0) return fail(`skipped ${skipped}`);
  if (code !== 0 && failed === 0) return fail(`exited with ${code}`);
  return { passed, failed, output };
}

/**
 * uvu prints a suite's name and a mark for each finished test, so the first test without a mark is the one that hung.
 */
function lastSuite(output: string): string {
  const line = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const [, suite, marks = ''] = /^(.+?)\s{2,}([•✘ ]*)$/.exec(line) ?? [];
  const ended = marks.replaceAll(' ', '').length;
  return suite === undefined ? `The last output was: ${line}` : `Test ${ended + 1} of "${suite}" hung.`;
}
