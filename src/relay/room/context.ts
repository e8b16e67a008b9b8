/** The interfaces between a room and its relay. */
import type { Limits, Refused } from '../../protocol/frames.ts';
import type { Sha256 } from '../access/identity.ts';
import type { Clock } from '../clock.ts';
import type { Committer } from '../log/committer.ts';
import type { Log } from '../log/log.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SliceQueue } from '../slice-queue.ts';
import type { KeyBudget } from './key-index.ts';

/** The parts and functions that a relay gives to its rooms. */
export interface RoomContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly committer: Committer;
  readonly sha256: Sha256;
  /** The current limits, as a welcome contains them. */
  limits(): Limits;
  /** The most bytes of messages in one page now; one message always fits. */
  pageBytes(): number;
  /** Set if delivery to a large room yields to other rooms. */
  readonly scheduler: Scheduler | undefined;
  /** Set if a room may sleep with its connections open. */
  readonly dedupWindow: DedupWindow | undefined;
  /** Reads of the log that clients request, shared fairly over the turns of the event loop. */
  readonly slices: SliceQueue;
  /** Counts what the rooms index for retries. */
  readonly keyBudget: KeyBudget;
  /** Reports a caught bug of ours. */
  report(error: unknown): void;
  /** Counts a refused frame of a client that cannot be told so. */
  dropped(refused: Refused): void;
}

/** Remembers where the messages of recent retries were stored; see retry-window.ts. It may outlast a sleep. */
export interface DedupWindow {
  /** A message is being retried that is stored, or will be, after `seq`. */
  note(seq: number): void;
  /** The `seq` after which the messages of recent retries are stored; `undefined` if there was no recent retry. */
  after(): number | undefined;
}

/** Decides whether a frame of a connection is allowed. It is all that a room knows of rates and permissions. */
export interface Allowance {
  /** What the connection takes turns with others for when much is asked for at once, such as its address. */
  readonly source: string;
  /** After {@link count} returned something, how long nothing more should be read from the connection (ms). */
  readonly waitMs: number;
  /**
   * Counts a frame of so many UTF-16 units at `now` (ms), whatever it holds: `undefined` if it is within the rates,
   * without an allocation. To be called before it is parsed.
   */
  count(now: number, length: number): Excess | undefined;
  /** The last frame counts for nothing after all, because the relay has asked for it. */
  uncount(): void;
  /**
   * Counts one frame that others may have to read, at `now` (ms): `undefined` if it is allowed, without an allocation. A
   * retry may be answered although it is refused here, so it is not held against the client.
   */
  take(now: number, isRetry?: boolean): FrameRefusal | undefined;
  /**
   * Counts one message that is to be stored, from somebody who is new to the room or not, or another frame that everyone
   * has to read as well.
   */
  takeMessage(isNewcomer: boolean): FrameRefusal | undefined;
  /**
   * Decides whether the text of a message may be stored at `now` (ms), and counts it: `undefined` if it may, without an
   * allocation. `isFirst` is whether the room holds nothing yet, so that it comes into being.
   */
  store(now: number, message: string, isFirst: boolean): FrameRefusal | undefined;
  /** Whether the operator's fence allows the connection, and the public id `from` if it is known. */
  allows(from?: string): boolean;
}

/**
 * What to do about a frame over the rates: `pause`, handle it, and then read nothing for a while; `refuse`, do not even
 * parse it, because the pause has no effect; or `close` the connection, because it goes on.
 */
export type Excess = 'pause' | 'refuse' | 'close';

/** The reason why a frame is not allowed, as sent to the client. */
export type FrameRefusal = Pick<Refused, 'code' | 'retryMs'>;

/** Which messages a page of the HTTP API holds: the oldest after a `seq`, or the newest before one. */
export type HistoryPosition = { readonly after: number } | { readonly before: number };

/** A page of the HTTP API: `payloads` are encoded `normal` frames. */
export interface HistoryPage {
  readonly epoch: string;
  readonly head: number;
  readonly payloads: readonly string[];
}
