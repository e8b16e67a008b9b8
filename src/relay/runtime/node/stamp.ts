/**
 * Lets the next start detect whether a power cut or an old copy may have removed entries that someone has already read.
 *
 * The stamp is stored in the database and in a small file beside it (`….stamp`). It rises with every durable commit,
 * first in the database, so a database that is behind its stamp file is an old copy. The stamp file also names the start
 * (owner.ts) and the database file that it belongs to, and after each commit an entry that the database contains from
 * then on.
 */
import { closeSync, fsync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type Libsql from 'libsql';
import type { Config } from '../../config.ts';
import { isBackup, newToken, type Owner, readOwner, writeOwner } from './owner.ts';
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

/** The bytes of the file's first line, which is written anew, and of its second, which each commit overwrites. */
const FIRST_LINE = 128;
const SECOND_LINE = 32;
/** Count, inode and birth of the database file, token of the owner (since there are owners); then room and seq. */
const CONTENT = /^(\d+) (\d+) (\d+)(?: ([\w-]+))? *\n(?:(\d+) (\d+) *\n)?$/;

export class Stamp {
  /**
   * Whether the newest commits may be lost: the last stop was unclean, and the machine has rebooted, or may have; or
   * only half of the stamp file was written.
   */
  readonly interrupted: boolean;
  /** Whether the database is an old state of itself, or a copy. */
  readonly restored: boolean;
  /** Identifies this start in the database, once the stamp has been raised. */
  readonly owner: Owner;
  readonly #sqlite: Libsql.Database;
  readonly #path: string;
  readonly #file: string;
  readonly #boot = bootId();
  readonly #former: Owner | undefined;
  #descriptor: number | undefined;
  /** The next file, while it is being written. */
  #nextDescriptor: number | undefined;
  #count = 0;
  /** The count that was copied last, or is being copied. */
  #copied = 0;
  #clean: number;
  #owned = false;
  #newest = secondLine(0, 0);

  constructor(sqlite: Libsql.Database, { path, durability }: { path: string; durability: Config['durability'] }) {
    this.#sqlite = sqlite;
    this.#path = path;
    this.#file = `${path}.stamp`;
    this.#clean = durability === 'full' ? SYNCED : UNCLEAN;
    this.#former = readOwner(sqlite);
    this.owner = { token: newToken(), former: this.#former?.token ?? '', path };
    const row = sqlite.prepare('SELECT count, clean, boot FROM stamp WHERE id = 1').get();
    this.#count = row === undefined ? 0 : numberIn(row, 'count');
    const rebooted = this.#boot === '' || row === undefined || textIn(row, 'boot') !== this.#boot;
    const lostCommits = row !== undefined && rebooted && numberIn(row, 'clean') === UNCLEAN;
    const content = this.#read();
    this.interrupted = lostCommits || (row !== undefined && content === 'half');
    this.restored = row !== undefined && !this.#isTheSame(content, lostCommits);
  }

  /** Whether the database names this start as its owner. */
  get owned(): boolean {
    return this.#owned;
  }

  /** Raises the stamp. To be called within a durable transaction. Returns what {@link copyLater} takes. */
  raise(): number {
    this.#count += 1;
    this.#sqlite
      .prepare('INSERT OR REPLACE INTO stamp (id, count, clean, boot) VALUES (1, ?, ?, ?)')
      .run(this.#count, this.#clean, this.#boot);
    if (!this.#owned) writeOwner(this.#sqlite, this.owner);
    this.#owned = true;
    return this.#count;
  }

  /** Copies the stamp to its file. To be called after the transaction. If it fails, a later call makes up for it. */
  copy(): void {
    const descriptor = this.#writeNext(this.#count);
    this.#nextDescriptor = undefined;
    try {
      // Without it, a power cut could leave an empty file.
      fsyncSync(descriptor);
      this.#replace(descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /**
   * Copies `count`, once the transaction that raised it is durable, without waiting for the disk, unless another copy or a
   * close comes first. A later count may be of a transaction that has failed since.
   */
  copyLater(count: number, report: (error: unknown) => void): void {
    if (count <= this.#copied) return;
    const descriptor = this.#writeNext(count);
    this.#nextDescriptor = descriptor;
    fsync(descriptor, error => {
      const isNext = this.#nextDescriptor === descriptor;
      if (isNext) this.#nextDescriptor = undefined;
      try {
        if (error) throw error;
        if (!isNext) return closeSync(descriptor);
        // Commits may have come meanwhile.
        writeSync(descriptor, this.#newest, FIRST_LINE, 'latin1');
        this.#replace(descriptor);
      } catch (error) {
        closeSync(descriptor);
        report(error);
      }
    });
  }

  /** Notes that the database contains the entry `seq` of the room with the id `room`. To be called after each commit. */
  note(room: number, seq: number): void {
    this.#newest = secondLine(room, seq);
    if (this.#descriptor !== undefined) writeSync(this.#descriptor, this.#newest, FIRST_LINE, 'latin1');
  }

  stopClean(): void {
    this.#clean = CLEAN;
  }

  /** Closes the file. */
  close(): void {
    this.#nextDescriptor = undefined;
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Writes the next file under another name. Returns its descriptor. */
  #writeNext(count: number): number {
    const { ino, birthtimeNs } = statSync(this.#path, { bigint: true });
    const descriptor = openSync(`${this.#file}.new`, 'w', 0o600);
    try {
      const line = `${count} ${ino} ${birthtimeNs} ${this.owner.token}`;
      writeSync(descriptor, `${line.padEnd(FIRST_LINE - 1)}\n${this.#newest}`);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    this.#copied = count;
    return descriptor;
  }

  /** Puts the next file in the place of the present one. */
  #replace(descriptor: number): void {
    renameSync(`${this.#file}.new`, this.#file);
    if (this.#descriptor === undefined) syncFolder(dirname(this.#file));
    else closeSync(this.#descriptor);
    this.#descriptor = descriptor;
  }

  /** What the file holds; `half` if it was not written to its end, and `undefined` if there is no file. */
  #read(): RegExpExecArray | 'half' | undefined {
    try {
      return CONTENT.exec(readFileSync(this.#file, 'latin1')) ?? 'half';
    } catch {
      return undefined;
    }
  }

  #isTheSame(content: RegExpExecArray | 'half' | undefined, lostCommits: boolean): boolean {
    if (isBackup(this.#former) || content === undefined) return false;
    if (content === 'half') return true;
    const [, count, inode, birth, token, room, seq] = content;
    const { ino, birthtimeNs, ctimeNs } = statSync(this.#path, { bigint: true });
    // A file system without birth times gives the time of the last change instead; then only the inode is compared.
    const isFile = inode === `${ino}` && (birth === `${birthtimeNs}` || birthtimeNs === ctimeNs);
    // A start that was interrupted has written its token into the database, but not yet into the stamp file.
    const { token: last, former } = this.#former ?? {};
    const isOwner = token === undefined || token === last || token === former;
    if (!isFile || !isOwner || Number(count) > this.#count) return false;
    return lostCommits || token !== last || this.#contains(Number(room ?? 0), Number(seq ?? 0));
  }

  #contains(room: number, seq: number): boolean {
    if (room === 0) return true;
    const row = this.#sqlite.prepare(
      'SELECT max(id) AS id FROM entries WHERE id > (?1 << 32) AND id < ((?1 + 1) << 32)',
    );
    return Number(textIn(row.get(room), 'id')) % 2 ** 32 >= seq;
  }
}

function secondLine(room: number, seq: number): string {
  return `${`${room} ${seq}`.padEnd(SECOND_LINE - 1)}\n`;
}

/** Makes the names in a folder survive a power cut, where the system can do so. */
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Windows opens no folders.
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
