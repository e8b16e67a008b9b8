/**
 * One process per database, whatever path it names it by. The lock is a file beside the database (`….lock`), found
 * through all symbolic links, which the system unlocks when the process ends in any way.
 *
 * SQLite's own lock on the database does not suffice: a second process would use the log of changes (`….wal`) of the
 * first if the database beside it was replaced, and with `SHARED=on` SQLite admits every process.
 */
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import Libsql from 'libsql';
import { isBusy } from './busy.ts';

/** The path of a file without symbolic links. The file itself need not exist. Throws if its folder does not. */
export function realPath(path: string): string {
  const place = join(realpathSync(dirname(path)), basename(path));
  const isLink = lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink ? realPath(resolve(dirname(place), readlinkSync(place))) : place;
}

/** Locks a database at its real path. Returns a function that unlocks it; `undefined` if another process holds it. */
export function lockFile(path: string): (() => void) | undefined {
  const lock = new Libsql(`${path}.lock`, { timeout: 0 });
  try {
    // A write transaction that never writes: it locks the file, which stays empty, and needs no journal.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return () => lock.close();
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}
