/**
 * A file beside the database (`….erased`) that names every erased message, so that an older copy of the database does
 * not bring it back. It holds no text: a line of JSON per erasure, for `KEPT_MS`, or less if there are very many.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { type ErasureJournal, type ErasureRecord, parseErasure } from '../../log/erasure-journal.ts';

/** A year. */
const KEPT_MS = 365 * 24 * 60 * 60_000;
/** About 100,000 erasures. A larger file is halved. */
const MAX_BYTES = 16 * 1024 * 1024;

export class ErasureFile implements ErasureJournal {
  readonly #path: string;
  /** The length before the last `append` (bytes). */
  #length: number;

  constructor(path: string) {
    this.#path = path;
    this.#length = lengthOf(path);
  }

  append(records: readonly ErasureRecord[]): void {
    this.#length = lengthOf(this.#path);
    if (this.#length > MAX_BYTES) this.#halve();
    const descriptor = openSync(this.#path, 'a', 0o600);
    try {
      writeSync(descriptor, records.map(record => `${JSON.stringify(record)}\n`).join(''));
      fsyncSync(descriptor);
    } catch (error) {
      ftruncateSync(descriptor, this.#length);
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  undo(): void {
    const descriptor = openSync(this.#path, 'r+');
    try {
      ftruncateSync(descriptor, this.#length);
    } finally {
      closeSync(descriptor);
    }
  }

  /** All records, oldest first. Lines that were not written to their end are skipped. */
  read(): ErasureRecord[] {
    return this.#lines().flatMap(line => parseErasure(line) ?? []);
  }

  /** Drops the records that are older than a year at `now` (ms since 1970), and lines that are not whole. */
  tidy(now: number): void {
    const lines = this.#lines();
    const kept = lines.filter(line => now - (parseErasure(line)?.at ?? 0) < KEPT_MS);
    if (kept.length < lines.length) this.#write(kept);
  }

  #halve(): void {
    const lines = this.#lines();
    this.#write(lines.slice(lines.length / 2));
    this.#length = lengthOf(this.#path);
  }

  #lines(): string[] {
    if (lengthOf(this.#path) === 0) return [];
    return readFileSync(this.#path, 'utf8').split('\n').filter(Boolean);
  }

  #write(lines: readonly string[]): void {
    const temporary = `${this.#path}.new`;
    writeFileSync(temporary, lines.map(line => `${line}\n`).join(''), { mode: 0o600, flush: true });
    renameSync(temporary, this.#path);
  }
}

function lengthOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
