/**
 * The messages from the process that runs the bundled tests to the one that started it: JSON text sequences (RFC 7464)
 * on standard output, each a record separator, JSON and a newline, mixed with the tests' own output.
 */

export type Progress =
  /** A file's code is about to be evaluated. */
  | { readonly type: 'file'; readonly file: string }
  /** A test is about to begin, or the hooks before a suite's first test when `test` is empty. */
  | { readonly type: 'test'; readonly suite: string; readonly test: string }
  /** A file has ended; `problems` lists failures with their stack traces, and other reasons why the file fails. */
  | {
      readonly type: 'result';
      readonly file: string;
      readonly passed: number;
      readonly failed: number;
      readonly problems: readonly string[];
    };

const SEPARATOR = '\x1e';

// Bound now, because a test may replace process.stdout.write. Writing to a pipe is synchronous, so the last message
// before an endless loop or a crash is not lost.
const write = process.stdout.write.bind(process.stdout);

/** Sends a message to the process that started this one. */
export function tell(progress: Progress): void {
  write(`${SEPARATOR}${JSON.stringify(progress)}\n`);
}

/** Splits the output of the process, given in chunks, into messages and other output. */
export class ProgressReader {
  readonly #onProgress: (progress: Progress) => void;
  readonly #onOutput: (text: string) => void;
  #message: string | undefined;

  constructor(onProgress: (progress: Progress) => void, onOutput: (text: string) => void) {
    this.#onProgress = onProgress;
    this.#onOutput = onOutput;
  }

  read(chunk: string): void {
    let rest = chunk;
    while (rest !== '') {
      const end = rest.indexOf(this.#message === undefined ? SEPARATOR : '\n');
      const part = end === -1 ? rest : rest.slice(0, end);
      rest = end === -1 ? '' : rest.slice(end + 1);
      if (this.#message === undefined) {
        if (part !== '') this.#onOutput(part);
        if (end !== -1) this.#message = '';
      } else {
        this.#message += part;
        if (end === -1) continue;
        const message = this.#message;
        this.#message = undefined;
        this.#take(message);
      }
    }
  }

  #take(message: string): void {
    let progress: Progress;
    try {
      progress = JSON.parse(message);
    } catch {
      // A test has printed a record separator.
      this.#onOutput(`${message}\n`);
      return;
    }
    this.#onProgress(progress);
  }
}
