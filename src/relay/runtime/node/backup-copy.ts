/**
 * Makes a backup of a log's file. SQLite writes the copy (`VACUUM INTO`), from the file itself if other processes may
 * read it (no relay is running, or one with `SHARED=on`), and otherwise from a copy that a running relay allows
 * (held-copy.ts). Before the backup gets its name, what was erased meanwhile is erased in it too.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import Libsql from 'libsql';
import { eraseAgain } from '../../log/repeated-erasures.ts';
import { FORMAT } from '../../log/schema.ts';
import { SqliteLog } from '../../log/sqlite-log.ts';
import { isBusy } from './busy.ts';
import { LibsqlDatabase } from './database.ts';
import { ErasureFile } from './erasure-file.ts';
import { whyFailed } from './file-access.ts';
import { realPath } from './file-lock.ts';
import { copyHeld } from './held-copy.ts';
import { APPLICATION_ID } from './log-file.ts';
import { disown } from './owner.ts';
import { numberIn, textIn } from './row.ts';
import { replaceSeal, SEAL_TABLE } from './seal.ts';

/** Says in one line why there is no backup. */
export class BackupError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** What the relay and SQLite append to the name of the database. */
const BESIDE = /^(-wal|-wal\.old|-shm|-journal|\.stamp|\.erased|\.lock|\.sock)?(\.new)?$/;
/** How often to begin again if a relay starts, stops or writes too much meanwhile, and the wait in between. */
const ATTEMPTS = 5;
const RETRY_MS = 1000;

/** Writes a copy of the database `data` to `file`, which must not exist. Returns its size in bytes. */
export async function backUp(data: string, file: string): Promise<number | BackupError> {
  if (data === ':memory:') return new BackupError('DATA is :memory:, which keeps nothing');
  let folder: string | undefined;
  try {
    const stats = statSync(data, { throwIfNoEntry: false });
    if (stats === undefined) return new BackupError(`DATA is ${JSON.stringify(data)}, which does not exist`);
    if (!stats.isFile()) return new BackupError(`DATA is ${JSON.stringify(data)}, which is not a file`);
    const [source, target] = [realPath(data), realPath(file)];
    if (existsSync(target)) return new BackupError(`${file} exists already`);
    if (target.startsWith(source) && BESIDE.test(target.slice(source.length))) {
      return new BackupError(`${file} would be taken for a part of ${data}`);
    }
    // Nobody else may read in it.
    mkdirSync(`${target}.tmp`, 0o700);
    folder = `${target}.tmp`;
    const copy = join(folder, 'copy');
    closeSync(openSync(copy, 'wx', 0o600));
    if (!(await fill(copy, source))) return new BackupError(`${data} is in use, and its relay does not allow a copy`);
    finish(copy, `${source}.erased`);
    sync(copy);
    // Takes the name, so that no file is replaced that was made meanwhile. Not every file system has hard links.
    closeSync(openSync(target, 'wx', 0o600));
    renameSync(copy, target);
    rmSync(folder, { recursive: true });
    sync(dirname(target));
    return statSync(target).size;
  } catch (error) {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    return new BackupError(`${data} cannot be copied to ${file} (${whyFailed(error, data)})`);
  }
}

/** Writes the database `source` into the empty file `copy`. Returns false if other processes have not let it. */
async function fill(copy: string, source: string): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) await after(RETRY_MS);
    truncateSync(copy);
    if (vacuumInto(copy, source)) return true;
    const held = `${copy}.held`;
    if ((await copyHeld(source, held)) && vacuumInto(copy, held)) {
      for (const end of ['', '-wal', '-shm']) rmSync(`${held}${end}`, { force: true });
      return true;
    }
  }
  return false;
}

/** Lets SQLite write `source` into the empty file `copy`. Returns false if another process has locked `source`. */
function vacuumInto(copy: string, source: string): boolean {
  const sqlite = new Libsql(source, { timeout: 0 });
  try {
    const id = numberIn(sqlite.prepare('PRAGMA application_id').get(), 'application_id');
    if (id !== APPLICATION_ID) throw new Error('it is not a database of this relay');
    sqlite.prepare('VACUUM INTO ?').run(copy);
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  } finally {
    sqlite.close();
  }
}

/** Marks the copy as a backup, and erases in it what was erased since it was made. Throws if it is damaged. */
function finish(copy: string, journal: string): void {
  const sqlite = new Libsql(copy);
  try {
    // Neither erased text nor the token of the source's owner stays in unused parts of a page.
    sqlite.exec('PRAGMA secure_delete = ON');
    disown(sqlite);
    sqlite.exec(SEAL_TABLE);
    replaceSeal(sqlite);
    // A database of another format is not migrated here: its own relay may have to read it.
    if (numberIn(sqlite.prepare('PRAGMA user_version').get(), 'user_version') === FORMAT) eraseLater(sqlite, journal);
    const verdict = textIn(sqlite.prepare('PRAGMA quick_check(1)').get(), 'quick_check');
    if (verdict !== 'ok') throw new Error(`it is damaged: ${verdict.split('\n')[0]}`);
  } finally {
    sqlite.close();
  }
}

function eraseLater(sqlite: Libsql.Database, journal: string): void {
  const report = (error: unknown) => {
    throw error;
  };
  const database = new LibsqlDatabase(sqlite, { durability: 'full', stamp: undefined, report });
  const now = Date.now();
  // Nothing is trimmed.
  const log = new SqliteLog(database, { history: Number.MAX_SAFE_INTEGER, now, report });
  const erased = eraseAgain(log, new ErasureFile(journal).read(), now);
  if (erased === undefined) throw new Error('it cannot be written');
  // Leaves no trace of the erased text in unused parts of the file.
  if (erased > 0) sqlite.exec('VACUUM');
}

/** Waits until a file, or the names in a folder, are on the disk. */
function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
