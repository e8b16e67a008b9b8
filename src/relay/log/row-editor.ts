/** Replaces stored entries of a room, within one transaction: each row is read once and written once. */
import { utf8Length } from '../utf8.ts';
import type { Entry } from './entry.ts';
import type { RoomRows } from './room-rows.ts';
import type { EditableRow } from './row.ts';

export class RowEditor {
  /** The changed entries, by `seq`. */
  readonly changed = new Map<number, Entry>();
  /** The growth of the number of messages and of the UTF-8 bytes of payloads. */
  messages = 0;
  bytes = 0;
  readonly #rows: RoomRows;
  readonly #read: EditableRow[] = [];
  readonly #unsaved = new Set<EditableRow>();

  constructor(rows: RoomRows) {
    this.#rows = rows;
  }

  /** The current entry at `seq`; `undefined` if it is not in the log. */
  get(seq: number): Entry | undefined {
    return this.#rowOf(seq)?.get(seq);
  }

  /** Replaces the entry at the same `seq`, which must be in the log. */
  set(entry: Entry): void {
    const row = this.#rowOf(entry.seq);
    const before = row?.get(entry.seq);
    if (!row || !before) throw new Error(`the place ${entry.seq} is not held`);
    row.set(entry);
    this.#unsaved.add(row);
    this.changed.set(entry.seq, entry);
    this.messages += Number(entry.type === 'normal') - Number(before.type === 'normal');
    this.bytes += utf8Length(entry.payload) - utf8Length(before.payload);
  }

  save(): void {
    for (const row of this.#unsaved) this.#rows.replace(row);
    // A row of format 1 has become one of format 2.
    this.#unsaved.clear();
    this.#read.length = 0;
  }

  #rowOf(seq: number): EditableRow | undefined {
    const known = this.#read.find(({ first, last }) => first <= seq && seq <= last);
    if (known) return known;
    const row = this.#rows.find(seq);
    if (row) this.#read.push(row);
    return row;
  }
}
