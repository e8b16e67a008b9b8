/**
 * Reads a write-ahead log as SQLite writes it (https://www.sqlite.org/fileformat2.html#the_write_ahead_log): a header,
 * then frames, each with a header and a page of the database. When a log is begun anew, it gets a header with other salts
 * and overwrites the frames of the one before, some of which may remain at the end.
 */
import { closeSync, fdatasync, fstatSync, openSync, readSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const PAGE_BYTES = 8;
const LARGEST_PAGE = 65_536;
const SEQUENCE = 12;
const SALTS = 16;
const FRAME_SALTS = 8;
const SALTS_BYTES = 8;

export class WalFile {
  readonly #descriptor: number;
  #pageBytes = 0;
  #syncs = 0;
  #isClosed = false;

  /** To be synced it must be `r+`: Windows syncs only what may be written to. */
  constructor(path: string, flags: 'r' | 'r+') {
    this.#descriptor = openSync(path, flags);
  }

  /** The size of the file (bytes). */
  get size(): number {
    return fstatSync(this.#descriptor).size;
  }

  /** How many frames the file has room for. To be read after the header. */
  get frames(): number {
    return Math.max(0, Math.floor((this.size - HEADER_BYTES) / this.#frameBytes));
  }

  /** Reads the header; `undefined` if there is none that SQLite wrote. */
  header(): Buffer | undefined {
    const header = this.#read(0, HEADER_BYTES);
    if (header.length < HEADER_BYTES) return undefined;
    const pageBytes = header.readUInt32BE(PAGE_BYTES);
    if (pageBytes > LARGEST_PAGE) return undefined;
    this.#pageBytes = pageBytes;
    return header;
  }

  /** Reads the salts of the log; `undefined` if it has no header. */
  salts(): Buffer | undefined {
    const header = this.header();
    return header && saltsOf(header);
  }

  /** Reads the header of a frame; the first frame has the number 1. It ends with a checksum over all frames before. */
  frame(number: number): Buffer {
    return this.#read(this.#place(number), FRAME_HEADER_BYTES);
  }

  /** Reads the page in a frame. */
  page(number: number): Buffer {
    return this.#read(this.#place(number) + FRAME_HEADER_BYTES, this.#pageBytes);
  }

  /** Whether a frame is one of the log with these salts. */
  isOf(number: number, salts: Buffer): boolean {
    return this.frame(number)
      .subarray(FRAME_SALTS, FRAME_SALTS + SALTS_BYTES)
      .equals(salts);
  }

  /**
   * Makes everything written so far survive a power cut, without waiting for the disk. Calls `done` with an error if that
   * failed, and not at all if the file was closed meanwhile.
   */
  sync(done: (error: Error | null) => void): void {
    this.#syncs += 1;
    fdatasync(this.#descriptor, error => {
      this.#syncs -= 1;
      if (!this.#isClosed) return done(error);
      if (this.#syncs === 0) closeSync(this.#descriptor);
    });
  }

  close(): void {
    this.#isClosed = true;
    if (this.#syncs === 0) closeSync(this.#descriptor);
  }

  get #frameBytes(): number {
    return FRAME_HEADER_BYTES + this.#pageBytes;
  }

  #place(number: number): number {
    return HEADER_BYTES + (number - 1) * this.#frameBytes;
  }

  #read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, length, position));
  }
}

/** Reads the checkpoint sequence number in a header, which rises whenever the log is begun anew. */
export function sequenceOf(header: Buffer): number {
  return header.readUInt32BE(SEQUENCE);
}

/** Reads the salts in a header. */
export function saltsOf(header: Buffer): Buffer {
  return header.subarray(SALTS, SALTS + SALTS_BYTES);
}
