/**
 * The messages that wait until it is known whether the log already has them. Its keys are read in slices, newest first;
 * all messages that wait share what is read. The sources of the messages, such as addresses, take turns with everything
 * else that is read, in whatever rooms they wait. The messages of one client are settled in the order in which they arrived.
 */
import type { Normal, Person } from '../../protocol/frames.ts';
import { CLOSE_FAULT } from '../../protocol/limits.ts';
import type { RoomLog } from '../log/log.ts';
import type { SliceQueue } from '../slice-queue.ts';
import type { FrameRefusal } from './context.ts';
import type { Answer, Dedup } from './dedup.ts';
import type { PendingMessage } from './pending-message.ts';
import type { Reader } from './reader.ts';

/** The most keys read in one slice. */
const MAX_KEYS = 4096;
/** The most messages that may wait in a room, and of one client. */
export const MAX_WAITING = 256;
export const MAX_WAITING_PER_READER = 16;

/** A message that was received, until it is known whether it is stored already. */
export interface Arrival {
  readonly reader: Reader;
  readonly frame: Normal;
  /** Its author, under the name of this message. */
  readonly person: Person;
  /** Why it is refused if it is new. */
  readonly refusal: FrameRefusal | undefined;
  readonly key: string;
  /** It cannot be stored at this `seq` or before. */
  readonly after: number;
}

/** What is known of a message in the end. */
export type Settled = Exclude<Answer<PendingMessage>, 'unread'>;

/** An arrival that waits. It is looked for in the entries after `after`, and not after `from`, which are indexed. */
interface Waiting {
  readonly arrival: Arrival;
  after: number;
  from: number;
  /** It was looked for in the entries after this `seq`; `undefined` while an earlier message of its client waits. */
  read: number | undefined;
  /** Where it was found. */
  seq: number | undefined;
}

export interface LookupsOptions {
  readonly slices: SliceQueue;
  /** Reports a caught bug of ours. */
  readonly report: (error: unknown) => void;
  /** Called with each message and what is known of it. */
  readonly settle: (arrival: Arrival, known: Settled) => void;
  /** Called instead if the log could not be read. */
  readonly fail: (arrival: Arrival) => void;
}

export class Lookups {
  readonly #log: Pick<RoomLog, 'keysBefore' | 'oldest'>;
  readonly #dedup: Dedup<PendingMessage>;
  readonly #slices: SliceQueue;
  readonly #report: (error: unknown) => void;
  readonly #onSettled: (arrival: Arrival, known: Settled) => void;
  readonly #onFailed: (arrival: Arrival) => void;
  #waiting: Waiting[] = [];
  /** How many messages of each reader wait. */
  readonly #counts = new Map<Reader, number>();
  /** The sources whose messages have slices to come. */
  readonly #running = new Set<string>();

  constructor(
    log: Pick<RoomLog, 'keysBefore' | 'oldest'>,
    dedup: Dedup<PendingMessage>,
    { slices, report, settle, fail }: LookupsOptions,
  ) {
    this.#log = log;
    this.#dedup = dedup;
    this.#slices = slices;
    this.#report = report;
    this.#onSettled = settle;
    this.#onFailed = fail;
  }

  /** How many messages wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Settles a message now or later. Returns false, and does nothing, if too many wait. */
  take(arrival: Arrival): boolean {
    const { reader, key, after } = arrival;
    const ahead = this.#counts.get(reader) ?? 0;
    const known = ahead > 0 ? 'unread' : this.#dedup.find(key, after);
    if (known !== 'unread') {
      this.#onSettled(arrival, known);
      return true;
    }
    if (ahead === MAX_WAITING_PER_READER || this.#waiting.length === MAX_WAITING) return false;
    this.#counts.set(reader, ahead + 1);
    const from = this.#dedup.indexedAfter;
    this.#waiting.push({ arrival, after, from, read: ahead > 0 ? undefined : from, seq: undefined });
    const { source } = reader.allowance;
    if (!this.#running.has(source)) {
      this.#running.add(source);
      this.#slices.add(() => this.#step(source), source);
    }
    return true;
  }

  /** One slice for the messages of a source. Returns whether any of them are left. */
  #step(source: string): boolean {
    try {
      this.#read(source);
      this.#settle();
    } catch (error) {
      this.#report(error);
      for (const { arrival } of this.#waiting.splice(0)) this.#guard(arrival, () => this.#onFailed(arrival));
      this.#counts.clear();
    }
    const isLeft = this.#waiting.some(waiting => isFrom(source, waiting));
    if (!isLeft) this.#running.delete(source);
    return isLeft;
  }

  /** Reads the next keys for the oldest message of a source, and looks for all others that want them too. */
  #read(source: string): void {
    const first = this.#waiting.find(waiting => isFrom(source, waiting) && this.#isOpen(waiting));
    if (first?.read === undefined) return;
    const last = first.read;
    const most = Math.min(MAX_KEYS, last - first.after);
    const keys = this.#log.keysBefore(last + 1, most);
    const read = (keys.at(-1)?.seq ?? 1) - 1;
    this.#dedup.read(keys, last + 1);
    const wanted = new Map<string, Waiting[]>();
    for (const waiting of this.#waiting) {
      if (!this.#isOpen(waiting) || waiting.read === undefined || waiting.read > last || waiting.read < read) continue;
      waiting.read = read;
      const { key } = waiting.arrival;
      const same = wanted.get(key);
      if (same) same.push(waiting);
      else wanted.set(key, [waiting]);
    }
    for (const { seq, key } of keys) for (const waiting of wanted.get(key) ?? []) waiting.seq = seq;
  }

  /** Whether a message is being looked for, and not found yet. */
  #isOpen({ after, read, seq }: Waiting): boolean {
    return read !== undefined && seq === undefined && !this.#dedup.isRead(read, after);
  }

  #settle(): void {
    const blocked = new Set<Reader>();
    this.#waiting = this.#waiting.filter(waiting => {
      const { arrival } = waiting;
      const { reader } = arrival;
      const known = blocked.has(reader) ? 'unread' : this.#known(waiting);
      if (known === 'unread') {
        blocked.add(reader);
        return true;
      }
      const count = this.#counts.get(reader) ?? 0;
      if (count > 1) this.#counts.set(reader, count - 1);
      else this.#counts.delete(reader);
      this.#guard(arrival, () => this.#onSettled(arrival, known));
      return false;
    });
  }

  #known(waiting: Waiting): Answer<PendingMessage> {
    if (this.#isOpen(waiting)) return 'unread';
    const { key, after } = waiting.arrival;
    // Another copy may have been stored meanwhile.
    const known = this.#dedup.find(key, after);
    if (known !== 'unread') return known;
    const { indexedAfter } = this.#dedup;
    if (waiting.read !== undefined) {
      // Not all of the keys that were read are indexed.
      if (waiting.seq !== undefined && waiting.seq >= this.#log.oldest) return waiting.seq;
      if (this.#dedup.isRead(indexedAfter, waiting.from)) return 'new';
      // The index was cleared to make place, so another copy may have been stored that it no longer knows.
      waiting.after = waiting.from;
    }
    waiting.from = indexedAfter;
    waiting.read = indexedAfter;
    waiting.seq = undefined;
    return known;
  }

  /** A bug of ours at one reader closes its connection, and does not affect the others. */
  #guard({ reader }: Arrival, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#report(error);
      reader.close(CLOSE_FAULT);
    }
  }
}

function isFrom(source: string, { arrival }: Waiting): boolean {
  return arrival.reader.allowance.source === source;
}
