/**
 * The contract of a journal of erasures, which lies outside the database: an older copy of the database still has the
 * erased texts, and the journal says which to erase again.
 */
import { parseFields } from '../../protocol/fields.ts';

/** One erasure in one room. */
export interface ErasureRecord {
  readonly room: string;
  /** When it was committed (ms since 1970). */
  readonly at: number;
  /** The erasure's own id, and the person who requested it. */
  readonly id: string;
  readonly from: string;
  readonly by: 'author' | 'moderator';
  /** The messages whose text was erased: the `seq` of each and its key, since a copy may reuse the `seq`. */
  readonly erased: readonly (readonly [seq: number, key: string])[];
}

export interface ErasureJournal {
  /** Stores records so that they survive a power cut. To be called within the transaction that erases. */
  append(records: readonly ErasureRecord[]): void;
  /** Removes the last records again, because that transaction was rolled back. */
  undo(): void;
}

/** Reads a record's JSON; `undefined` if it is not one, as a line that was not written to its end. */
export function parseErasure(line: string): ErasureRecord | undefined {
  const { room, at, id, from, by, erased } = parseFields(line) ?? {};
  if (typeof room !== 'string' || typeof at !== 'number' || typeof id !== 'string' || typeof from !== 'string') {
    return undefined;
  }
  if ((by !== 'author' && by !== 'moderator') || !Array.isArray(erased)) return undefined;
  const pairs = erased.filter(
    (pair): pair is [number, string] =>
      Array.isArray(pair) && typeof pair[0] === 'number' && typeof pair[1] === 'string',
  );
  return { room, at, id, from, by, erased: pairs };
}
