/**
 * The contract of a log, the heart of a room: entries are appended, and what the log has committed is handed back to be
 * delivered. An embedded log hands it back within `commit`, a clustered one later; a room cannot tell the difference.
 */
import type { Entry, NewEntry } from './entry.ts';
import type { Soon } from './soon.ts';

/** Is told what a room's log has committed. */
export interface LogListener {
  /** Entries were committed, in the order of `seq`. The listener calls `onStored` of each entry's `origin`. */
  stored(entries: readonly Entry[]): void;
  /**
   * Places that were stored before hold something else now: a message its new text, or nothing. Called before `stored`
   * is called for the entries that say so. Nobody may be sent the former content from here on.
   */
  rewritten(entries: readonly Entry[]): void;
}

/** What deduplication knows of an entry. */
export interface KnownKey {
  readonly seq: number;
  readonly key: string;
}

/** Which entries are read: all types, or messages (`normal`) alone. */
export type Selection = 'entries' | 'messages';

/** One room's part of a log. */
export interface RoomLog {
  /**
   * Names this log and this room in it: `EPOCH.G`, the log's epoch and the room's generation (0 unless the room was
   * removed). It changes when the log is another one (made anew, restored) and when the room is made anew.
   */
  readonly epoch: string;
  /** The newest committed `seq`, 0 when there is none. */
  readonly head: number;
  /** The oldest `seq` still held, `head + 1` when there is none. */
  readonly oldest: number;
  /** Whether a client that was told `epoch` may resume. Relays of format 1 told the log's epoch alone. */
  isEpoch(epoch: string): boolean;
  /** Takes an entry, to be committed with the next {@link Log.commit}, in the order of the calls. */
  append(entry: NewEntry): void;
  /** At most `limit` entries after `seq`, oldest first; once they exceed `maxLength` UTF-16 units, fewer will do. */
  after(seq: number, limit: number, maxLength?: number, selection?: Selection): Soon<Entry[]>;
  /** The newest messages before `seq` and at or after `oldest`, in their present form, bounded likewise, oldest first. */
  messagesBefore(seq: number, limit: number, maxLength?: number, oldest?: number): Soon<Entry[]>;
  /**
   * The keys of at most `limit` places after `seq`, oldest first. No text is read for them. Never answered later: a log
   * that answers with promises has to deduplicate by itself.
   */
  keysAfter(seq: number, limit: number): KnownKey[];
  /**
   * How many places there were after `since` and before `next` that the log no longer holds; `null` when nobody can
   * tell. `next` is the first seq after `since` that is still held, or `head + 1`.
   */
  missed(since: number, next: number): number | null;
}

export interface Log {
  open(room: string, listener: LogListener): RoomLog;
  /** Commits everything appended since the last time, to whichever rooms, at once. */
  commit(): void;
  /**
   * Removes the last traces of erased text, if that is due and this is a good moment for it. To be called about once a
   * second, with the time (ms since 1970) and the number of open connections. Absent where nothing leaves traces.
   */
  scrub?(now: number, connections: number): void;
}
