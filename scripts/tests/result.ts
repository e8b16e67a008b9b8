/** The result of a test file. */

export interface FileResult {
  /** The path relative to the project's root. */
  readonly file: string;
  readonly passed: number;
  /** At least 1 if anything is wrong with the file, such as a skipped test or a crash. */
  readonly failed: number;
  /** The file's own output, its failures with their messages, and why it failed. */
  readonly output: string;
  readonly seconds: number;
}
