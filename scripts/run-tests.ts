/**
 * Runs test files, each in a process group of its own, two at a time. Nothing can hang: a file has a deadline and so has
 * the run; what is late is ended with all that it started, and named. A file that ran no test, or skipped one, fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface FileResult {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
  readonly seconds: number;
}

export interface RunOptions {
  readonly root: string;
  /** How long one file may take. */
  readonly deadlineMs: (file: string) => number;
  /** How long all of it may take. */
  readonly totalMs: number;
  readonly parallel: number;
  readonly onResult?: (result: FileResult) => void;
}

/** The test files below `folder`, in order, as paths from `root`. */
export function findTests(root: string, folder = 'test'): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap(entry => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return findTests(root, path);
      return entry.name.endsWith('.test.ts') ? [path] : [];
    })
    .sort();
}

/** Runs all of them and resolves with a result each. */
export async function runFiles(files: readonly string[], options: RunOptions): Promise<FileResult[]> {
  const end = Date.now() + options.totalMs;
  const waiting = [...files];
  const results: FileResult[] = [];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(file, Math.min(options.deadlineMs(file), end - Date.now()), options.root);
      results.push(result);
      options.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, work));
  return results;
}

function runFile(file: string, ms: number, root: string): Promise<FileResult> {
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1000;
  if (ms <= 0) {
    return Promise.resolve({
      file,
      passed: 0,
      failed: 1,
      output: 'not run: the time for the whole run is up',
      seconds: 0,
    });
  }
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['--import', 'tsx', relative(root, join(root, file))], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
    });
    let output = '';
    let late = false;
    child.stdout.on('data', (data: Buffer) => {
      output += data;
    });
    child.stderr.on('data', (data: Buffer) => {
      output += data;
    });
    const timer = setTimeout(() => {
      late = true;
      endGroup(child);
    }, ms);
    running.add(child);
    // Whatever it left running holds its output open.
    child.on('exit', () => endGroup(child));
    child.on('close', code => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ file, seconds: seconds(), ...judge(output, code, late ? ms : undefined) });
    });
  });
}

/** Ends whatever is running now, with all that it started: for a run that is itself told to end. */
export function endAll(): void {
  for (const child of running) endGroup(child);
}

const running = new Set<ChildProcess>();

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}

/** What uvu's closing lines say of a run, and what they leave unsaid. */
export function judge(output: string, code: number | null, lateMs?: number): Omit<FileResult, 'file' | 'seconds'> {
  const count = (name: string) => Number(new RegExp(`^\\s*${name}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0);
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')];
  const failed = total - passed;
  const fail = (why: string) => ({ passed, failed: Math.max(1, failed), output: `${output}\n${why}` });
  if (lateMs !== undefined)
    return fail(`still running after ${Math.round(lateMs / 1000)} s; ended. ${lastSuite(output)}`);
  if (total === 0) return fail('ran no test: is there a .run()?');
  if (skipped > 0) return fail(`skipped ${skipped}`);
  if (code !== 0 && failed === 0) return fail(`ended with ${code}`);
  return { passed, failed, output };
}

/** uvu writes a suite's name and a dot for each test that ended: the first without a dot hung. */
function lastSuite(output: string): string {
  const line = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const [, suite, marks = ''] = /^(.+?)\s{2,}([•✘ ]*)$/.exec(line) ?? [];
  const ended = marks.replaceAll(' ', '').length;
  return suite === undefined ? `The last it said: ${line}` : `It hung in test ${ended + 1} of "${suite}".`;
}
