/**
 * Pages of a room's log. The newest entries stay in memory, so that a client that was away for a moment causes no read
 * of the database; and a page that many clients request at once is made and encoded once.
 */
import { encode } from '../../protocol/frames.ts';
import { JOIN_MESSAGES, MAX_JOIN_PLACES, MAX_PAGE_ENTRIES } from '../../protocol/limits.ts';
import type { Entry } from '../log/entry.ts';
import type { RoomLog } from '../log/log.ts';
import { type Soon, whenReady } from '../log/soon.ts';
import { Batch } from './batch.ts';
import { firstAfter, firstFitting, firstRun, lastFitting } from './entry-lists.ts';

/** A `page` frame with its entries, and the state of its reader afterwards. */
export interface Page {
  readonly batch: Batch;
  readonly cursor: number;
  readonly more: boolean;
  /** The number of rewrites when the log was asked. */
  readonly rewrites: number;
}

/** Which page: the first after a `seq` (with `ask` see `Pages.after`), or the newest (see `Pages.newest`). */
export type PageName = { readonly after: number; readonly ask?: boolean } | { readonly newest: 0 | null };

interface PageOptions extends Pick<Page, 'cursor' | 'rewrites'> {
  readonly missed: number | null;
  /** Whether the page says that there is more, even if it ends at the head. */
  readonly ask?: boolean;
}

/** The most kept in memory: entries, and UTF-16 units of their payloads, in total and per reader of the room. */
const MAX_RECENT_ENTRIES = 512;
const MAX_RECENT_LENGTH = 262_144;
const RECENT_LENGTH_PER_READER = 4096;
/**
 * A room with so many entries in one commit keeps fewer of them, but still a page. All of them would last it for some
 * milliseconds, which is no help to anyone who was away, but long enough for V8 to move each into its old generation.
 */
const BUSY_COMMIT = 16;
const MAX_RECENT_OF_BUSY = 256;
/** The most pages kept to be shared. */
const MAX_SHARED = 4;

export class Pages {
  readonly #log: RoomLog;
  readonly #readers: { readonly size: number };
  readonly #maxBytes: () => number;
  /** The newest entries of the log, without a gap: all those after `#before`. */
  #recent: Entry[] = [];
  #recentLength = 0;
  #before = Number.POSITIVE_INFINITY;
  /** Pages by request, kept only while the log does not change. Readers that ask meanwhile share one promise. */
  readonly #shared = new Map<string, Soon<Page>>();
  /** The number of rewrites so far. */
  #rewrites = 0;

  /** `maxBytes` bounds the entries of a page now; one entry always fits. More readers keep more entries in memory. */
  constructor(log: RoomLog, readers: { readonly size: number }, { maxBytes }: { readonly maxBytes: () => number }) {
    this.#log = log;
    this.#readers = readers;
    this.#maxBytes = maxBytes;
  }

