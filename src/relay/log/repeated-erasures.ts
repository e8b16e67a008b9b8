/** Erases again what an older copy of a database has brought back. */
import { keyOf, type NewErasure } from './entry.ts';
import type { ErasureRecord } from './erasure-journal.ts';
import type { Log, LogListener, RoomLog } from './log.ts';

const NOBODY: LogListener = { stored() {}, rewritten() {} };

class RepeatedErasure implements NewErasure {
  readonly type = 'erased';
  readonly key: string;
  readonly at: number;
  readonly id: string;
  readonly from: string;
  readonly by: 'author' | 'moderator';
  readonly of: readonly number[];
  failed = false;

  constructor({ id, from, by }: ErasureRecord, of: readonly number[], { at }: { readonly at: number }) {
    this.key = keyOf(from, id);
    this.at = at;
    this.id = id;
    this.from = from;
    this.by = by;
    this.of = of;
  }

  onStored(): void {}

  onFailed(): void {
    this.failed = true;
  }

  /** The copy has erased these messages itself. */
  onRejected(): void {}
}

/**
 * Erases those messages of `records` that the log still holds, and commits that; `now` is in milliseconds since 1970.
 * Returns how many erasures were repeated; `undefined` if they could not be stored.
 */
export function eraseAgain(log: Log, records: readonly ErasureRecord[], now: number): number | undefined {
  const rooms = new Map(records.map(({ room }) => [room, log.open(room, NOBODY)]));
  const repeated: RepeatedErasure[] = [];
  for (const record of records) {
    const room = rooms.get(record.room);
    // A copy may have other messages at these places.
    const held = record.erased.filter(([seq, key]) => keyAt(room, seq) === key);
    if (held.length === 0) continue;
    const erasure = new RepeatedErasure(
      record,
      held.map(([seq]) => seq),
      { at: now },
    );
    repeated.push(erasure);
    room?.append(erasure);
  }
  log.commit();
  return repeated.some(({ failed }) => failed) ? undefined : repeated.length;
}

/** The key of the entry at `seq`; `undefined` if the room does not hold it. */
function keyAt(room: RoomLog | undefined, seq: number): string | undefined {
  const [known] = room?.keysBefore(seq + 1, 1) ?? [];
  return known?.seq === seq ? known.key : undefined;
}
