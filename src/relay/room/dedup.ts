/**
 * Knows which messages a room has received, so that a retried one is stored once. Nothing is kept until the first frame
 * marked `again`. From then on, until there was no retry for some time, every new entry is indexed and every message is
 * looked up, because the first copy of a retried message may arrive after the retry. Older keys are indexed as far as
 * they had to be read.
 */
import type { KnownKey, RoomLog } from '../log/log.ts';
import type { DedupWindow } from './context.ts';
import { type KeyBudget, KeyIndex } from './key-index.ts';

/** The `seq` of a stored entry, or an entry that waits to be committed. */
export type Known<P> = number | P;

/** `unread`: it may be in the log, where older keys have to be read. */
export type Answer<P> = Known<P> | 'new' | 'unread';

/** How far back the first message after a sleep may be looked for because of a retry of a stored message. */
const MAX_RETRIED = 256;

export interface DedupOptions<P> {
  readonly window: DedupWindow;
  readonly keyBudget: KeyBudget;
  /** The entries that are not committed yet. */
  readonly pending: Iterable<P>;
}

/** `P` is an entry that waits to be committed. */
export class Dedup<P extends { readonly key: string }> {
  readonly #log: Pick<RoomLog, 'keysBefore' | 'head' | 'oldest'>;
  readonly #window: DedupWindow;
  readonly #keyBudget: KeyBudget;
  readonly #pending: Iterable<P>;
  /** The pending entries by their keys. */
  readonly #waiting = new Map<string, P>();
  #index: KeyIndex | undefined;

  constructor(log: Pick<RoomLog, 'keysBefore' | 'head' | 'oldest'>, { window, keyBudget, pending }: DedupOptions<P>) {
    this.#log = log;
    this.#window = window;
    this.#keyBudget = keyBudget;
    this.#pending = pending;
    if (window.after() !== undefined) this.#activate();
  }

  /** Whether a message was retried recently, so that every message must be noted and looked up. */
  get active(): boolean {
    return this.#index !== undefined;
  }

  /** The keys of all entries after this `seq` are indexed. */
  get indexedAfter(): number {
    return this.#index?.after ?? this.#log.head;
  }

  /** The `seq` after which the message of a recent retry may be stored. */
  get retriedAfter(): number {
    return this.#window.after() ?? this.#log.head;
  }

  /** A message is being retried. */
  retried(): void {
    this.#window.note(this.#log.head);
    if (!this.#index) this.#activate();
  }

  /**
   * The message of a retry is stored at `seq`. So its first copy has come, but it costs little to know a further one,
   * unless the message is older than most.
   */
  retriedAt(seq: number): void {
    if (this.#log.head - seq < MAX_RETRIED) this.#window.note(seq - 1);
  }

  /** Looks for a message among the entries after a `seq`. */
  find(key: string, after: number): Answer<P> {
    const waiting = this.#waiting.get(key);
    if (waiting) return waiting;
    const seq = this.#index?.find(key, after).find(seq => seq >= this.#log.oldest && this.#isAt(seq, key));
    if (seq !== undefined) return seq;
    return this.isRead(this.indexedAfter, after) ? 'new' : 'unread';
  }

  /** Whether there are no entries after `after` that are not after `read`. */
  isRead(read: number, after: number): boolean {
    return read <= Math.max(after, this.#log.oldest - 1);
  }

  /** An entry was appended while active. */
  appended(entry: P): void {
    this.#waiting.set(entry.key, entry);
  }

  /** An entry was stored while active. */
  stored(key: string, seq: number): void {
    this.#waiting.delete(key);
    this.#index?.append(key, seq);
  }

  /** The commit of an entry failed. */
  failed(key: string): void {
    this.#waiting.delete(key);
  }

  /** Keys were read from the log, newest first. */
  read(keys: readonly KnownKey[], before: number): void {
    if (before === this.indexedAfter + 1) this.#index?.extend(keys);
  }

  /** Drops the entries that are no longer in the log. */
  trim(): void {
    this.#index?.trim(this.#log.oldest);
  }

  /** Stops if there was no retry for some time. To be called regularly. */
  forget(): void {
    if (this.#index && this.#window.after() === undefined) this.close();
  }

  /** Drops everything. */
  close(): void {
    this.#index?.clear();
    this.#index = undefined;
    this.#waiting.clear();
  }

  #activate(): void {
    this.#index = new KeyIndex(this.#log.head, this.#keyBudget);
    for (const entry of this.#pending) this.#waiting.set(entry.key, entry);
  }

  #isAt(seq: number, key: string): boolean {
    const [found] = this.#log.keysBefore(seq + 1, 1);
    return found?.seq === seq && found.key === key;
  }
}
