/**
 * Lets the next start detect whether a power cut or an old copy may have removed entries that someone has already read.
 *
 * The stamp is stored in the database and in a small file beside it (`….stamp`). It rises with every durable commit,
 * first in the database, so a database that is behind its stamp file is an old copy. The stamp file also identifies the
 * database file, so a copy elsewhere is detected.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type Libsql from 'libsql';
import type { Config } from '../../config.ts';
import { numberIn, textIn } from './row.ts';

/** Creates the table, before any other. */
export const STAMP_TABLE =
  'CREATE TABLE IF NOT EXISTS stamp (id INTEGER PRIMARY KEY, count INTEGER, clean INTEGER, boot TEXT)';
/**
 * The state in which the file was left, or would be by a power cut now. `SYNCED` means no clean stop, but synced
 * commits.
 */
const UNCLEAN = 0;
const CLEAN = 1;
const SYNCED = 2;

export class Stamp {
  /** Whether the newest commits may be lost: the last stop was unclean, and the machine has rebooted, or may have. */
  readonly interrupted: boolean;
  /** Whether the database is an old state of itself, or a copy. */
  readonly restored: boolean;
  readonly #sqlite: Libsql.Database;
  readonly #path: string;
  readonly #file: string;
  readonly #boot = bootId();
  #count = 0;
  #clean: number;

  constructor(sqlite: Libsql.Database, { path, durability }: { path: string; durability: Config['durability'] }) {
    this.#sqlite = sqlite;
    this.#path = path;
    this.#file = `${path}.stamp`;
    this.#clean = durability === 'full' ? SYNCED : UNCLEAN;
    const row = sqlite.prepare('SELECT count, clean, boot FROM stamp WHERE id = 1').get();
    this.#count = row === undefined ? 0 : numberIn(row, 'count');
    const known = row === undefined ? undefined : textIn(row, 'boot');
    this.interrupted =
      row !== undefined && numberIn(row, 'clean') === UNCLEAN && (this.#boot === '' || this.#boot !== known);
    this.restored = row !== undefined && !this.#isTheSame();
  }

  /** Raises the stamp. To be called within a durable transaction. */
  raise(): void {
    this.#count += 1;
    this.#sqlite
      .prepare('INSERT OR REPLACE INTO stamp (id, count, clean, boot) VALUES (1, ?, ?, ?)')
      .run(this.#count, this.#clean, this.#boot);
  }

  /** Copies the stamp to its file. To be called after the transaction. If it fails, a later call makes up for it. */
  copy(): void {
    const { ino, birthtimeNs } = statSync(this.#path, { bigint: true });
    const temporary = `${this.#file}.new`;
    writeFileSync(temporary, `${this.#count} ${ino} ${birthtimeNs}\n`);
    renameSync(temporary, this.#file);
  }

  stopClean(): void {
    this.#clean = CLEAN;
  }

  #isTheSame(): boolean {
    try {
      const [count, inode, birth] = readFileSync(this.#file, 'utf8').trim().split(' ');
      const { ino, birthtimeNs, ctimeNs } = statSync(this.#path, { bigint: true });
      // A file system without birth times gives the time of the last change instead; then only the inode is compared.
      const born = birth === `${birthtimeNs}` || birthtimeNs === ctimeNs;
      return Number(count) <= this.#count && inode === `${ino}` && born;
    } catch {
      return false;
    }
  }
}

/** Identifies this boot of the machine. A write survives until the next boot, even if the process is killed. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Whether the last stop was clean. */
export function isClean(sqlite: Libsql.Database): boolean {
  const [table] = sqlite.prepare("SELECT name FROM sqlite_master WHERE name = 'stamp'").all();
  return table !== undefined && numberIn(sqlite.prepare('SELECT clean FROM stamp').get(), 'clean') === CLEAN;
}
