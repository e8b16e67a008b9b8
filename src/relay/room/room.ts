/**
 * A room: its readers, and the one path of a message. A client's message is never passed on directly; it is appended to
 * the log, and the entries that the log has stored are delivered. A room knows nothing of sockets, runtimes or HTTP.
 */
import type { ClientFrame, Refused } from '../../protocol/frames.ts';
import { PING } from '../../protocol/frames.ts';
import { CLOSE_CROWDED, MAX_PAGE_BYTES } from '../../protocol/limits.ts';
import type { Clock } from '../clock.ts';
import type { Entry } from '../log/entry.ts';
import type { LogListener } from '../log/log.ts';
import { type Soon, whenReady } from '../log/soon.ts';
import { Announcer } from './announcer.ts';
import { catchUp, handle } from './commands.ts';
import type { Excess, HistoryPage, HistoryPosition, RoomContext } from './context.ts';
import { Dedup } from './dedup.ts';
import { Delivery } from './delivery.ts';
import { firstFitting, lastFitting } from './entry-lists.ts';
import { Lookups } from './lookups.ts';
import { normalOverRate, settle } from './messages.ts';
import { Newcomers } from './newcomers.ts';
import { Pages } from './pages.ts';
import { type RoomParts, refuse } from './parts.ts';
import type { PendingMessage } from './pending-message.ts';
import { PendingMessages } from './pending-messages.ts';
import type { Reader } from './reader.ts';
import { PONG, refusedFrame, unavailableMessage } from './replies.ts';
import { RetryWindow } from './retry-window.ts';

/** How long the first copy of a retried message may be late: no connection is open, and silent, for longer. */
const LATE_MS = 300_000;

export class Room implements LogListener {
  readonly name: string;
  /** The connection set: an upgrade adds to it, a close removes from it, delivery loops over it. */
  readonly readers = new Set<Reader>();
  readonly #clock: Clock;
  readonly #parts: RoomParts;

