/**
 * Writes one commit to one room: it gives each new entry its `seq`, changes the messages that edits and erasures name,
 * and trims from the old end. All of it happens inside one transaction, and none of it counts until that is committed.
 */
import { MAX_ERASED } from '../../protocol/entries.ts';
import { parseFields } from '../../protocol/fields.ts';
import type { Database } from './database.ts';
import {
  type Entry,
  type EntryType,
  gonePayload,
  type NewEdit,
  type NewEntry,
  type NewErasure,
  type PlacedEntry,
  payloadOf,
  type RejectionCode,
  tailOf,
} from './entry.ts';
import { type Counts, type CountsRead, RoomCounts, writePart } from './room-counts.ts';
import type { RoomRows } from './room-rows.ts';
import { RowEditor } from './row-editor.ts';
import type { Speakers } from './speakers.ts';
import { planTrim } from './trim.ts';

/** The known state of a room's rows. */
export interface RoomState {
  /** The newest and the oldest `seq` in the rows. */
  readonly head: number;
  readonly oldest: number;
  readonly counts: Counts | CountsRead;
}

/** An erasure that was applied. */
export interface AppliedErasure {
  readonly erasure: NewErasure;
  /** The `seq` and the key of each message whose text it removed. */
  readonly erased: readonly (readonly [seq: number, key: string])[];
}

/** An entry that was rejected. */
export interface RejectedEntry {
  readonly entry: NewEdit | NewErasure;
  readonly code: RejectionCode;
}

interface Parts {
  readonly db: Database;
  readonly room: number;
  readonly rows: RoomRows;
  readonly speakers: Speakers;
  /** The least number of messages to keep. */
  readonly history: number;
  /** Every new `seq` is above it. */
  readonly seqFloor: number;
}

/** The most edits of one message. */
export const MAX_EDITS = 10;

export class RoomWrite {
  /** The entries that got a `seq`, in its order. */
  readonly stored: PlacedEntry[] = [];
  readonly rejected: RejectedEntry[] = [];
  readonly erasures: AppliedErasure[] = [];
  readonly #db: Database;
  readonly #room: number;
  readonly #rows: RoomRows;
  readonly #speakers: Speakers;
  readonly #history: number;
  readonly #before: RoomState;
  #editor: RowEditor | undefined;
  #written = 0;
  #seq: number;
  #oldest: number;
  readonly #counts: RoomCounts;
  /** The counts before this commit, if they do not count everything. */
  readonly #part: CountsRead | undefined;

  constructor(state: RoomState, { db, room, rows, speakers, history, seqFloor }: Parts) {
    this.#db = db;
    this.#room = room;
    this.#rows = rows;
    this.#speakers = speakers;
    this.#history = history;
    this.#before = state;
    this.#seq = Math.max(state.head, seqFloor);
    this.#oldest = state.counts.entries === 0 ? this.#seq + 1 : state.oldest;
    this.#counts = new RoomCounts(state.counts, rows);
    this.#part = 'part' in state.counts && state.counts.part ? state.counts : undefined;
  }

  /** The newest `seq` in the rows. */
  get head(): number {
    return this.stored.length > 0 ? this.#seq : this.#before.head;
  }

  /** The current state of the rows. */
  get state(): RoomState {
    return {
      head: this.head,
      oldest: this.#counts.entries === 0 ? this.#before.oldest : this.#oldest,
      counts: this.#counts,
    };
  }

  /** Whether the counts of its {@link state} count everything. */
  get isCounted(): boolean {
    return this.#part === undefined;
  }

  /** Whether text was removed that may have left traces in the file. */
  get erased(): boolean {
    return this.#editor !== undefined && this.#editor.changed.size > 0;
  }

