/**
 * The messages between the process that runs the bundled tests and the one that started it: JSON text sequences (RFC
 * 7464) in the standard output, each a record separator, JSON and a newline, among whatever the tests print.
 */

export type Progress =
  /** A file's code is about to be evaluated. */
  | { readonly type: 'file'; readonly file: string }
  /** A test is about to begin, or the hooks before a suite's first test when `test` is empty. */
  | { readonly type: 'test'; readonly suite: string; readonly test: string }
  /** A file has ended; `problems` are failures with their stack traces, and other reasons why it fails. */
  | {
      readonly type: 'result';
      readonly file: string;
      readonly passed: number;
      readonly failed: number;
      readonly problems: readonly string[];
    };

const SEPARATOR = '\x1e';

// A test may replace process.stdout.write. On a pipe the write is synchronous, so the last message before an endless
// loop or a crash is seen.
const write = process.stdout.write.bind(process.stdout);

/** Tells the starting process. */
export function tell(progress: Progress): void {
  write(`${SEPARATOR}${JSON.stringify(progress)}\n`);
}

/** Splits what the process has written into messages and other output. Feed it with chunks of text. */
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
      // A test has printed a separator.
      this.#onOutput(`${message}\n`);
      return;
    }
    this.#onProgress(progress);
  }
}
