/**
 * Decides whether a room may come into being, and whether anything more may be stored, by how much the log holds. A
 * room comes into being with its first message; visiting and reading one stores nothing.
 */
import type { Usage } from '../log/log.ts';
import { utf8Length } from '../utf8.ts';

export interface CapacityOptions {
  /** Rooms in all; 0 removes the bound. */
  readonly maxRooms: number;
  /** Bytes of the database; 0 removes the bound. */
  readonly maxDisk: number;
}

/** Which bounds are reached. */
export type Bound = 'MAX_ROOMS' | 'MAX_DISK' | 'MAX_DISK_EXCEEDED';

/**
 * How far over `maxDisk` rooms that exist may grow. Each trims itself once it has its history, so most of them can go on
 * as they are; beyond this, no message is stored.
 */
export const DISK_MARGIN = 1.1;
/** About what a message takes beside its text. */
const BYTES_PER_MESSAGE = 150;

export class Capacity {
  readonly #maxRooms: number;
  readonly #maxDisk: number;
  #rooms = 0;
  #bytes = 0;

  constructor({ maxRooms, maxDisk }: CapacityOptions) {
    this.#maxRooms = maxRooms;
    this.#maxDisk = maxDisk;
  }

  /** Whether there is any bound. */
  get isBounded(): boolean {
    return this.#maxRooms > 0 || this.#maxDisk > 0;
  }

  /** Takes how much the log holds. To be called at the start and about once a second. */
  measure({ rooms, bytes }: Usage): void {
    this.#rooms = rooms;
    this.#bytes = bytes;
  }

  /** Counts a message that is going to be stored, and perhaps its room, until the next measurement. */
  add(text: string, isFirst: boolean): void {
    if (isFirst) this.#rooms += 1;
    if (this.#maxDisk > 0) this.#bytes += utf8Length(text) + BYTES_PER_MESSAGE;
  }

  /** Whether no room may come into being. */
  get isFull(): boolean {
    return this.#hasAllRooms || this.#isOver(1);
  }

  /** Whether nothing at all may be stored. */
  get isExceeded(): boolean {
    return this.#isOver(DISK_MARGIN);
  }

  /** The bounds that are reached. */
  get reached(): Bound[] {
    const reached: Bound[] = [];
    if (this.#hasAllRooms) reached.push('MAX_ROOMS');
    if (this.#isOver(1)) reached.push('MAX_DISK');
    if (this.isExceeded) reached.push('MAX_DISK_EXCEEDED');
    return reached;
  }

  get #hasAllRooms(): boolean {
    return this.#maxRooms > 0 && this.#rooms >= this.#maxRooms;
  }

  #isOver(factor: number): boolean {
    return this.#maxDisk > 0 && this.#bytes >= this.#maxDisk * factor;
  }
}