  /** Entries from before this commit whose content has changed, in the order of `seq`. */
  rewritten(): Entry[] {
    if (!this.#editor) return [];
    const changed = [...this.#editor.changed.values()].filter(({ seq }) => seq <= this.#before.head);
    return changed.sort((a, b) => a.seq - b.seq);
  }

  run(entries: readonly NewEntry[]): void {
    for (const entry of entries) {
      if (entry.type === 'normal') {
        this.#place(entry, 'normal', entry.payloadAt(this.#seq + 1));
        if (entry.speaker !== undefined) this.#speakers.note(entry.speaker, entry.at);
      } else if (entry.type === 'edited') {
        this.#edit(entry);
      } else {
        this.#erase(entry);
      }
    }
    this.#insert();
    this.#editor?.save();
    const at = entries.at(-1)?.at ?? 0;
    // The room is trimmed once everything is counted.
    if (this.#part) return writePart(this.#db, { room: this.#room, at, counts: this.#part });
    const trimmed = this.#trim();
    if (this.#editor || trimmed || this.#counts.isDue(at, this.#seq)) this.#touch(at);
    this.#patchStored();
  }

  /** Gives an entry the next `seq`, which its payload must contain. */
  #place(origin: NewEntry, type: EntryType, payload: string): number {
    this.#seq += 1;
    this.#counts.entries += 1;
    if (type === 'normal') this.#counts.messages += 1;
    this.stored.push({ seq: this.#seq, type, payload, origin });
    return this.#seq;
  }

  /** Writes the entries that have a `seq` and are in no row yet. */
  #insert(): void {
    if (this.#written === this.stored.length) return;
    this.#counts.rows += this.#rows.insert(this.stored, this.#written);
    this.#written = this.stored.length;
  }

  #edit(edit: NewEdit): void {
    const editor = this.#edits();
    const message = editor.get(edit.of);
    if (message?.type !== 'normal') return this.#reject(edit, 'gone');
    const edits = this.#editsOf(edit.of);
    if (edits.length >= MAX_EDITS) return this.#reject(edit, 'too-many');
    const newest = edits.at(-1);
    if (newest !== undefined) editor.set(gone(newest));
    const { seq, type, id, rev, ...fields } = parseFields(message.payload) ?? {};
    const present = { ...fields, message: edit.message, edited: edit.at };
    const editTail = tailOf({ type: 'edited', id: edit.id, of: edit.of, ...present });
    const editSeq = this.#place(edit, 'edited', payloadOf(this.#seq + 1, editTail));
    const tail = tailOf({ type: 'normal', id, ...present, rev: editSeq });
    editor.set({ seq: edit.of, type: 'normal', payload: payloadOf(edit.of, tail), origin: undefined });
    this.#db.run('INSERT INTO edits (room, of, seq) VALUES (?, ?, ?)', this.#room, edit.of, editSeq);
  }

  #erase(erasure: NewErasure): void {
    const { id, from, of, at, by } = erasure;
    const editor = this.#edits();
    const named = [...new Set(typeof of === 'number' ? [of] : of)];
    if (named.length > MAX_ERASED) return this.#reject(erasure, 'too-many');
    const held = named.filter(seq => editor.get(seq)?.type === 'normal');
    if (held.length === 0) return this.#reject(erasure, 'gone');
    for (const seq of held) {
      editor.set(gone(seq));
      const newest = this.#editsOf(seq).at(-1);
      if (newest !== undefined) editor.set(gone(newest));
      this.#db.run('DELETE FROM edits WHERE room = ? AND of = ?', this.#room, seq);
    }
    const tail = tailOf({ type: 'erased', id, from, of: typeof of === 'number' ? of : held, at, by });
    this.erasures.push({ erasure, erased: held.map(seq => [seq, this.#rows.keysBefore(seq + 1, 1)[0]?.key ?? '']) });
    this.#place(erasure, 'erased', payloadOf(this.#seq + 1, tail));
  }

  /** The editor of stored entries, after everything so far has been written to rows and counted. */
  #edits(): RowEditor {
    this.#insert();
    this.#counts.countBytes(this.#seq);
    this.#editor ??= new RowEditor(this.#rows);
    return this.#editor;
  }

  /** The `seq` of each edit of a message, oldest first. */
  #editsOf(of: number): number[] {
    const sql = 'SELECT seq FROM edits WHERE room = ? AND of = ? ORDER BY seq';
    return this.#db.all(sql, this.#room, of).map(({ seq }) => Number(seq));
  }

  #reject(entry: NewEdit | NewErasure, code: RejectionCode): void {
    this.rejected.push({ entry, code });
  }

  #trim(): boolean {
    const messages = this.#counts.messages + (this.#editor?.messages ?? 0);
    const held = { messages, entries: this.#counts.entries, head: this.head, stored: this.stored.length };
    const trim = planTrim(this.#rows.extentsAfter(0), this.#history, held);
    if (!trim) return false;
    this.#counts.countBytes(this.#seq);
    this.#counts.messages -= trim.messages;
    this.#counts.entries -= trim.entries;
    this.#counts.bytes -= trim.bytes;
    this.#oldest = trim.oldest;
    this.#rows.deleteUpTo(trim.last);
    this.#forgetEdits(trim.last);
    return true;
  }

  /** Removes a trimmed message's text from its newest edit too. */
  #forgetEdits(cut: number): void {
    const sql = 'SELECT max(seq) AS seq FROM edits WHERE room = ? AND of <= ? GROUP BY of';
    const newest = this.#db.all(sql, this.#room, cut).map(({ seq }) => Number(seq));
    if (newest.length === 0) return;
    for (const seq of newest) if (seq > cut) this.#edits().set(gone(seq));
    this.#editor?.save();
    this.#db.run('DELETE FROM edits WHERE room = ? AND of <= ?', this.#room, cut);
  }

  #touch(at: number): void {
    this.#counts.countBytes(this.#seq);
    this.#counts.messages += this.#editor?.messages ?? 0;
    this.#counts.bytes += this.#editor?.bytes ?? 0;
    this.#counts.write(this.#db, this.#room, at);
  }

  /** Updates entries of this commit that a later entry of the same commit has changed. */
  #patchStored(): void {
    const first = this.stored[0]?.seq ?? 0;
    for (const { seq, type, payload } of this.#editor?.changed.values() ?? []) {
      const stored = this.stored[seq - first];
      if (seq >= first && stored) this.stored[seq - first] = { seq, type, payload, origin: stored.origin };
    }
  }
}

function gone(seq: number): Entry {
  return { seq, type: 'gone', payload: gonePayload(seq), origin: undefined };
}
