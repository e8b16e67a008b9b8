/** An entry of a log, before the log has given it a `seq` and afterwards. */
import type { EntryFrame } from '../../protocol/entries.ts';

/** The types of entries (PROTOCOL.md, "Entries"); `unknown` for a type that only a later relay writes. */
export type EntryType = EntryFrame['type'];

/** The reason why an edit or an erasure was finally rejected. */
export type RejectionCode = 'gone' | 'too-many';

/** The fields of every new entry. It is an object with methods because two closures per message cost twice as much. */
interface Appended {
  /** Identifies it for deduplication: {@link keyOf} its author and its id. */
  readonly key: string;
  /** The relay's clock, in milliseconds since 1970. */
  readonly at: number;
  /** Called by the log's listener once the entry is committed at `seq`. */
  onStored(seq: number): void;
  /** Called by the log if the commit failed. The entry may be appended again under the same key. */
  onFailed(): void;
}

/** A message. */
export interface NewMessage extends Appended {
  readonly type: 'normal';
  /**
   * Encodes the frame with its `seq` first. Encoding in one go, once the `seq` is known, makes one string per message;
   * a tail that is completed later makes three.
   */
  payloadAt(seq: number): string;
  /** The public id to record as a speaker; `undefined` if it belongs to one connection only. */
  readonly speaker: string | undefined;
}

/** A new text for the message at `of`. */
export interface NewEdit extends Appended {
  readonly type: 'edited';
  /** The edit's own id. */
  readonly id: string;
  readonly of: number;
  readonly message: string;
  /** Called by the log if the message is not in the log (`gone`) or was edited too often (`too-many`). */
  onRejected(code: RejectionCode): void;
}

/** Erases the content of the messages at `of` that are still in the log; at most `MAX_ERASED` of them. */
export interface NewErasure extends Appended {
  readonly type: 'erased';
  /** The erasure's own id, and the person who requested it. */
  readonly id: string;
  readonly from: string;
  readonly of: number | readonly number[];
  readonly by: 'author' | 'moderator';
  /** Called by the log if none of the messages is in the log (`gone`) or there are too many of them (`too-many`). */
  onRejected(code: RejectionCode): void;
}

/** An entry before the log has given it a `seq`. */
export type NewEntry = NewMessage | NewEdit | NewErasure;

/** An entry with its `seq`. */
export interface Entry {
  readonly seq: number;
  readonly type: EntryType;
  /** The encoded frame. */
  readonly payload: string;
  /** The entry as it was appended here, during the call of the listener; `undefined` if another relay appended it. */
  readonly origin: NewEntry | undefined;
}

/** An {@link Entry} that has just got its `seq`, before the log drops the origin. */
export interface PlacedEntry extends Omit<Entry, 'origin'> {
  origin: NewEntry | undefined;
}

/** The key of an entry for deduplication. Ids consist of `A-Za-z0-9_-`, so no two pairs have the same key. */
export function keyOf(from: string, id: string): string {
  return `${id} ${from}`;
}

/** Encodes the fields of an entry that follow its `seq`. There must be at least one. */
export function tailOf(fields: object): string {
  return JSON.stringify(fields).slice(1);
}

/** The encoded frame of an entry. `seq` comes first, so that `tail` can be made before it is known. */
export function payloadOf(seq: number, tail: string): string {
  return `{"seq":${seq},${tail}`;
}

/** The payload at a `seq` whose content was erased or replaced. */
export function gonePayload(seq: number): string {
  return payloadOf(seq, '"type":"gone"}');
}
