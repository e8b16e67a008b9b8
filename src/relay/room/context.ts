/** What a room gets from its relay, and what it hands back. */
import type { Limits, Refused } from '../../protocol/frames.ts';
import type { Sha256 } from '../access/identity.ts';
import type { Clock } from '../clock.ts';
import type { Committer } from '../log/committer.ts';
import type { Log } from '../log/log.ts';
import type { Scheduler } from '../scheduler.ts';

/** What a room gets from the relay it belongs to. */
export interface RoomContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly committer: Committer;
  readonly sha256: Sha256;
  /** The limits as a welcome tells them, now. */
  limits(): Limits;
  /** Bytes of messages in one page, at most; one message always fits. */
  readonly pageBytes: number;
  /** Set where writing to a large room leaves other rooms their turn. */
  readonly scheduler: Scheduler | undefined;
  /** Set where a room may sleep with its connections open. */
  readonly dedupWindow: DedupWindow | undefined;
  /** Reports a fault of ours that was caught. */
  report(error: unknown): void;
  /** Counts a frame that was not taken from a client that cannot be told. */
  dropped(refused: Refused): void;
}

/**
 * What a room must remember over a sleep so as to store a retried message once: that something was retried not long ago,
 * whose first sending may still arrive over a connection that was open all the while.
 */
export interface DedupWindow {
  /** Something is retried now. */
  note(): void;
  /** Whether that was so recently that a connection from before may still be open. */
  recent(): boolean;
}

/** What a room asks before it acts on a frame of a connection. It is all that a room knows of rates and permissions. */
export interface Allowance {
  /** Takes one frame at `now` (ms): `undefined` if it is allowed, which costs no allocation. */
  take(now: number): FrameRefusal | undefined;
}

/** Why a frame is not allowed, as its sender is told. */
export type FrameRefusal = Pick<Refused, 'code' | 'retryMs'>;

/** Which messages a page of the HTTP API holds: the oldest after a `seq`, or the newest before one. */
export type HistoryPosition = { readonly after: number } | { readonly before: number };

/** A page of the HTTP API: `payloads` are encoded `normal` frames. */
export interface HistoryPage {
  readonly epoch: string;
  readonly head: number;
  readonly payloads: readonly string[];
}
