/**
 * A room: its readers, and the one way through it. A client's message is never passed on; it is appended to the log, and
 * what the log has stored is delivered. A room knows nothing of sockets, runtimes or HTTP.
 */
import type { ClientFrame, Refused } from '../../protocol/frames.ts';
import { PING } from '../../protocol/frames.ts';
import { MAX_PAGE_BYTES } from '../../protocol/limits.ts';
import type { Clock } from '../clock.ts';
import type { Entry } from '../log/entry.ts';
import type { LogListener } from '../log/log.ts';
import { type Soon, whenReady } from '../log/soon.ts';
import { Announcer } from './announcer.ts';
import { answerKnown, catchUp, handle, type RoomParts, refuse } from './commands.ts';
import type { HistoryPage, HistoryPosition, RoomContext } from './context.ts';
import { DedupIndex } from './dedup.ts';
import { Delivery } from './delivery.ts';
import { firstFitting, lastFitting } from './entry-lists.ts';
import { Pages } from './pages.ts';
import type { Reader } from './reader.ts';
import { PONG, refusedFrame } from './replies.ts';

export class Room implements LogListener {
  readonly name: string;
  /** The connection set: the upgrade adds, the close removes, delivery loops over it. */
  readonly readers = new Set<Reader>();
  readonly #clock: Clock;
  readonly #parts: RoomParts;

  constructor(name: string, context: RoomContext) {
    this.name = name;
    this.#clock = context.clock;
    const { committer, scheduler, report, pageBytes } = context;
    const log = context.log.open(name, this);
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
      dedup: new DedupIndex(log),
      pages: new Pages(log, this.readers, { maxBytes: pageBytes }),
      announcer: new Announcer(this.readers, context.clock),
      delivery,
      pending: new Set(),
      retriesExpected: context.dedupWindow?.recent() ?? false,
    };
  }

  /** Whether nobody is here and nothing is under way, so that it can be evicted. */
  get idle(): boolean {
    return this.readers.size === 0 && this.#parts.pending.size === 0;
  }

  /** Takes in a reader. One that does not say hello is live at once. */
  join(reader: Reader): void {
    this.readers.add(reader);
    if (reader.dialect.greets) return;
    reader.live = true;
    reader.cursor = this.#parts.log.head;
  }

  /** Takes back a reader that was here before the room slept: nobody is told, because nobody has left. */
  restore(reader: Reader): void {
    this.readers.add(reader);
    // Nothing is on its way while a room sleeps.
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

  /** Drops the pages that were made for others to share. To be called now and then. */
  forgetPages(): void {
    this.#parts.pages.forget();
  }

  /** Leaves no timer behind. */
  close(): void {
    this.#parts.announcer.dispose();
  }

  /** Takes a frame from a reader: its text, or `undefined` for a binary one where only text is taken. */
  receive(reader: Reader, text: string | undefined): void {
    if (reader.closed) return;
    const now = this.#clock.now();
    reader.lastFrameAt = now;
    if (text === PING) return reader.answer(PONG);
    const frame = text === undefined ? BINARY_FRAME : reader.dialect.parse(text);
    if (frame?.type === 'ping') return reader.answer(PONG);
    if (frame?.type === 'more') return handle(this.#parts, reader, frame);
    const refusal = reader.allowance.take(now);
    if (frame === undefined) return;
    if (refusal && !isBadFrame(frame)) {
      if (frame.type === 'normal' && answerKnown(this.#parts, reader, frame)) return;
      return refuse(this.#parts, reader, refusedFrame(frame, refusal));
    }
    if (frame.type === 'refused') return refuse(this.#parts, reader, frame);
    handle(this.#parts, reader, frame);
  }

  /** Everything written to a reader has left the process: reads from it again, and catches it up. */
  onDrain(reader: Reader): void {
    if (reader.closed) return;
    reader.onDrain();
    if (reader.stalled) catchUp(this.#parts, reader, reader.cursor);
  }

  stored(entries: readonly Entry[]): void {
    const { dedup, pages, delivery } = this.#parts;
    for (const { seq, origin } of entries) origin?.onStored(seq);
    dedup.trim();
    pages.note(entries);
    delivery.deliver(entries);
  }

  rewritten(entries: readonly Entry[]): void {
    this.#parts.pages.rewrite(entries);
    this.#parts.delivery.rewrite(entries);
  }

  /** Writes what is still on its way to readers. */
  finish(): void {
    this.#parts.delivery.finish();
  }

  /** At most `limit` messages of the log, and no more than fit in a page, oldest first, for the HTTP API. */
  history(position: HistoryPosition | undefined, limit: number): Soon<HistoryPage> {
    const { log, pages } = this.#parts;
    return pages.readUnchanged(() => {
      // The answer is as old as this, whenever it comes.
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

/** A bad frame is told as such, however fast it came, since it is counted as garbage. */
function isBadFrame(frame: ClientFrame | Refused): boolean {
  return frame.type === 'refused' && frame.code === 'bad-frame';
}
