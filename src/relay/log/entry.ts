/** An entry of a log: what is appended to get a place, and what stands in a place afterwards. */
import type { EntryFrame } from '../../protocol/entries.ts';

/** The types of entries (PROTOCOL.md, "Entries"); `unknown` for what only a later relay writes. */
export type EntryType = EntryFrame['type'];

/** Why an edit or an erasure got no place, finally. */
export type RejectionCode = 'gone' | 'too-many';

/** What every new entry has. It is an object with methods because two closures per message cost twice as much. */
interface Appended {
  /** Names it for deduplication: {@link keyOf} its author and its id. */
  readonly key: string;
  /** The relay's clock, in milliseconds since 1970. */
  readonly at: number;
  /** Called by the log's listener once the entry is committed at `seq`. */
  onStored(seq: number): void;
  /** Called by the log: the commit failed. It may be appended again under the same key. */
  onFailed(): void;
}

/** A message. */
export interface NewMessage extends Appended {
  readonly type: 'normal';
  /** The encoded frame after its `seq`: the payload is `{"seq":N,` and this. {@link tailOf} makes it. */
  readonly tail: string;
  /** The public id to remember as having spoken; `undefined` for an id that nobody can come back with. */
  readonly speaker: string | undefined;
}

/** A new text for the message at `of`. */
export interface NewEdit extends Appended {
  readonly type: 'edited';
  /** The edit's own id. */
  readonly id: string;
  readonly of: number;
  readonly message: string;
  /** Called by the log: the message is not held (`gone`), or was edited too often (`too-many`). */
  onRejected(code: RejectionCode): void;
}

/** The messages at `of` lose their content, as far as they are held; at most `MAX_ERASED` of them. */
export interface NewErasure extends Appended {
  readonly type: 'erased';
  /** The erasure's own id, and who asks for it. */
  readonly id: string;
  readonly from: string;
  readonly of: number | readonly number[];
  readonly by: 'author' | 'moderator';
  /** Called by the log: no message is held (`gone`), or there are too many of them (`too-many`). */
  onRejected(code: RejectionCode): void;
}

/** An entry before the log has given it a place. */
export type NewEntry = NewMessage | NewEdit | NewErasure;

/** An entry in its place. */
export interface Entry {
  readonly seq: number;
  readonly type: EntryType;
  /** The encoded frame. */
  readonly payload: string;
  /** What was appended here, while the listener is told of it; `undefined` if it came through another relay. */
  readonly origin: NewEntry | undefined;
}

/** An {@link Entry} that the log has just placed, before it lets go of the origin. */
export interface PlacedEntry extends Omit<Entry, 'origin'> {
  origin: NewEntry | undefined;
}

/** Names an entry for deduplication. Ids are of `A-Za-z0-9_-`, so no two pairs have the same key. */
export function keyOf(from: string, id: string): string {
  return `${id} ${from}`;
}

/** Encodes the fields of an entry that follow its `seq`. `fields` must have at least one. */
export function tailOf(fields: object): string {
  return JSON.stringify(fields).slice(1);
}

/** The encoded frame of an entry in its place. `seq` comes first, so that `tail` can be made before it is known. */
export function payloadOf(seq: number, tail: string): string {
  return `{"seq":${seq},${tail}`;
}

/** What stands in a place whose content was erased or replaced. */
export function gonePayload(seq: number): string {
  return payloadOf(seq, '"type":"gone"}');
}
