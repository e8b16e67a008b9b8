/**
 * Pages of a room's log, as readers turn them. The newest messages stay at hand, so that whoever was away for a moment
 * is not read from the database; and a page that many ask for at once is made once, and encoded once.
 */
import { encode } from '../../protocol/frames.ts';
import { JOIN_MESSAGES, MAX_PAGE_MESSAGES } from '../../protocol/limits.ts';
import type { Entry } from '../log/entry.ts';
import type { RoomLog } from '../log/log.ts';
import { utf8Length } from '../utf8.ts';
import { Batch } from './batch.ts';

/** A `page` frame with what it announces, and where it leaves its reader. */
export interface Page {
  readonly batch: Batch;
  readonly cursor: number;
  readonly more: boolean;
}

/** What stays at hand: messages, and UTF-16 units of their payloads, in all and for each reader of the room. */
const MAX_RECENT_MESSAGES = 512;
const MAX_RECENT_LENGTH = 262_144;
const RECENT_LENGTH_PER_READER = 4096;
/** Pages that are kept to be shared. */
const MAX_SHARED = 4;
/** A UTF-16 unit takes at most so many bytes in UTF-8. */
const MAX_UNIT_BYTES = 3;

export class Pages {
  readonly #log: RoomLog;
  readonly #readers: { readonly size: number };
  readonly #maxBytes: number;
  /** The newest of the log, without a gap; all that the log holds after `#before` is here. */
  #recent: Entry[] = [];
  #recentLength = 0;
  #before = Number.POSITIVE_INFINITY;
  /** By what was asked for; only as long as the log stays as it is. */
  readonly #shared = new Map<string, Page>();

  /** `maxBytes` of messages in a page; one message always fits. The more readers a room has, the more is kept at hand. */
  constructor(log: RoomLog, readers: { readonly size: number }, { maxBytes }: { readonly maxBytes: number }) {
    this.#log = log;
    this.#readers = readers;
    this.#maxBytes = maxBytes;
  }

  /** Takes what the log has stored, in its order. */
  note(messages: readonly Entry[]): void {
    this.#shared.clear();
    const [first] = messages;
    if (!first) return;
    if (this.#recent.length === 0) this.#before = first.seq - 1;
    for (const message of messages) {
      this.#recent.push(message);
      this.#recentLength += message.payload.length;
    }
    this.#trim();
  }

  /** Lets go of the pages that were made, and of what is too much at hand since readers have left. */
  forget(): void {
    this.#shared.clear();
    this.#trim();
  }

  /** The first page after `cursor`. */
  after(cursor: number): Page {
    return this.#share(`after ${cursor}`, () => {
      const messages = firstFitting(this.#after(cursor), this.#maxBytes);
      const { head } = this.#log;
      const missed = this.#log.missed(cursor, messages[0]?.seq ?? head + 1);
      return this.#make(messages, messages.at(-1)?.seq ?? head, missed);
    });
  }

  /** The newest messages. `missed` is `null` for who may have missed some before them, and 0 for who has just come. */
  newest(missed: 0 | null): Page {
    return this.#share(`newest ${missed}`, () => {
      const { head } = this.#log;
      return this.#make(lastFitting(this.#newest(head), this.#maxBytes), head, missed);
    });
  }

  #share(name: string, make: () => Page): Page {
    let page = this.#shared.get(name);
    if (!page) {
      page = make();
      if (this.#shared.size === MAX_SHARED) this.#shared.clear();
      this.#shared.set(name, page);
    }
    return page;
  }

  #make(messages: readonly Entry[], cursor: number, missed: number | null): Page {
    const { head } = this.#log;
    const more = cursor < head;
    const frame = encode({ type: 'page', replay: messages.length, head, missed, more });
    return { batch: new Batch([frame, ...messages.map(({ payload }) => payload)]), cursor, more };
  }

  #after(cursor: number): readonly Entry[] {
    if (cursor < this.#before) return this.#log.after(cursor, MAX_PAGE_MESSAGES, this.#maxBytes);
    const start = firstAfter(this.#recent, cursor);
    return this.#recent.slice(start, start + MAX_PAGE_MESSAGES);
  }

  #newest(head: number): readonly Entry[] {
    if (this.#recent.length < JOIN_MESSAGES) return this.#log.messagesBefore(head + 1, JOIN_MESSAGES, this.#maxBytes);
    return this.#recent.slice(-JOIN_MESSAGES);
  }

  #trim(): void {
    const maxLength = Math.min(MAX_RECENT_LENGTH, this.#readers.size * RECENT_LENGTH_PER_READER);
    let count = 0;
    for (const { seq, payload } of this.#recent) {
      const fits = this.#recent.length - count <= MAX_RECENT_MESSAGES && this.#recentLength <= maxLength;
      if (fits && seq >= this.#log.oldest) break;
      count += 1;
      this.#recentLength -= payload.length;
      this.#before = seq;
    }
    if (count > 0) this.#recent.splice(0, count);
  }
}

/** Where the first message after `seq` stands, by halving. */
function firstAfter(messages: readonly Entry[], seq: number): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.seq ?? 0) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What fits in so many bytes from the old end, and from the new; one message always does. */
export function firstFitting(messages: readonly Entry[], maxBytes: number): readonly Entry[] {
  return messages.slice(0, countFitting(messages, maxBytes));
}

export function lastFitting(messages: readonly Entry[], maxBytes: number): readonly Entry[] {
  return messages.slice(messages.length - countFitting(messages.toReversed(), maxBytes));
}

function countFitting(messages: readonly Entry[], maxBytes: number): number {
  const length = messages.reduce((sum, { payload }) => sum + payload.length, 0);
  if (length * MAX_UNIT_BYTES <= maxBytes) return messages.length;
  let bytes = 0;
  for (const [index, { payload }] of messages.entries()) {
    bytes += utf8Length(payload);
    if (bytes > maxBytes && index > 0) return index;
  }
  return messages.length;
}
