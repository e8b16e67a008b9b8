/**
 * One connection as its room sees it: a cursor in the log that is live (at the head) or behind, a bound on what waits in
 * its socket, and the count of its mistakes. It knows nothing of what is said.
 */

import type { Person } from '../../protocol/frames.ts';
import type { Batch } from './batch.ts';
import type { Allowance } from './context.ts';
import type { Dialect } from './dialect.ts';
import type { Page } from './pages.ts';
import type { SendBudget } from './send-budget.ts';

/** A socket as a runtime provides it. After `close` nothing is sent and nothing is heard. */
export interface Socket {
  /** Bytes that were written and have not left the process; always 0 where a runtime cannot tell. */
  readonly buffered: number;
  /** Bytes that had to wait and have left the process since; counts up. */
  readonly flushed: number;
  /** Writes every payload of the batch as a frame, in one go. `onFlushed` is called once they have left the process. */
  write(batch: Batch, onFlushed?: () => void): void;
  close(code: number, reason: string): void;
  /** Stops and goes on reading what the other end sends. */
  pause(): void;
  resume(): void;
}

/** What of a reader must outlive a sleep of its room. */
export interface ReaderSnapshot {
  readonly openedAt: number;
  readonly person: Person | undefined;
  /** Whether that person has a key; absent in what an earlier version kept. */
  readonly keyed?: boolean;
  readonly live: boolean;
  readonly cursor: number;
  /** It was told that there is more. */
  readonly offered: boolean;
}

export interface ReaderOptions {
  readonly sendBudget: SendBudget;
  readonly allowance: Allowance;
  /** When its connection was opened (ms). */
  readonly openedAt: number;
}

/** Bad frames in a minute after which a line is garbage. */
const MAX_BAD_FRAMES = 20;
const BAD_FRAMES_WINDOW_MS = 60_000;
/** Answers that may wait for a page. */
const MAX_AFTER_PAGE = 64;
/** How long what waits may stand still. */
const STUCK_MS = 60_000;

export class Reader {
  readonly dialect: Dialect;
  readonly allowance: Allowance;
  /** When it came, and when something was last heard of it (ms). */
  readonly openedAt: number;
  lastFrameAt: number;
  /** Whose connection this is, once that is known. */
  person: Person | undefined;
  /** Whether that person has a key, and so can come back as the same one. */
  keyed = false;
  /** Whether everything new is to be written to it as it comes. */
  live = false;
  /** The last seq that went out to it. */
  cursor = 0;
  closed = false;
  readonly #socket: Socket;
  readonly #budget: SendBudget;
  #paused = false;
  /** `awaited`: the log was asked. `leaving`: a page is on its way out. `offered`: it has gone, and there is more. */
  #page: 'none' | 'awaited' | 'leaving' | 'offered' = 'none';
  /** What is to be done once the page that is awaited has been written. */
  #afterPage: (() => void)[] = [];
  #badFrames = 0;
  #badFramesSince = 0;
  /** What of its socket had drained when it was last looked at, and since when that has not changed (ms). */
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

  /** Whether more waits in its socket than is its share. */
  get full(): boolean {
    return this.#socket.buffered > this.#budget.bound;
  }

  /** Whether it was told that there is more, and may ask for it. */
  get mayAskForMore(): boolean {
    return this.#page === 'offered';
  }

  /** What it takes to go on with {@link restore} where this reader is now. */
  get snapshot(): ReaderSnapshot {
    const { openedAt, person, keyed, live, cursor } = this;
    return { openedAt, person, keyed, live, cursor, offered: this.#page === 'offered' };
  }

  /** Goes on where another reader of the same line was. */
  restore({ person, keyed = false, live, cursor, offered }: ReaderSnapshot): void {
    this.person = person;
    this.keyed = keyed;
    this.live = live;
    this.cursor = cursor;
    this.#page = offered ? 'offered' : 'none';
  }

  /** Whether it is behind and nobody owes it anything but a page, once it can read again. */
  get stalled(): boolean {
    return !this.live && this.#page === 'none' && this.person !== undefined;
  }

  /** Writes what everyone gets, up to `cursor`: the hot path. Only to be called when it is live and not full. */
  deliver(batch: Batch, cursor: number): void {
    this.cursor = cursor;
    this.#socket.write(batch);
  }

  /** Writes an answer to a frame of its own. Whoever does not read the answers is not read from. */
  answer(batch: Batch): void {
    if (this.closed) return;
    this.#socket.write(batch);
    if (this.#paused || !this.full) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** The log was asked for a page and has not answered yet: until then nothing else is owed, and it may not ask. */
  awaitPage(): void {
    this.live = false;
    this.#page = 'awaited';
  }

  /**
   * Runs something now, or once the page that is awaited has been written. False, and nothing is run, if too much
   * waits for that page already.
   */
  afterPage(run: () => void): boolean {
    if (this.#page !== 'awaited') {
      run();
      return true;
    }
    return this.#afterPage.length < MAX_AFTER_PAGE && this.#afterPage.push(run) > 0;
  }

  /** Writes a page; when there is more it is behind, and may ask once the page has gone. */
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

  /** It reads too slowly: from `cursor` on it will be caught up from the log. */
  fallBehind(cursor: number): void {
    this.live = false;
    this.cursor = cursor;
  }

  /** Everything written has left the process. */
  onDrain(): void {
    if (!this.#paused || this.full) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Looks at whether anything still leaves for it; true when it has taken nothing for a minute. To be called now and then. */
  isStuck(now: number): boolean {
    const { buffered, flushed: drained } = this.#socket;
    if (buffered === 0) this.#stuckSince = undefined;
    else if (this.#stuckSince === undefined || drained !== this.#flushed) this.#stuckSince = now;
    this.#flushed = drained;
    return this.#stuckSince !== undefined && now - this.#stuckSince >= STUCK_MS;
  }

  /** Time has passed in which nothing could be sent or heard. */
  resetIdle(now: number): void {
    this.lastFrameAt = now;
    this.#stuckSince = undefined;
  }

  /** Counts a frame that makes no sense; true when they were too many. */
  countBadFrame(now: number): boolean {
    if (now - this.#badFramesSince > BAD_FRAMES_WINDOW_MS) {
      this.#badFrames = 0;
      this.#badFramesSince = now;
    }
    this.#badFrames += 1;
    return this.#badFrames >= MAX_BAD_FRAMES;
  }

  /** Closes the line; nothing more is sent or heard. */
  close(code: number, reason = ''): void {
    if (this.closed) return;
    this.closed = true;
    this.live = false;
    this.#socket.close(code, reason);
  }
}
