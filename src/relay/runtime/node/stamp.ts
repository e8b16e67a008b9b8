/**
 * Tells a later start whether a power cut or an old copy may have taken from the log what someone has already read.
 *
 * The stamp stands in the database and in a small file beside it (`….stamp`). It rises with every durable commit, first
 * in the database: a database behind its file is a copy from the past. Both also hold which file they mean, so a copy
 * elsewhere is recognised.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type Libsql from 'libsql';
import type { Config } from '../../config.ts';
import { numberIn, textIn } from './row.ts';

/** The table, made before anything else. */
export const STAMP_TABLE =
  'CREATE TABLE IF NOT EXISTS stamp (id INTEGER PRIMARY KEY, count INTEGER, clean INTEGER, boot TEXT)';
/** How the file was left, or would be by a power cut now; `SYNCED`: without a clean stop, but with every commit synced. */
const UNCLEAN = 0;
const CLEAN = 1;
const SYNCED = 2;

export class Stamp {
  /** The newest commits may be lost: the last stop was not clean, and this is another boot, or none can tell. */
  readonly interrupted: boolean;
  /** The database is older than what was last seen of it, or a copy. */
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

  /** Within a durable transaction. */
  raise(): void {
    this.#count += 1;
    this.#sqlite
      .prepare('INSERT OR REPLACE INTO stamp (id, count, clean, boot) VALUES (1, ?, ?, ?)')
      .run(this.#count, this.#clean, this.#boot);
  }

  /** After it. Where that fails, the next one makes up for it: a database may be ahead of its stamp. */
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
      // A file system without times of birth gives the last change instead; there the inode must do.
      const born = birth === `${birthtimeNs}` || birthtimeNs === ctimeNs;
      return Number(count) <= this.#count && inode === `${ino}` && born;
    } catch {
      return false;
    }
  }
}

/** Which boot of the machine this is: what was written in it is there as long as it lasts, whatever is killed. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Whether the last stop was a clean one. */
export function isClean(sqlite: Libsql.Database): boolean {
  const [table] = sqlite.prepare("SELECT name FROM sqlite_master WHERE name = 'stamp'").all();
  return table !== undefined && numberIn(sqlite.prepare('SELECT clean FROM stamp').get(), 'clean') === CLEAN;
}
