/**
 * One connection as its room sees it: a cursor in the log that is live (at the head) or behind, a bound on the bytes in
 * its socket, and a count of bad frames. It knows nothing of the content of messages.
 */

import type { Person } from '../../protocol/frames.ts';
import type { Batch } from './batch.ts';
import type { Allowance } from './context.ts';
import type { Dialect } from './dialect.ts';
import type { Page } from './pages.ts';
import type { SendBudget } from './send-budget.ts';

/** A socket as a runtime provides it. After `close` nothing is sent or received. */
export interface Socket {
  /** Bytes that were written and have not left the process; always 0 if the runtime cannot tell. */
  readonly buffered: number;
  /** The total number of bytes that had to wait and have left the process since. */
  readonly flushed: number;
  /** Writes each payload of the batch as a frame, at once. `onFlushed` is called once they have left the process. */
  write(batch: Batch, onFlushed?: () => void): void;
  close(code: number, reason: string): void;
  /** Stops reading from the other end, until `resume`. Has no effect if the runtime cannot. */
  pause(): void;
  resume(): void;
  /** The reader has fallen behind. Absent if the runtime tells when a socket has drained. */
  onBehind?(): void;
  /** The client has read everything up to its last page. Absent if the runtime tells what is queued. */
  onRead?(): void;
}

/** The state of a reader that must survive a sleep of its room. */
export interface ReaderSnapshot {
  readonly openedAt: number;
  readonly person: Person | undefined;
  /** Whether that person has a key; absent in a snapshot of an earlier version. */
  readonly keyed?: boolean;
  readonly live: boolean;
  readonly cursor: number;
  /** Whether it was told that there is more. */
  readonly offered: boolean;
  /** See {@link Reader.ownAfter}; absent in a snapshot of an earlier version. */
  readonly ownAfter?: number;
  /** Bad frames since a time (ms); absent in a snapshot of an earlier version. */
  readonly badFrames?: number;
  readonly badFramesSince?: number;
}

export interface ReaderOptions {
  readonly sendBudget: SendBudget;
  readonly allowance: Allowance;
  /** When its connection was opened (ms). */
  readonly openedAt: number;
}

/** Bad frames in a minute after which a connection is closed. */
const MAX_BAD_FRAMES = 20;
const BAD_FRAMES_WINDOW_MS = 60_000;
/** The most answers that may wait for a page. */
const MAX_AFTER_PAGE = 64;
/** How long a socket may take nothing while bytes wait in it. */
const STUCK_MS = 60_000;

export class Reader {
  readonly dialect: Dialect;
  readonly allowance: Allowance;
  /** When its connection was opened, and when its last frame was received (ms). */
  readonly openedAt: number;
  lastFrameAt: number;
  /** The person at the other end, once known. */
  person: Person | undefined;
  /** Whether that person has a key, and so can come back as the same one. */
  keyed = false;
  /** Every message of its person is stored after this `seq`. */
  ownAfter = 0;
  /** Whether new entries are written to it as soon as they are stored. */
  live = false;
  /** The last seq that was written to it. */
  cursor = 0;
  closed = false;
  /** Whether its person is known to have spoken in the room. */
  spoke = false;
  readonly #socket: Socket;
  readonly #budget: SendBudget;
  #paused = false;
  #held = false;
  /** `awaited`: the log was asked. `leaving`: a page was written. `offered`: it has been flushed, and there is more. */
  #page: 'none' | 'awaited' | 'leaving' | 'offered' = 'none';
  /** Functions to call once the awaited page has been written. */
  #afterPage: (() => void)[] = [];
  #badFrames = 0;
  #badFramesSince = 0;
  /** The socket's `flushed` at the last check, and since when it has not changed although bytes wait (ms). */
  #flushed = 0;
  #stuckSince: number | undefined;

  constructor(socket: Socket, dialect: Dialect, { sendBudget, allowance, openedAt }: ReaderOptions) {
    this.#socket = socket;
    this.#budget = sendBudget;
    this.dialect = dialect;
    this.allowance = allowance;
    this.openedAt = openedAt;
    this.lastFrameAt = openedAt;
  }

  get buffered(): number {
    return this.#socket.buffered;
  }

  /** Whether more bytes wait in its socket than its bound allows. */
  get full(): boolean {
    return this.#socket.buffered > this.#budget.bound;
  }

  /** Whether it was told that there is more, and may ask for it. */
  get mayAskForMore(): boolean {
    return this.#page === 'offered';
  }

