/**
 * Runs bundled test files in one process. If a file hangs or ends the process, that file fails, the report names the
 * test that was running, and another process runs the remaining files.
 */
import type { Bundle } from './bundle.ts';
import { endGroup, startGroup } from './process-group.ts';
import { ProgressReader } from './progress.ts';
import type { FileResult } from './result.ts';

export interface BundleOptions {
  readonly root: string;
  /** How long one file may take. */
  readonly deadlineMs: number;
  /** The Node binary to run; by default the one that runs this program. */
  readonly node?: string;
  readonly onResult?: (result: FileResult) => void;
  /** Stops the run; files that have not ended get no result. */
  readonly signal?: AbortSignal;
}

/** Runs `files` and resolves with a result for each, in order. */
export async function runBundle(
  { folder, program }: Pick<Bundle, 'folder' | 'program'>,
  files: readonly string[],
  options: BundleOptions,
): Promise<FileResult[]> {
  const { root, deadlineMs, node = process.execPath, onResult, signal } = options;
  const results: FileResult[] = [];
  const start = () => {
    const args = ['--enable-source-maps', program, folder, ...files.slice(results.length)];
    return startGroup(node, args, { cwd: root });
  };
  while (results.length < files.length && signal?.aborted !== true) {
    await runProcess(start(), {
      next: () => files[results.length] ?? '',
      deadlineMs,
      onResult(result) {
        results.push(result);
        onResult?.(result);
      },
      signal,
    });
  }
  return results;
}

interface ProcessOptions {
  /** The file that is running or will run next. */
  readonly next: () => string;
  readonly deadlineMs: number;
  readonly onResult: (result: FileResult) => void;
  readonly signal: AbortSignal | undefined;
}

/** Resolves when the process has ended, after its last file or because of one, once `onResult` has had each result. */
function runProcess(child: ReturnType<typeof startGroup>, options: ProcessOptions): Promise<void> {
  const { next, deadlineMs, onResult, signal } = options;
  return new Promise(resolve => {
    let started = Date.now();
    let output = '';
    let where = 'while loading';
    let late = false;
    let done = false;
    let timer: NodeJS.Timeout | undefined;
    const end = () => endGroup(child);
    const startFile = () => {
      started = Date.now();
      output = '';
      where = 'while loading';
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = true;
        end();
      }, deadlineMs);
    };
    const give = (result: Omit<FileResult, 'seconds'>) =>
      onResult({ ...result, seconds: (Date.now() - started) / 1000 });
    const reader = new ProgressReader(
      progress => {
        if (progress.type === 'file') {
          done = false;
          startFile();
        } else if (progress.type === 'test') {
          const { suite, test } = progress;
          where = test === '' ? `in a hook of "${suite}"` : `in "${test}" of "${suite}"`;
        } else {
          const { file, passed, failed, problems } = progress;
          give({ file, passed, failed, output: [output.trimEnd(), ...problems].join('\n') });
          done = true;
        }
      },
      text => {
        output += text;
      },
    );

    startFile();
    signal?.addEventListener('abort', end);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => reader.read(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.on('close', (code, killed) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (!done && signal?.aborted !== true) {
        const why = late
          ? `killed: still running after ${Math.round(deadlineMs / 1000)} s. It hung ${where}.`
          : `ended the process with ${killed ?? code} ${where}.`;
        const hint = code === 13 && !late ? ' It waited for a promise that could no longer settle.' : '';
        give({ file: next(), passed: 0, failed: 1, output: `${output.trimEnd()}\n${why}${hint}` });
      }
      resolve();
    });
  });
}
