/**
 * The bytes that may be written to a reader after the last sign that it reads. The platform does not say how much waits
 * in a socket, and holds it in the object's 128 MB; so the more readers there are, the less each may leave unread.
 */
import { SendBudget } from '../../room/send-budget.ts';

/** The bound of one reader, in bytes. */
export const MAX_UNREAD_BYTES = 262_144;
/** The sum over all readers, as long as the bound is above its least. */
const TOTAL_UNREAD_BYTES = 16_777_216;
/** A smaller bound would ask every reader about almost every message. */
const MIN_UNREAD_BYTES = 8192;

export class ReadBudget extends SendBudget {
  readonly #readers: () => number;

  /** `readers` returns the number of connections now. */
  constructor(readers: () => number) {
    super();
    this.#readers = readers;
  }

  override get bound(): number {
    const share = Math.floor(TOTAL_UNREAD_BYTES / Math.max(1, this.#readers()));
    return Math.max(MIN_UNREAD_BYTES, Math.min(MAX_UNREAD_BYTES, share));
  }
}