  /** The current state, for {@link restore}. */
  get snapshot(): ReaderSnapshot {
    const { openedAt, person, keyed, ownAfter, live, cursor } = this;
    const [offered, badFrames, badFramesSince] = [this.#page === 'offered', this.#badFrames, this.#badFramesSince];
    return { openedAt, person, keyed, ownAfter, live, cursor, offered, badFrames, badFramesSince };
  }

  /** Continues from the state of an earlier reader of the same connection. */
  restore(snapshot: ReaderSnapshot): void {
    const { person, keyed = false, ownAfter = 0, live, cursor, offered, badFrames = 0, badFramesSince = 0 } = snapshot;
    this.person = person;
    this.keyed = keyed;
    this.ownAfter = ownAfter;
    this.live = live;
    this.cursor = cursor;
    this.#page = offered ? 'offered' : 'none';
    this.#badFrames = badFrames;
    this.#badFramesSince = badFramesSince;
  }

  /** Whether it is behind with no page pending, so that it needs one once it can read again. */
  get stalled(): boolean {
    return !this.live && this.#page === 'none' && this.person !== undefined;
  }

  /** Writes a batch for all readers, up to `cursor`: the hot path. To be called only if it is live and not full. */
  deliver(batch: Batch, cursor: number): void {
    this.cursor = cursor;
    this.#socket.write(batch);
  }

  /** Writes an answer to one of its frames. If the client stops reading answers, the relay stops reading from it. */
  answer(batch: Batch): void {
    if (this.closed) return;
    this.#socket.write(batch);
    if (this.#paused || !this.full) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** The log was asked for a page and has not answered yet: until then no other page is due, and it may not ask. */
  awaitPage(): void {
    this.live = false;
    this.#page = 'awaited';
  }

  /**
   * Runs a function now, or once the awaited page has been written. Returns false, and runs nothing, if too many
   * functions wait for that page.
   */
  afterPage(run: () => void): boolean {
    if (this.#page !== 'awaited') {
      run();
      return true;
    }
    return this.#afterPage.length < MAX_AFTER_PAGE && this.#afterPage.push(run) > 0;
  }

  /** Writes a page; if there is more, the reader is behind, and may ask for more once the page has been flushed. */
  sendPage({ batch, cursor, more }: Page): void {
    this.cursor = cursor;
    this.live = !more;
    this.#page = more ? 'leaving' : 'none';
    this.#socket.write(
      batch,
      more
        ? () => {
            if (this.#page === 'leaving') this.#page = 'offered';
          }
        : undefined,
    );
    if (this.#afterPage.length === 0) return;
    for (const run of this.#afterPage.splice(0)) run();
  }

  /** It reads too slowly: it will get the entries after `cursor` from the log. */
  fallBehind(cursor: number): void {
    this.live = false;
    this.cursor = cursor;
    this.#socket.onBehind?.();
  }

  /** It asks for the entries after `after`, and has read everything before them. */
  asked(after: number): void {
    if (after >= this.cursor) this.#socket.onRead?.();
  }

  /** Everything written has left the process. */
  onDrain(): void {
    if (!this.#paused || this.full) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Reads nothing more from it until {@link release}. Returns whether it was read from until now. */
  hold(): boolean {
    if (this.#held) return false;
    this.#held = true;
    this.#socket.pause();
    return true;
  }

  release(): void {
    this.#held = false;
    // Nothing more need be read from a connection that is being closed.
    if (!this.closed) this.#socket.resume();
  }

  /** Checks its socket; true if bytes wait and none was flushed for a minute. To be called regularly. */
  isStuck(now: number): boolean {
    const { buffered, flushed: drained } = this.#socket;
    if (buffered === 0) this.#stuckSince = undefined;
    else if (this.#stuckSince === undefined || drained !== this.#flushed) this.#stuckSince = now;
    this.#flushed = drained;
    return this.#stuckSince !== undefined && now - this.#stuckSince >= STUCK_MS;
  }

  /** Restarts its timeouts, after a time in which nothing could be sent or received. */
  resetIdle(now: number): void {
    this.lastFrameAt = now;
    this.#stuckSince = undefined;
  }

  /** Counts a bad frame; true if there were too many. */
  countBadFrame(now: number): boolean {
    if (Math.abs(now - this.#badFramesSince) > BAD_FRAMES_WINDOW_MS) {
      this.#badFrames = 0;
      this.#badFramesSince = now;
    }
    this.#badFrames += 1;
    return this.#badFrames >= MAX_BAD_FRAMES;
  }

  /** Closes the connection; nothing more is sent or received. */
  close(code: number, reason = ''): void {
    if (this.closed) return;
    this.closed = true;
    this.live = false;
    this.#socket.close(code, reason);
  }
}
