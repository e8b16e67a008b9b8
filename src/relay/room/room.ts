/**
 * A room: its readers, and the one way through it. What a client says is never passed on; it is appended to the log, and
 * what the log has stored is delivered. A room knows nothing of sockets, runtimes or HTTP.
 */
import type {
  ClientFrame,
  Hello,
  Limits,
  Normal,
  Person,
  Refused,
  RelayFrame,
  Welcome,
} from '../../protocol/frames.ts';
import { encode, PING, PROTOCOL_VERSION } from '../../protocol/frames.ts';
import { parseClientFrame, parseTutorialFrame } from '../../protocol/from-client.ts';
import { CLOSE_GARBAGE, MAX_PAGE_BYTES, MAX_PEOPLE_LISTED } from '../../protocol/limits.ts';
import { publicId, randomId, type Sha256 } from '../access/identity.ts';
import type { Clock } from '../clock.ts';
import type { Entry, Log, LogListener, NewEntry, RoomLog } from '../log/log.ts';
import { Batch } from './batch.ts';
import { DedupIndex } from './dedup.ts';
import { Delivery, type Scheduler } from './delivery.ts';
import { firstFitting, lastFitting, Pages } from './pages.ts';
import { Presence } from './presence.ts';
import type { Reader } from './reader.ts';

/** What a room is given by the relay it belongs to. */
export interface RoomContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly sha256: Sha256;
  /** The limits as a welcome tells them, now. */
  limits(): Limits;
  /** Bytes of messages in one page, at most; one message always fits. */
  readonly pageBytes: number;
  /** Where writing to a large room is to leave others their turn. */
  readonly scheduler: Scheduler | undefined;
  /** Where a room may sleep with its lines open. */
  readonly dedupWindow: DedupWindow | undefined;
  /** Told of a fault of ours that was caught. */
  report(error: unknown): void;
  /** Something was appended: the log is to be committed at the end of this turn of the event loop. */
  commitSoon(): void;
  /** A frame in the tutorial's dialect could not be taken, and there is no way to say so. */
  dropped(refused: Refused): void;
}

/**
 * What a room must remember over a sleep so as to store once what is said twice: that something was said again not long
 * ago, of which a first sending may still come, from a line that was open all the while.
 */
export interface DedupWindow {
  /** Something is said again now. */
  note(): void;
  /** Whether that was so recently that a line from before may still be open. */
  recent(): boolean;
}

/** A draft, and those who must hear if it fails. */
interface RoomDraft extends NewEntry {
  readonly askers: Reader[];
}

const PEOPLE_MS = 1000;
/** In a room too large to name everyone. */
const PEOPLE_COUNT_MS = 5000;
/** At most three a second. */
const TYPING_MS = 334;
/** When a commit failed. */
const RETRY_MS = 1000;

const PONG = new Batch([PING]);

export class Room implements LogListener<RoomDraft> {
  readonly name: string;
  /** The connection set: the upgrade adds, the close removes, deliver loops over it. */
  readonly readers = new Set<Reader>();
  readonly #context: RoomContext;
  readonly #log: RoomLog<RoomDraft>;
  readonly #ids: DedupIndex<RoomDraft>;
  readonly #pages: Pages<RoomDraft>;
  readonly #presence = new Presence();
  readonly #delivery: Delivery;
  readonly #drafts = new Set<RoomDraft>();
  readonly #retriesExpected: boolean;
  #peopleTimer: unknown;
  #peopleAt = 0;
  #typingAt = 0;