  /** Takes entries that the log has stored, in its order. */
  note(entries: readonly Entry[]): void {
    if (this.#shared.size > 0) this.#shared.clear();
    const [first] = entries;
    if (!first) return;
    if (this.#recent.length === 0) this.#before = first.seq - 1;
    for (const entry of entries) {
      this.#recent.push(entry);
      this.#recentLength += entry.payload.length;
    }
    this.#trim(entries.length >= BUSY_COMMIT ? MAX_RECENT_OF_BUSY : MAX_RECENT_ENTRIES);
  }

  /** Replaces entries whose content has changed. No page with the old content is returned from here on. */
  rewrite(entries: readonly Entry[]): void {
    this.#rewrites += 1;
    this.#shared.clear();
    for (const entry of entries) {
      const index = firstAfter(this.#recent, entry.seq - 1);
      const former = this.#recent[index];
      if (former?.seq !== entry.seq) continue;
      this.#recent[index] = entry;
      this.#recentLength += entry.payload.length - former.payload.length;
    }
  }

  /** Drops the shared pages, and the entries that are too many in memory since readers have left. */
  forget(): void {
    this.#shared.clear();
    this.#trim(MAX_RECENT_ENTRIES);
  }

  /** Whether a page is kept, so that it costs nothing to get. */
  isShared(name: PageName): boolean {
    return this.#shared.has(keyOf(name));
  }

  get(name: PageName): Soon<Page> {
    return 'after' in name ? this.after(name.after, name.ask) : this.newest(name.newest);
  }

  /**
   * The first page after `cursor`, with entries of every type. With `ask` its reader must ask for more, even if there is
   * no more. It ends before a seqFloor, so that the next page can say that entries may be missing there.
   */
  after(cursor: number, ask = false): Soon<Page> {
    return this.#share({ after: cursor, ask }, () => {
      const rewrites = this.#rewrites;
      const { head } = this.#log;
      return whenReady(this.#after(cursor), found => {
        const entries = firstRun(firstFitting(found, this.#maxBytes()));
        const [first, last] = [entries[0]?.seq, entries.at(-1)?.seq];
        const missed = this.#log.missed(cursor, first ?? head + 1);
        const endsAtFloor = last !== undefined && this.#log.seqFloor > this.#log.head;
        return this.#make(entries, { cursor: last ?? head, missed, rewrites, ask: ask || endsAtFloor });
      });
    });
  }

  /**
   * The newest messages, after which the reader is at the head. `missed` is `null` for a client that may have missed
   * some before them, and 0 for one that has just joined.
   */
  newest(missed: 0 | null): Soon<Page> {
    return this.#share({ newest: missed }, () => this.#newest(missed));
  }

  /** Whether an entry was rewritten after the log was asked. Such a page may hold erased text and must not be sent. */
  isStale({ rewrites }: Page): boolean {
    return rewrites !== this.#rewrites;
  }

  /** The current entry at `seq`, from memory or from the log; `undefined` if it is not in the log. */
  entryAt(seq: number): Soon<Entry | undefined> {
    if (seq > this.#before) return this.#recent[firstAfter(this.#recent, seq - 1)];
    return whenReady(
      this.readUnchanged(() => this.#log.after(seq - 1, 1)),
      ([entry]) => entry,
    );
  }

  /** Reads the log, and reads it again if an entry was rewritten before it answered. */
  readUnchanged<T>(read: () => Soon<T>): Soon<T> {
    const rewrites = this.#rewrites;
    return whenReady(read(), value => (rewrites === this.#rewrites ? value : this.readUnchanged(read)));
  }

  #share(name: PageName, make: () => Soon<Page>): Soon<Page> {
    const key = keyOf(name);
    const known = this.#shared.get(key);
    if (known) return known;
    const page = make();
    if (this.#shared.size === MAX_SHARED) this.#shared.clear();
    this.#shared.set(key, page);
    // The next request should try again.
    if (page instanceof Promise) page.catch(() => this.#drop(key, page));
    return page;
  }

  #drop(key: string, page: Soon<Page>): void {
    if (this.#shared.get(key) === page) this.#shared.delete(key);
  }

  #make(entries: readonly Entry[], { cursor, missed, rewrites, ask = false }: PageOptions): Page {
    const { head, seqFloor } = this.#log;
    const more = ask || cursor < head;
    // A client that is at the head goes on from the floor, and is not told again that entries may be missing below it.
    const frame = encode({ type: 'page', replay: entries.length, head: seqFloor, missed, more });
    return { batch: new Batch([frame, ...entries.map(({ payload }) => payload)]), cursor, more, rewrites };
  }

  #after(cursor: number): Soon<readonly Entry[]> {
    if (cursor < this.#before) return this.#log.after(cursor, MAX_PAGE_ENTRIES, this.#maxBytes());
    const start = firstAfter(this.#recent, cursor);
    return this.#recent.slice(start, start + MAX_PAGE_ENTRIES);
  }

  #newest(missed: 0 | null): Soon<Page> {
    const rewrites = this.#rewrites;
    const { head } = this.#log;
    return whenReady(this.#newestMessages(head), found => {
      // Entries may have been stored while the log was read. They are in memory, unless there were very many.
      if (this.#log.head > head && this.#before > head) return this.#newest(missed);
      const later = this.#recent.slice(firstAfter(this.#recent, head)).filter(isMessage);
      const messages = later.length === 0 ? found : [...found, ...later].slice(-JOIN_MESSAGES);
      return this.#make(lastFitting(messages, this.#maxBytes()), { cursor: this.#log.head, missed, rewrites });
    });
  }

  #newestMessages(head: number): Soon<readonly Entry[]> {
    // Where the log jumped to a seqFloor, that many places back may be before every message.
    const jumped = this.#log.missed(head - MAX_JOIN_PLACES, head + 1) === null;
    const oldest = jumped ? 0 : head - MAX_JOIN_PLACES + 1;
    const recent = this.#recent.filter(isMessage).slice(-JOIN_MESSAGES);
    const reachesBack = this.#before < Math.max(oldest, this.#log.oldest);
    if (reachesBack || recent.length === JOIN_MESSAGES) return recent;
    return this.#log.messagesBefore(head + 1, JOIN_MESSAGES, this.#maxBytes(), oldest);
  }

  #trim(maxEntries: number): void {
    const maxLength = Math.min(MAX_RECENT_LENGTH, this.#readers.size * RECENT_LENGTH_PER_READER);
    let count = 0;
    for (const { seq, payload } of this.#recent) {
      const fits = this.#recent.length - count <= maxEntries && this.#recentLength <= maxLength;
      if (fits && seq >= this.#log.oldest) break;
      count += 1;
      this.#recentLength -= payload.length;
      this.#before = seq;
    }
    if (count > 0) this.#recent.splice(0, count);
  }
}

function keyOf(name: PageName): string {
  return 'after' in name ? `after ${name.after} ${name.ask ?? false}` : `newest ${name.newest}`;
}

function isMessage({ type }: Entry): boolean {
  return type === 'normal';
}
