/**
 * Notices that a write-ahead log was removed, replaced, emptied or overwritten while the relay uses it.
 *
 * The checksum of a frame covers all frames before it. So a log is the one that was seen before if the header and the
 * frame that was the last one then are unchanged, or if it was begun anew since then.
 */
import { type Stats, statSync } from 'node:fs';
import { saltsOf, sequenceOf, WalFile } from './wal-file.ts';

export class WalWatch {
  readonly #path: string;
  readonly #opened: Stats;
  readonly #file: WalFile;
  #header: Buffer | undefined;
  #sequence = -1;
  /** How many frames the log had when it was last looked at, and the header of the last one. */
  #frames = 0;
  #last: Buffer = Buffer.alloc(0);
  #emptied = 0;

  constructor(path: string) {
    this.#path = path;
    this.#opened = statSync(path);
    this.#file = new WalFile(path, 'r+');
  }

  /** The size of the file (bytes). It may end with frames of an older log. */
  get size(): number {
    return this.#file.size;
  }

  /**
   * Says in a few words what happened to the log; `undefined` if nothing did. `emptied` is how often this process has
   * truncated it; `undefined` if other processes may do so too.
   */
  check(emptied: number | undefined): string | undefined {
    const file = statSync(this.#path, { throwIfNoEntry: false });
    if (file === undefined) return 'was removed';
    if (file.ino !== this.#opened.ino || file.dev !== this.#opened.dev) return 'was replaced by another file';
    if (!this.#follows(emptied)) return 'was overwritten by another one';
    return undefined;
  }

  /** See {@link WalFile.sync}. */
  sync(done: (error: Error | null) => void): void {
    this.#file.sync(done);
  }

  close(): void {
    this.#file.close();
  }

  #follows(emptied: number | undefined): boolean {
    const header = this.#file.header();
    const mayBeEmpty = emptied === undefined || emptied !== this.#emptied;
    this.#emptied = emptied ?? 0;
    if (header === undefined) {
      if (this.#header !== undefined && !mayBeEmpty) return false;
      this.#forget();
      return true;
    }
    if (this.#header === undefined || !header.equals(this.#header)) {
      const sequence = sequenceOf(header);
      if (sequence <= this.#sequence) return false;
      this.#forget();
      this.#header = header;
      this.#sequence = sequence;
    } else if (this.#frames > 0 && !this.#file.frame(this.#frames).equals(this.#last)) return false;
    this.#frames = this.#count(saltsOf(header));
    this.#last = this.#frames === 0 ? Buffer.alloc(0) : this.#file.frame(this.#frames);
    return true;
  }

  #forget(): void {
    this.#header = undefined;
    this.#frames = 0;
  }

  /** Counts the frames of this log, which are in front of those of older ones. */
  #count(salts: Buffer): number {
    let first = this.#frames;
    let end = this.#file.frames;
    while (first < end) {
      const middle = Math.ceil((first + end) / 2);
      if (this.#file.isOf(middle, salts)) first = middle;
      else end = middle - 1;
    }
    return first;
  }
}
