/**
 * Limits the bytes that wait in sockets: a bound for each reader, and a budget for the whole process. Over the budget
 * the bound is lowered, so that the readers with the most bytes waiting fall behind first; they lose nothing and catch
 * up from the log.
 */

/** The bound of one reader, in bytes. */
export const MAX_BUFFERED_BYTES = 1_048_576;
/** The budget of the process, in bytes. */
export const MAX_TOTAL_BUFFERED_BYTES = 268_435_456;
/**
 * The bound is never lowered below this, or no reader could be live. Not less than a socket's high-water mark (64 KiB
 * from Node 22 on), or a socket over the bound might never report that it has drained.
 */
const MIN_BOUND_BYTES = 65_536;

export class SendBudget {
  readonly #max: number;
  readonly #total: number;
  #bound: number;

  constructor(max = MAX_BUFFERED_BYTES, total = MAX_TOTAL_BUFFERED_BYTES) {
    this.#max = max;
    this.#total = total;
    this.#bound = max;
  }

  /** Bytes that may wait for one reader now. */
  get bound(): number {
    return this.#bound;
  }

  /** Adds up the bytes in all sockets, and adjusts the bound. */
  weigh(readers: Iterable<{ readonly buffered: number }>): void {
    let sum = 0;
    for (const reader of readers) sum += reader.buffered;
    if (sum > this.#total) this.#bound = Math.max(MIN_BOUND_BYTES, this.#bound / 2);
    else if (sum < this.#total / 2) this.#bound = Math.min(this.#max, this.#bound * 2);
  }
}
