/** Decides which rows of a room are removed from its old end. */
import type { Extent, Sums } from './room-rows.ts';

/** The most entries of all types, as a multiple of the messages kept. */
const MAX_ENTRIES_PER_MESSAGE = 4;
/** The most rows that one commit trims, or twice as many entries as it stores. */
const MAX_TRIMMED_ROWS = 256;

/** What a room holds. */
export interface Held {
  readonly messages: number;
  readonly entries: number;
  /** The newest `seq`, whose row stays. */
  readonly head: number;
  /** Entries that the commit stores. */
  readonly stored: number;
}

/** The sums of the rows to remove, the last `seq` of these, and the first of the others. */
export interface Trim extends Sums {
  readonly last: number;
  readonly oldest: number;
}

/**
 * Whole rows are removed once there is an eighth too much, so that most commits need not look. `rows` are those of the
 * room, oldest first, of which only a few are taken. Returns `undefined` if nothing is to be removed.
 */
export function planTrim(rows: Iterable<Extent>, history: number, held: Held): Trim | undefined {
  const margin = Math.floor(history / 8);
  const maxEntries = MAX_ENTRIES_PER_MESSAGE * history;
  const tooMany = held.entries > maxEntries;
  if (held.messages <= history + margin && !tooMany) return undefined;
  let [last, count, messages, entries, bytes] = [0, 0, 0, 0, 0];
  for (const row of rows) {
    const isSpare =
      held.messages - messages - row.messages >= history || (tooMany && held.entries - entries > maxEntries - margin);
    const isMost = count >= MAX_TRIMMED_ROWS && entries >= 2 * held.stored;
    if (!isSpare || row.last === held.head || isMost) {
      return count === 0 ? undefined : { last, oldest: row.first, messages, entries, bytes };
    }
    last = row.last;
    count += 1;
    messages += row.messages;
    entries += row.entries;
    bytes += row.bytes;
  }
  return undefined;
}
