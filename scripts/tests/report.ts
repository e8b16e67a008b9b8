/** Prints and counts the results of test files and checks. The last line is `N passed, N failed`. */
import type { FileResult } from './result.ts';

export class Report {
  passed = 0;
  failed = 0;

  /** Counts and prints a test file's result, and the lines of its output that begin with `note: `. */
  file({ file, passed, failed, output, seconds }: FileResult): void {
    this.passed += passed;
    this.failed += failed;
    const line = `${file} (${passed} in ${seconds.toFixed(1)} s)`;
    const notes = output.split('\n').filter(text => text.startsWith('note: '));
    const passing = [`ok    ${line}`, ...notes.map(note => `      ${note}`)].join('\n');
    process.stdout.write(failed === 0 ? `${passing}\n` : `FAIL  ${line}\n${output.trim()}\n`);
  }

  /** Counts the results of files that ran again elsewhere. Prints the files that failed, and one line for all. */
  again(where: string, results: readonly FileResult[]): void {
    for (const result of results) {
      if (result.failed > 0) this.file({ ...result, file: `${result.file} on ${where}` });
      else this.passed += result.passed;
    }
    const sum = (field: 'passed' | 'failed' | 'seconds') => results.reduce((total, result) => total + result[field], 0);
    const line = `${where} (${sum('passed')} in ${sum('seconds').toFixed(1)} s)`;
    process.stdout.write(sum('failed') === 0 ? `ok    ${line}\n` : `FAIL  ${line}\n`);
  }

  /**
   * Counts and prints a check other than a test file. `problem` says what is wrong; it is `undefined` if the check
   * passed.
   */
  check(name: string, problem?: string): void {
    if (problem === undefined) this.passed += 1;
    else this.failed += 1;
    process.stdout.write(problem === undefined ? `ok    ${name}\n` : `FAIL  ${name}\n${problem.trim()}\n`);
  }

  /** Reports a failure because no test file's path contains one of the names. */
  noFile(names: readonly string[]): void {
    this.check(`a test file with ${names.join(' or ')} in its path`, 'there is none');
  }

  /** Prints the last line and sets the exit code. */
  close(): void {
    process.stdout.write(`${this.passed} passed, ${this.failed} failed\n`);
    process.exitCode = this.failed === 0 ? 0 : 1;
  }
}
