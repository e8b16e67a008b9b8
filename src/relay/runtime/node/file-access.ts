/** Creates the folder of the log, and says in plain words why a file beside or in it cannot be used. */
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What SQLite and the relay append to the path of the database. */
const FILES = ['', '-wal', '-shm', '.lock', '.stamp', '.stamp.new', '.erased', '.erased.new'];

/**
 * Creates a folder and those above it. Throws the system's error. `mkdirSync` with `recursive` would try for ever where
 * the system answers that a folder does not exist although the one above it does, as in `/proc`.
 */
export function createFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) createFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Says why the database at this path, or a file beside it, cannot be read and written; `undefined` if it can. */
export function whyUnusable(path: string): string | undefined {
  return (
    whyDenied(dirname(path), constants.W_OK | constants.X_OK) ??
    FILES.map(end => whyNoFile(`${path}${end}`)).find(Boolean) ??
    whyFolder(`${path}.sock`)
  );
}

function whyNoFile(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile()) return `${path} is not a file`;
  } catch (error) {
    return reasonOf(error);
  }
  return whyDenied(path, constants.R_OK | constants.W_OK);
}

/** A socket is removed and made anew, whoever made it. */
function whyFolder(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? `${path} is a folder` : undefined;
}

function whyDenied(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Says in one line why SQLite failed with the database at this path. */
export function whyFailed(error: unknown, path: string): string {
  // libsql gives this error the text of a Rust value, and SQLite's number for any reason that the system has.
  if (!/ConnectionFailed|unable to open/i.test(reasonOf(error))) return reasonOf(error);
  return whyUnusable(path) ?? 'the system does not let SQLite open it';
}

/** One line that says what went wrong: for an error of the system the path and its words, without its code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [line = ''] = error.message.split('\n');
  const [, words] = /^E[A-Z0-9]+: ([^,]+)/.exec(line) ?? [];
  if (words === undefined) return line;
  return 'path' in error ? `${error.path}: ${words}` : words;
}
