/**
 * Notices that a log's file was removed, replaced or overwritten while the relay uses it, as by an operator who restores
 * a backup without stopping the relay. SQLite would not notice, and go on writing into the wrong file or none.
 */
import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import type Libsql from 'libsql';
import { setLogAside } from './foreign-log.ts';
import type { Owner } from './owner.ts';
import { numberIn } from './row.ts';

export class FileWatch {
  readonly #sqlite: Libsql.Database;
  readonly #path: string;
  /** The owner's row as SQLite stores it. The token alone may also be there as the former one of another owner. */
  readonly #row: string;
  readonly #opened: Stats;
  /**
   * Stays open as long as SQLite uses the file: if any descriptor of a file is closed, the system drops all locks that
   * the process has on it (POSIX, `fcntl`).
   */
  readonly #descriptor: number;
  readonly #page: Buffer;
  /** The page of the file that holds the owner's row, and whether the row has been seen there. */
  #number: number;
  #seen: boolean;
  /** The write-ahead log, its size when it was last looked at (bytes), and how often it had been emptied by then. */
  readonly #log: Stats;
  #logSize = 0;
  #emptied = 0;

  constructor(sqlite: Libsql.Database, owner: Owner) {
    this.#sqlite = sqlite;
    this.#path = owner.path;
    this.#row = `${owner.token}${owner.former}${owner.path}`;
    this.#opened = statSync(owner.path);
    this.#descriptor = openSync(owner.path, 'r');
    this.#page = Buffer.alloc(numberIn(sqlite.prepare('PRAGMA page_size').get(), 'page_size'));
    this.#number = this.#ownersPage();
    this.#seen = this.#holdsRow();
    this.#log = statSync(`${owner.path}-wal`);
  }

  /**
   * Says in a few words what happened to the file; `undefined` if nothing did. If it was overwritten, the log of changes
   * is renamed: it must not be applied to another file.
   */
  check(): string | undefined {
    const file = statSync(this.#path, { throwIfNoEntry: false });
    if (file === undefined) return 'was removed';
    if (file.ino !== this.#opened.ino || file.dev !== this.#opened.dev) return 'was replaced by another file';
    if (this.#holdsRow()) {
      this.#seen = true;
      return undefined;
    }
    // Rewriting the file may have moved the page, and then the new one may still be in the log of changes.
    const number = this.#ownersPage();
    if (number === this.#number) return this.#seen ? this.#onOverwritten() : undefined;
    this.#number = number;
    this.#seen = false;
    return undefined;
  }

  /**
   * The same for the write-ahead log. `emptied` is how often this process has emptied it; `undefined` if other processes
   * may do so too. Otherwise it never gets shorter.
   */
  checkLog(emptied: number | undefined): string | undefined {
    const log = statSync(`${this.#path}-wal`, { throwIfNoEntry: false });
    if (log === undefined) return 'was removed';
    if (log.ino !== this.#log.ino) return 'was replaced by another file';
    if (emptied !== undefined && emptied === this.#emptied && log.size < this.#logSize)
      return 'was overwritten by another one';
    this.#emptied = emptied ?? 0;
    this.#logSize = log.size;
    return undefined;
  }

  /** To be called after SQLite has closed the file. */
  close(): void {
    closeSync(this.#descriptor);
  }

  #onOverwritten(): string {
    setLogAside(this.#path);
    return 'was overwritten by another one';
  }

  #holdsRow(): boolean {
    const read = readSync(this.#descriptor, this.#page, 0, this.#page.length, (this.#number - 1) * this.#page.length);
    return this.#page.subarray(0, read).includes(this.#row);
  }

  #ownersPage(): number {
    return numberIn(this.#sqlite.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'owner'").get(), 'rootpage');
  }
}
