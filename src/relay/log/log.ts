/**
 * The contract of a log: a room appends entries, and the log passes committed entries to its listener, which delivers
 * them. An embedded log does so within `commit`, a clustered one later; a room cannot tell the difference.
 */
import type { Entry, NewEntry } from './entry.ts';
import type { Soon } from './soon.ts';

/** Receives the entries that a room's log has committed. */
export interface LogListener {
  /** Entries were committed, in the order of `seq`. The listener calls `onStored` of each entry's `origin`. */
  stored(entries: readonly Entry[]): void;
  /**
   * Stored entries have new content: a message has a new text, or none. Called before `stored` is called for the edits
   * and erasures themselves. The old content may not be sent to anyone from here on.
   */
  rewritten(entries: readonly Entry[]): void;
}

/** The part of an entry that deduplication needs. */
export interface KnownKey {
  readonly seq: number;
  readonly key: string;
}

/** Which entries are read: all types, or only messages (`normal`). */
export type Selection = 'entries' | 'messages';

/** One room's part of a log. */
export interface RoomLog {
  /**
   * Identifies this log and this room in it: `EPOCH.G`, the log's epoch and the room's generation (0 unless the room
   * was removed). It changes when the log is another one (created anew, restored) and when the room is created anew.
   */
  readonly epoch: string;
  /** The newest committed `seq`; 0 if there is none. */
  readonly head: number;
  /** Every entry to come gets a `seq` above it: `head`, or one that a power cut raised higher. */
  readonly seqFloor: number;
  /** The oldest `seq` still in the log; `head + 1` if there is none. */
  readonly oldest: number;
  /** Whether a client that was sent `epoch` may resume. Relays of format 1 sent only the log's epoch. */
  isEpoch(epoch: string): boolean;
  /** Takes an entry, to be committed with the next {@link Log.commit}, in the order of the calls. */
  append(entry: NewEntry): void;
  /** At most `limit` entries after `seq`, oldest first; perhaps fewer once they exceed `maxBytes` in UTF-8. */
  after(seq: number, limit: number, maxBytes?: number, selection?: Selection): Soon<Entry[]>;
  /** The newest messages from `oldest` to before `seq`, in their current form, within the same bounds, oldest first. */
  messagesBefore(seq: number, limit: number, maxBytes?: number, oldest?: number): Soon<Entry[]>;
  /**
   * The keys of at most `limit` entries before `seq`, newest first. No text is read for them. One call does bounded
   * work, so there may be fewer than `limit`, but none only if the log has no entry before `seq`. Never answers later: a
   * log that answers with promises has to deduplicate by itself.
   */
  keysBefore(seq: number, limit: number): KnownKey[];
  /**
   * The number of entries after `since` and before `next` that are no longer in the log; `null` if it is unknown.
   * `next` is the first seq after `since` that is still in the log, or `head + 1`.
   */
  missed(since: number, next: number): number | null;
}

export interface Log {
  open(room: string, listener: LogListener): RoomLog;
  /** Commits everything appended since the last commit, in all rooms, as one transaction. */
  commit(): void;
  /** Whether the last commit failed. */
  readonly failing?: boolean;
  /**
   * Removes the last traces of erased text, if that is due and this is a good moment for it. To be called about once a
   * second, with the time (ms since 1970) and the number of open connections. Absent if erased text leaves no traces.
   */
  scrub?(now: number, connections: number): void;
  /**
   * Removes rooms to which nothing was written for `keepMs` and which are not open, a few at a time. To be called about
   * once a second, with the time (ms since 1970). Returns how many are gone. Absent if the log does not remove rooms by
   * itself.
   */
  removeUntouched?(request: RemovalRequest): number;
  /** How much it holds, to be asked at most once a second. Absent if the log cannot tell. */
  usage?(): Usage;
}

export interface RemovalRequest {
  readonly now: number;
  readonly keepMs: number;
  readonly isOpen: (room: string) => boolean;
}

export interface Usage {
  /** Rooms with at least one entry. */
  readonly rooms: number;
  /** Bytes of the database that are in use; 0 if that is unknown. */
  readonly bytes: number;
}
