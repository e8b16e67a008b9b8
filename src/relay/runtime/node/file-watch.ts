/**
 * Notices that a log's file was removed, replaced or overwritten while the relay uses it, as by an operator who restores
 * a backup without stopping the relay. SQLite would not notice, and go on writing into the wrong file or none.
 */
import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import type Libsql from 'libsql';
import { setLogAside } from './foreign-log.ts';
import { numberIn } from './row.ts';
import type { WalFile } from './wal-file.ts';
import { WalWatch } from './wal-watch.ts';

export interface FileWatchOptions {
  readonly path: string;
  readonly pageBytes: number;
  /** What the page with the seal may contain, of which it must contain one (seal.ts). */
  readonly seals: () => readonly string[];
}

export class FileWatch {
  readonly #sqlite: Libsql.Database;
  readonly #path: string;
  readonly #seals: FileWatchOptions['seals'];
  readonly #opened: Stats;
  /**
   * Stays open as long as SQLite uses the file: if any descriptor of a file is closed, the system drops all locks that
   * the process has on it (POSIX, `fcntl`).
   */
  readonly #descriptor: number;
  readonly #page: Buffer;
  readonly #log: WalWatch;
  /** The page of the file that holds the seal, and whether it has been seen there. */
  #number: number;
  #seen: boolean;

  constructor(sqlite: Libsql.Database, { path, pageBytes, seals }: FileWatchOptions) {
    this.#sqlite = sqlite;
    this.#path = path;
    this.#seals = seals;
    this.#opened = statSync(path);
    this.#descriptor = openSync(path, 'r');
    this.#page = Buffer.alloc(pageBytes);
    this.#number = this.#sealsPage();
    this.#seen = this.#holdsSeal();
    this.#log = new WalWatch(`${path}-wal`);
  }

  /** The size of the write-ahead log (bytes). */
  get logSize(): number {
    return this.#log.size;
  }

  /** Makes the write-ahead log survive a power cut, as {@link WalFile.sync} does. */
  syncLog(done: (error: Error | null) => void): void {
    this.#log.sync(done);
  }

  /**
   * Says in one line what happened to the file or its write-ahead log; `undefined` if nothing did. `emptied` is how often
   * this process has truncated the log; `undefined` if other processes may do so too. If only the file was overwritten,
   * the log is renamed: it must not be applied to another file.
   */
  check(emptied: number | undefined): string | undefined {
    const fault = this.#checkFile();
    const logFault = this.#log.check(emptied);
    if (fault === 'was overwritten by another one' && logFault === undefined) setLogAside(this.#path);
    if (fault !== undefined) return `${this.#path} ${fault}`;
    return logFault && `${this.#path}-wal ${logFault}`;
  }

  /** To be called after SQLite has closed the file. */
  close(): void {
    closeSync(this.#descriptor);
    this.#log.close();
  }

  #checkFile(): string | undefined {
    const file = statSync(this.#path, { throwIfNoEntry: false });
    if (file === undefined) return 'was removed';
    if (file.ino !== this.#opened.ino || file.dev !== this.#opened.dev) return 'was replaced by another file';
    if (this.#holdsSeal()) {
      this.#seen = true;
      return undefined;
    }
    // Rewriting the file may have moved the page, and then the new one may still be in the write-ahead log.
    const number = this.#sealsPage();
    if (number === this.#number) return this.#seen ? 'was overwritten by another one' : undefined;
    this.#number = number;
    this.#seen = this.#holdsSeal();
    return undefined;
  }

  #holdsSeal(): boolean {
    const read = readSync(this.#descriptor, this.#page, 0, this.#page.length, (this.#number - 1) * this.#page.length);
    const page = this.#page.subarray(0, read);
    return this.#seals().some(seal => page.includes(seal));
  }

  #sealsPage(): number {
    return numberIn(this.#sqlite.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'seal'").get(), 'rootpage');
  }
}
