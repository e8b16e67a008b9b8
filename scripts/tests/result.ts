/** What became of a test file. */

export interface FileResult {
  /** The path from the project's root. */
  readonly file: string;
  readonly passed: number;
  /** At least 1 when anything about the file is wrong, such as a skipped test or a crash. */
  readonly failed: number;
  /** What the file printed, its failures with their messages, and why it failed. */
  readonly output: string;
  readonly seconds: number;
}