  constructor(name: string, context: RoomContext) {
    this.name = name;
    this.#context = context;
    this.#log = context.log.open<RoomDraft>(name, this);
    this.#ids = new DedupIndex(this.#log);
    this.#pages = new Pages(this.#log, this.readers, context.pageBytes);
    this.#delivery = new Delivery(this.readers, context.scheduler, context.report, () => {
      if (this.#drafts.size > 0) context.commitSoon();
    });
    this.#retriesExpected = context.dedupWindow?.recent() ?? false;
  }

  /** Whether nobody is here and nothing is under way, so that it can be let go of. */
  get idle(): boolean {
    return this.readers.size === 0 && this.#drafts.size === 0;
  }

  /** Takes in a reader. One in the tutorial's dialect has nothing to say first and is live at once. */
  join(reader: Reader): void {
    this.readers.add(reader);
    if (reader.dialect !== 'tutorial') return;
    reader.live = true;
    reader.cursor = this.#log.head;
  }

  /** Takes back a reader that was here before the room slept: nobody is told, for nobody has gone. */
  restore(reader: Reader): void {
    this.readers.add(reader);
    // Nothing is on its way while a room sleeps.
    if (reader.live) reader.cursor = this.#log.head;
    if (reader.person) this.#presence.restore(reader.person);
  }

  /** Lets go of a reader whose socket is closed. */
  leave(reader: Reader): void {
    this.readers.delete(reader);
    reader.closed = true;
    reader.live = false;
    if (reader.person) this.#presence.leave(reader.person);
    reader.person = undefined;
    this.#announceSoon();
  }

  /** Lets go of pages that were made for others to share. To be called now and then. */
  forgetPages(): void {
    this.#pages.forget();
  }

  /** Lets go of the room: no timer stays. */
  close(): void {
    this.#context.clock.clearTimeout(this.#peopleTimer);
    this.#peopleTimer = undefined;
  }

  /** Takes a frame from a reader: its text, or `undefined` for a binary one. */
  receive(reader: Reader, text: string | undefined): void {
    if (reader.closed) return;
    const now = this.#context.clock.now();
    reader.lastFrameAt = now;
    if (text === PING) return reader.answer(PONG);
    const frame = this.#parse(reader, text);
    if (frame?.type === 'ping') return reader.answer(PONG);
    if (frame?.type === 'more') return this.#more(reader, frame.after);
    const retryMs = reader.limiter.take(now);
    if (frame === undefined) return;
    if (frame.type === 'refused' && frame.code === 'bad-frame') return this.#refuse(reader, frame);
    if (retryMs > 0) return this.#refuse(reader, tooFast(frame, retryMs));
    if (frame.type === 'refused') return this.#refuse(reader, frame);
    if (reader.dialect === 'tutorial') return this.#sayAtTutorial(reader, frame);
    this.#handle(reader, frame);
  }

  /** Everything written to a reader has left the process: read from it again, and catch it up. */
  onDrain(reader: Reader): void {
    if (reader.closed) return;
    reader.onDrain();
    if (reader.stalled) this.#catchUp(reader, reader.cursor);
  }

  stored(messages: readonly Entry[], drafts: readonly RoomDraft[]): void {
    for (const [index, draft] of drafts.entries()) {
      this.#drafts.delete(draft);
      const message = messages[index];
      if (message) this.#ids.note(draft, message.seq);
    }
    this.#ids.trim();
    this.#pages.note(messages);
    this.#delivery.deliver(messages);
  }

  /** Writes what is still on its way to readers. */
  finish(): void {
    this.#delivery.finish();
  }

  failed(drafts: readonly RoomDraft[]): void {
    for (const draft of drafts) {
      this.#drafts.delete(draft);
      this.#ids.forget(draft);
      const batch = batchOf({ type: 'refused', code: 'unavailable', of: 'normal', id: draft.id, retryMs: RETRY_MS });
      for (const asker of draft.askers) if (asker.dialect === 'v1') asker.answer(batch);
    }
  }

  /** At most `limit` messages of the log, and no more than fit in a page, oldest first, for the HTTP API. */
  history(place: { after: number } | { before: number } | undefined, limit: number): HistoryPage {
    const { epoch, head } = this.#log;
    const stored =
      place && 'after' in place
        ? firstFitting(this.#log.after(place.after, limit, MAX_PAGE_BYTES), MAX_PAGE_BYTES)
        : lastFitting(this.#log.before(place?.before ?? head + 1, limit, MAX_PAGE_BYTES), MAX_PAGE_BYTES);
    return { epoch, head, payloads: stored.map(message => message.payload) };
  }

  #parse(reader: Reader, text: string | undefined): ClientFrame | Refused | undefined {
    if (text === undefined) return { type: 'refused', code: 'bad-frame', of: '' };
    return reader.dialect === 'tutorial' ? parseTutorialFrame(text, randomId) : parseClientFrame(text);
  }

  #handle(reader: Reader, frame: Exclude<ClientFrame, { type: 'ping' | 'more' }>): void {
    const { person } = reader;
    if (frame.type === 'hello') {
      if (person) return this.#refuse(reader, { type: 'refused', code: 'bad-frame', of: 'hello' });
      return this.#hello(reader, frame);
    }
    if (!person) return this.#refuse(reader, badFrame(frame));
    if (frame.type === 'normal') return this.#say(reader, person, frame);
    if (frame.type === 'rename') return this.#rename(reader, { from: person.from, user: frame.user });
    this.#typing(reader, person);
  }

  #hello(reader: Reader, { user, key, epoch, since }: Hello): void {
    const from = key === undefined ? randomId() : publicId(key, this.#context.sha256);
    this.#rename(reader, { from, user });
    const welcome = {
      type: 'welcome',
      v: PROTOCOL_VERSION,
      room: this.name,
      you: from,
      epoch: this.#log.epoch,
      limits: this.#context.limits(),
    } as const;
    reader.answer(new Batch([encodeWelcome(welcome, this.#presence)]));
    const resumes = since !== undefined && epoch === this.#log.epoch && since <= this.#log.head;
    reader.sendPage(resumes ? this.#pages.after(since) : this.#pages.newest(since === undefined ? 0 : null));
  }

  #more(reader: Reader, after: number): void {
    if (!reader.mayAskForMore || after > this.#log.head) {
      return this.#refuse(reader, { type: 'refused', code: 'bad-frame', of: 'more' });
    }
    this.#catchUp(reader, after);
  }

  /** Turns a page for a reader that was behind, and has not heard of who came and went. */
  #catchUp(reader: Reader, cursor: number): void {
    const page = this.#pages.after(cursor);
    reader.sendPage(page);
    if (!page.more) reader.answer(batchOf(this.#everyone()));
  }

  #say(reader: Reader, person: Person, { id, message, user, again }: Normal): void {
    if (again) this.#context.dedupWindow?.note();
    if ((again || this.#retriesExpected) && !this.#ids.active) this.#ids.activate(this.#drafts);
    const known = this.#ids.find({ from: person.from, id });
    if (typeof known === 'object') return void known.askers.push(reader);
    if (known !== undefined && known >= this.#log.oldest) return this.#acknowledge(reader, known);
    const at = this.#context.clock.now();
    const draft = { id, from: person.from, user: user ?? person.user, message, at, askers: [reader] };
    this.#drafts.add(draft);
    this.#ids.note(draft, draft);
    this.#log.append(draft);
    // What cannot go out yet is committed with all that will go out with it.
    if (!this.#delivery.busy) this.#context.commitSoon();
  }

  /** Sends the stored message once more to who asked again, unless it will come in its turn. */
  #acknowledge(reader: Reader, seq: number): void {
    if (reader.cursor < seq) return;
    const [message] = this.#log.after(seq - 1, 1);
    if (message) reader.answer(new Batch([message.payload]));
  }

  /** The tutorial's clients have no hello: who they are is what they last called themselves. */
  #sayAtTutorial(reader: Reader, frame: ClientFrame): void {
    if (frame.type !== 'normal' || frame.user === undefined) return;
    const person = { from: reader.person?.from ?? randomId(), user: frame.user };
    this.#rename(reader, person);
    this.#say(reader, person, frame);
  }

  #rename(reader: Reader, person: Person): void {
    if (reader.person?.user === person.user) return;
    if (reader.person) this.#presence.leave(reader.person);
    reader.person = person;
    this.#presence.join(person);
    this.#announceSoon();
  }

  #typing(reader: Reader, person: Person): void {
    const now = this.#context.clock.now();
    if (this.#presence.count > MAX_PEOPLE_LISTED || Math.abs(now - this.#typingAt) < TYPING_MS) return;
    this.#typingAt = now;
    this.#sendToLive(batchOf({ type: 'typing', ...person }), reader);
  }

  /** Tells who came and went, at most once a second however many they are. */
  #announceSoon(): void {
    if (this.#peopleTimer !== undefined || !this.#presence.changed || this.readers.size === 0) return;
    const { clock } = this.#context;
    const interval = this.#presence.count > MAX_PEOPLE_LISTED ? PEOPLE_COUNT_MS : PEOPLE_MS;
    const wait = Math.min(interval, Math.max(0, this.#peopleAt + interval - clock.now()));
    this.#peopleTimer = clock.setTimeout(() => {
      this.#peopleTimer = undefined;
      this.#peopleAt = clock.now();
      if (this.#presence.changed) this.#sendToLive(batchOf(this.#presence.changes()));
    }, wait);
  }

  #everyone(): RelayFrame {
    return { type: 'people', count: this.#presence.count, list: this.#presence.list() };
  }

  /** Tells the clients of version 1 that are live what is fleeting; a full one gets the presence afresh later. */
  #sendToLive(batch: Batch, but?: Reader): void {
    for (const reader of this.readers) {
      if (!reader.live || reader.dialect === 'tutorial' || reader === but) continue;
      if (reader.full) reader.fallBehind(reader.cursor);
      else reader.deliver(batch, reader.cursor);
    }
  }

  #refuse(reader: Reader, refused: Refused): void {
    if (reader.dialect === 'tutorial') return this.#context.dropped(refused);
    reader.answer(batchOf(refused));
    if (refused.code === 'bad-frame' && reader.countBadFrame(this.#context.clock.now())) reader.close(CLOSE_GARBAGE);
  }
}

/** A page of the HTTP API: `payloads` are encoded `normal` frames. */
export interface HistoryPage {
  readonly epoch: string;
  readonly head: number;
  readonly payloads: readonly string[];
}

/** Encodes a welcome around a list of people that is JSON already. */
function encodeWelcome(welcome: Omit<Welcome, 'people'>, { count, listJson }: Presence): string {
  return `${JSON.stringify(welcome).slice(0, -1)},"people":{"count":${count},"list":${listJson}}}`;
}

function batchOf(frame: RelayFrame): Batch {
  return new Batch([encode(frame)]);
}

function badFrame(frame: ClientFrame): Refused {
  const { type } = frame;
  if (type === 'normal') return { type: 'refused', code: 'bad-frame', of: type, id: frame.id };
  return { type: 'refused', code: 'bad-frame', of: type };
}

function tooFast(frame: ClientFrame | Refused, retryMs: number): Refused {
  const of = frame.type === 'refused' ? frame.of : frame.type;
  const id = 'id' in frame ? frame.id : undefined;
  return { type: 'refused', code: 'too-fast', of, ...(id !== undefined && { id }), retryMs };
}
