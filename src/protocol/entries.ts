/**
 * The entries of a room's log: every frame that has a `seq`. A client counts each of them, whether it knows the type or
 * not, so that a later version can add types without losing anyone's place.
 */

/** A message in its present form. `at` and `edited` are in milliseconds since 1970, for display only. */
export interface Message {
  readonly type: 'normal';
  readonly seq: number;
  readonly id: string;
  readonly from: string;
  readonly user: string;
  readonly message: string;
  readonly at: number;
  /** When its text was last replaced. */
  readonly edited?: number;
  /** The `seq` of its newest {@link Edited}. */
  readonly rev?: number;
}

/** The message at `of` has a new text. All fields but `seq`, `id` and `of` are those of the message as it is now. */
export interface Edited {
  readonly type: 'edited';
  readonly seq: number;
  /** The edit's own id. */
  readonly id: string;
  readonly of: number;
  readonly from: string;
  readonly user: string;
  readonly message: string;
  readonly at: number;
  readonly edited: number;
}

/** The messages at `of` are erased; `id` and `from` are those of whoever asked. */
export interface Erased {
  readonly type: 'erased';
  readonly seq: number;
  readonly id: string;
  readonly from: string;
  readonly of: number | readonly number[];
  readonly at: number;
  readonly by: 'author' | 'moderator';
}

/** The place of an entry whose content was erased or replaced. */
export interface Gone {
  readonly type: 'gone';
  readonly seq: number;
}

/** An entry of a type that this version does not know, or that it cannot read: it is counted, and nothing else. */
export interface UnknownEntry {
  readonly type: 'unknown';
  readonly seq: number;
}

export type EntryFrame = Message | Edited | Erased | Gone | UnknownEntry;

/** At most so many messages are erased by one entry. */
export const MAX_ERASED = 200;
