/**
 * The contract of a log, the heart of a room: what is said is appended, and what the log has committed is handed back to
 * be delivered. An embedded log hands it back within `commit`, a clustered one later; a room cannot tell.
 */

/** Something said, before the log has given it a place. `at` is in milliseconds since 1970. */
export interface NewEntry {
  readonly id: string;
  readonly from: string;
  readonly user: string;
  readonly message: string;
  readonly at: number;
}

/** A message the log holds: its place, and the encoded `normal` frame. */
export interface Entry {
  readonly seq: number;
  readonly payload: string;
}

/** Who appends to a room, and is told what became of it. */
export interface LogListener<D extends NewEntry> {
  /** Committed, in the order of `seq`; `messages[i]` is what `drafts[i]` became. */
  stored(messages: readonly Entry[], drafts: readonly D[]): void;
  /** Not known to be committed: each must be said again under its `id`. */
  failed(drafts: readonly D[]): void;
}

/** One room's part of a log. */
export interface RoomLog<D extends NewEntry> {
  /** Names this log: it changes when the log is another one (made anew, restored). */
  readonly epoch: string;
  /** The newest committed `seq`, 0 when there is none. */
  readonly head: number;
  /** The oldest `seq` still held, `head + 1` when there is none. */
  readonly oldest: number;
  /** Hands a draft over, to be committed with the next {@link Log.commit}. */
  append(draft: D): void;
  /** At most `limit` messages after `seq`, oldest first; once they exceed `maxLength` UTF-16 units, fewer will do. */
  after(seq: number, limit: number, maxLength?: number): Entry[];
  /** The same before `seq`: the newest of them, oldest first. */
  before(seq: number, limit: number, maxLength?: number): Entry[];
  /**
   * How many messages there were after `since` and before `next` that are gone; `null` when nobody can tell.
   * `next` is the first seq after `since` that is still held, or `head + 1`.
   */
  missed(since: number, next: number): number | null;
}

export interface Log {
  open<D extends NewEntry>(room: string, listener: LogListener<D>): RoomLog<D>;
  /** Commits everything appended since the last time, to whichever rooms, at once. */
  commit(): void;
}
