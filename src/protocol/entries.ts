/**
 * The entries of a room's log: every frame that has a `seq`. A client counts every entry, even of a type it does not
 * know, so that a later version can add types without any client losing its position.
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

/**
 * The message at `of` has a new text. All fields except `seq`, `id` and `of` are those of the message in its present
 * form.
 */
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

/** The messages at `of` are erased. `id` is that of the request, `from` that of the person who sent it. */
export interface Erased {
  readonly type: 'erased';
  readonly seq: number;
  readonly id: string;
  readonly from: string;
  readonly of: number | readonly number[];
  readonly at: number;
  /** `author` or `moderator`; a later version may know others. */
  readonly by: string;
}

/** The place of an entry whose content was erased or replaced. */
export interface Gone {
  readonly type: 'gone';
  readonly seq: number;
}

/** An entry of a type that this version does not know, or that it cannot read. It is counted and otherwise ignored. */
export interface UnknownEntry {
  readonly type: 'unknown';
  readonly seq: number;
}

export type EntryFrame = Message | Edited | Erased | Gone | UnknownEntry;

/** The most messages that one entry can erase. */
export const MAX_ERASED = 200;