  constructor(name: string, context: RoomContext) {
    this.name = name;
    this.#clock = context.clock;
    const { committer, clock, scheduler, slices, keyBudget, report, pageBytes } = context;
    const log = context.log.open(name, this);
    const pending = new PendingMessages<PendingMessage>();
    const window = context.dedupWindow ?? new RetryWindow(clock.now, { windowMs: LATE_MS });
    const dedup = new Dedup(log, { window, keyBudget, pending });
    const delivery: Delivery = new Delivery(this.readers, {
      scheduler,
      report,
      onWritten: () => committer.written(delivery),
    });
    this.#parts = {
      name,
      context,
      committer,
      log,
      dedup,
      lookups: new Lookups(log, dedup, {
        slices,
        report,
        settle: (arrival, known) => settle(this.#parts, arrival, known),
        fail: ({ reader, frame }) => refuse(this.#parts, reader, unavailableMessage(frame.id)),
      }),
      pages: new Pages(log, this.readers, { maxBytes: pageBytes }),
      announcer: new Announcer(this.readers, clock, { report }),
      delivery,
      newcomers: new Newcomers(),
      pending,
    };
  }

  /** Whether it has no readers and no unsettled messages, so that it can be evicted. */
  get idle(): boolean {
    return this.readers.size === 0 && this.#parts.pending.size === 0 && this.#parts.lookups.size === 0;
  }

  /** Adds a reader. One that sends no hello is live at once. */
  join(reader: Reader): void {
    this.readers.add(reader);
    if (reader.dialect.greets) return;
    reader.live = true;
    reader.cursor = this.#parts.log.head;
    reader.ownAfter = reader.cursor;
  }

  /** Adds a reader from before a sleep of the room. It is not announced, because it never left. */
  restore(reader: Reader): void {
    this.readers.add(reader);
    // Nothing was being delivered when the room went to sleep.
    if (reader.live) reader.cursor = this.#parts.log.head;
    if (reader.person) this.#parts.announcer.presence.restore(reader.person);
  }

  /** Removes a reader whose socket is closed. */
  leave(reader: Reader): void {
    this.readers.delete(reader);
    reader.closed = true;
    reader.live = false;
    this.#parts.announcer.identify(reader, undefined);
  }

  /** Drops the shared pages, and what was noted for retries that are too long ago. To be called regularly. */
  forget(): void {
    this.#parts.pages.forget();
    if (this.#parts.lookups.size === 0) this.#parts.dedup.forget();
  }

  /** Cancels the timers, and drops what was noted for retries. */
  close(): void {
    this.#parts.announcer.dispose();
    this.#parts.dedup.close();
  }

  /** Receives a frame of a reader: its text, or `undefined` for a binary frame in a dialect that accepts only text. */
  receive(reader: Reader, text: string | undefined): void {
    if (reader.closed) return;
    const now = this.#clock.now();
    reader.lastFrameAt = now;
    const excess = reader.allowance.count(now, text?.length ?? 0);
    if (excess !== undefined && !this.#restrain(reader, excess)) return;
    if (text === PING) return reader.answer(PONG);
    const frame = text === undefined ? BINARY_FRAME : reader.dialect.parse(text);
    if (frame?.type === 'ping') return reader.answer(PONG);
    if (frame?.type === 'more') return handle(this.#parts, reader, frame);
    const refusal = reader.allowance.take(now, frame?.type === 'normal' && frame.again);
    if (frame === undefined) return;
    if (refusal && !isBadFrame(frame)) {
      if (frame.type === 'normal') return normalOverRate(this.#parts, reader, frame, refusal);
      return refuse(this.#parts, reader, refusedFrame(frame, refusal));
    }
    if (frame.type === 'refused') return refuse(this.#parts, reader, frame);
    handle(this.#parts, reader, frame);
  }

  /** Receives a ping or pong of the WebSocket protocol (RFC 6455, section 5.5), which the runtime answers. */
  receiveControl(reader: Reader): void {
    if (reader.closed) return;
    const now = this.#clock.now();
    reader.lastFrameAt = now;
    const excess = reader.allowance.count(now, 0);
    if (excess === 'close') reader.close(CLOSE_CROWDED);
    else if (excess !== undefined) this.#hold(reader);
  }

  /** Everything written to a reader has left the process: reads from it again, and lets it catch up if it is behind. */
  onDrain(reader: Reader): void {
    if (reader.closed) return;
    reader.onDrain();
    if (reader.stalled) catchUp(this.#parts, reader, reader.cursor);
  }

  /** Does something about a frame over the rates. Returns whether the frame is still to be handled. */
  #restrain(reader: Reader, excess: Excess): boolean {
    if (excess === 'close') {
      reader.close(CLOSE_CROWDED);
      return false;
    }
    this.#hold(reader);
    if (excess === 'pause') return true;
    refuse(this.#parts, reader, { type: 'refused', code: 'too-fast', of: '', retryMs: reader.allowance.waitMs });
    return false;
  }

  /** Reads nothing from a connection until it is within its rates again. */
  #hold(reader: Reader): void {
    if (reader.hold()) this.#clock.setTimeout(() => reader.release(), reader.allowance.waitMs);
  }

  stored(entries: readonly Entry[]): void {
    const { dedup, pages, delivery } = this.#parts;
    for (const { seq, origin } of entries) origin?.onStored(seq);
    if (dedup.active) {
      for (const { seq, origin } of entries) if (origin) dedup.stored(origin.key, seq);
      dedup.trim();
    }
    pages.note(entries);
    delivery.deliver(entries);
  }

  rewritten(entries: readonly Entry[]): void {
    this.#parts.pages.rewrite(entries);
    this.#parts.delivery.rewrite(entries);
  }

  /** Writes everything that is still to be delivered. */
  finish(): void {
    this.#parts.delivery.finish();
  }

  /** At most `limit` messages, and no more than fit in a page, oldest first, for the HTTP API. */
  history(position: HistoryPosition | undefined, limit: number): Soon<HistoryPage> {
    const { log, pages } = this.#parts;
    return pages.readUnchanged(() => {
      // The answer is from this moment, even if it comes later.
      const { epoch, head } = log;
      const found =
        position && 'after' in position
          ? whenReady(log.after(position.after, limit, MAX_PAGE_BYTES, 'messages'), fitFirst)
          : whenReady(log.messagesBefore(position?.before ?? head + 1, limit, MAX_PAGE_BYTES), fitLast);
      return whenReady(found, entries => ({ epoch, head, payloads: entries.map(({ payload }) => payload) }));
    });
  }
}

const fitFirst = (entries: readonly Entry[]) => firstFitting(entries, MAX_PAGE_BYTES);
const fitLast = (entries: readonly Entry[]) => lastFitting(entries, MAX_PAGE_BYTES);

const BINARY_FRAME: Refused = { type: 'refused', code: 'bad-frame', of: '' };

/** A bad frame is always refused as such, even if the rate is exceeded, because bad frames are counted. */
function isBadFrame(frame: ClientFrame | Refused): boolean {
  return frame.type === 'refused' && frame.code === 'bad-frame';
}
