/**
 * Handles the frames of clients: one function per frame type. Each is called with a parsed frame that is within the
 * client's rate.
 */
import type { ClientFrame, Hello, Normal, Person, Refused, Rename } from '../../protocol/frames.ts';
import { PROTOCOL_VERSION } from '../../protocol/frames.ts';
import { CLOSE_FAULT, CLOSE_GARBAGE } from '../../protocol/limits.ts';
import { publicId, randomId } from '../access/identity.ts';
import type { Committer } from '../log/committer.ts';
import { type Entry, keyOf } from '../log/entry.ts';
import type { RoomLog } from '../log/log.ts';
import { type Soon, whenReady } from '../log/soon.ts';
import type { Announcer } from './announcer.ts';
import { Batch } from './batch.ts';
import type { RoomContext } from './context.ts';
import type { Delivery } from './delivery.ts';
import type { Page, Pages } from './pages.ts';
import { type PendingContext, PendingMessage } from './pending-message.ts';
import type { Reader } from './reader.ts';
import { badFrame, batchOf, unavailableMessage, welcomeBatch } from './replies.ts';

/** The parts of a room that its commands work on. */
export interface RoomParts extends PendingContext {
  readonly name: string;
  readonly context: RoomContext;
  readonly committer: Committer;
  readonly log: RoomLog;
  readonly pages: Pages;
  readonly announcer: Announcer;
  readonly delivery: Delivery;
  /** Whether the room slept recently, so that the first copy of a message may arrive after its retry. */
  readonly retriesExpected: boolean;
}

/** Handles any frame but a ping. */
export function handle(room: RoomParts, reader: Reader, frame: Exclude<ClientFrame, { type: 'ping' }>): void {
  switch (frame.type) {
    case 'hello':
      return reader.person ? refuse(room, reader, badFrame(frame)) : hello(room, reader, frame);
    case 'more':
      return more(room, reader, frame.after);
    case 'normal':
      return normal(room, reader, frame);
    case 'rename':
      return rename(room, reader, frame);
    case 'typing':
      return reader.person ? room.announcer.typing(reader, reader.person) : refuse(room, reader, badFrame(frame));
    default:
      // A frame type without a case does not compile.
      frame satisfies never;
  }
}

/** Tells a client that a frame was refused; too many bad frames close its connection. */
export function refuse({ context }: RoomParts, reader: Reader, refused: Refused): void {
  if (!reader.dialect.announces) return context.dropped(refused);
  reader.answer(batchOf(refused));
  if (refused.code === 'bad-frame' && reader.countBadFrame(context.clock.now())) reader.close(CLOSE_GARBAGE);
}

/** Sends a page to a reader that was behind; once it is live again, it is sent the list of people. */
export function catchUp(room: RoomParts, reader: Reader, cursor: number): void {
  sendPage(room, reader, {
    ask: () => room.pages.after(cursor),
    onLive: () => reader.answer(batchOf(room.announcer.everyone())),
  });
}

/** The page to send to a reader, and a function to call once it is live. */
interface PageRequest {
  readonly ask: () => Soon<Page>;
  readonly onLive?: () => void;
}

function sendPage(room: RoomParts, reader: Reader, request: PageRequest): void {
  const page = request.ask();
  if (!(page instanceof Promise)) return arrived(room, reader, { page, ...request });
  reader.awaitPage();
  page
    .then(page => arrived(room, reader, { page, ...request }))
    .catch(error => {
      room.context.report(error);
      reader.close(CLOSE_FAULT);
    });
}

/** Sends a page that the log has answered, without missing anything that has happened since the log was asked. */
function arrived(room: RoomParts, reader: Reader, { page, ...request }: PageRequest & { readonly page: Page }): void {
  if (reader.closed) return;
  if (room.pages.isStale(page)) return sendPage(room, reader, request);
  reader.sendPage(page);
  if (page.more) return;
  // Entries stored since the page was made have already been delivered, to live readers only.
  if (page.cursor < room.log.head) catchUp(room, reader, page.cursor);
  else request.onLive?.();
}

function hello(room: RoomParts, reader: Reader, { user, key, epoch, since }: Hello): void {
  const { context, log, pages, announcer } = room;
  const from = key === undefined ? randomId() : publicId(key, context.sha256);
  reader.keyed = key !== undefined;
  announcer.identify(reader, { from, user });
  const welcome = {
    type: 'welcome',
    v: PROTOCOL_VERSION,
    room: room.name,
    you: from,
    epoch: log.epoch,
    limits: context.limits(),
  } as const;
  reader.answer(welcomeBatch(welcome, announcer.presence));
  const resumes = since !== undefined && epoch !== undefined && log.isEpoch(epoch) && since <= log.head;
  const { announced } = announcer;
  sendPage(room, reader, {
    ask: () => (resumes ? pages.after(since) : pages.newest(since === undefined ? 0 : null)),
    onLive: () => {
      // While it waited for its page it was not live, and so it missed announcements.
      if (announcer.announced !== announced) reader.answer(batchOf(announcer.everyone()));
    },
  });
}

function more(room: RoomParts, reader: Reader, after: number): void {
  if (!reader.mayAskForMore || after > room.log.head) {
    return refuse(room, reader, { type: 'refused', code: 'bad-frame', of: 'more' });
  }
  catchUp(room, reader, after);
}

function normal(room: RoomParts, reader: Reader, frame: Normal): void {
  const sender = reader.dialect.greets ? reader.person : introduce(room, reader, frame);
  if (!sender) return refuse(room, reader, badFrame(frame));
  if (answerKnown(room, reader, frame)) return;
  const { context, committer, log, dedup, delivery, pending } = room;
  const { id, message, user } = frame;
  const at = context.clock.now();
  const person = user === undefined ? sender : { from: sender.from, user };
  const entry = new PendingMessage(room, { id, person, message, at, sender: reader });
  pending.add(entry);
  if (dedup.active) dedup.note(entry.key, entry);
  log.append(entry);
  committer.appended(delivery);
}

/**
 * Answers a message that is already known, before anything else is checked, so that a retry of a stored message is
 * never refused. Returns false if it is new.
 */
export function answerKnown(room: RoomParts, reader: Reader, { id, again }: Normal): boolean {
  const { context, dedup, pending, retriesExpected } = room;
  if (!reader.person) return false;
  if (again) context.dedupWindow?.note();
  if ((again || retriesExpected) && !dedup.active) dedup.activate(pending);
  const known = dedup.active ? dedup.find(keyOf(reader.person.from, id)) : undefined;
  if (known === undefined) return false;
  if (typeof known === 'number') acknowledge(room, reader, { id, seq: known });
  else known.alsoFrom(reader);
  return true;
}

/** Takes the person of a client that sends no hello from its last message. */
function introduce({ announcer }: RoomParts, reader: Reader, { user }: Normal): Person | undefined {
  if (user === undefined || reader.person?.user === user) return reader.person;
  const person = { from: reader.person?.from ?? randomId(), user };
  announcer.identify(reader, person);
  return person;
}

/**
 * Sends the stored message again to a client that retried it, unless the client has not read that far yet. A message
 * that was erased since is refused.
 */
function acknowledge(
  room: RoomParts,
  reader: Reader,
  { id, seq }: { readonly id: string; readonly seq: number },
): void {
  const { context, pages } = room;
  const unavailable = () => refuse(room, reader, unavailableMessage(id));
  const answer = (entry: Entry | undefined) => {
    if (reader.closed) return;
    // It was trimmed meanwhile, so if the client sends it again, it is a new message.
    if (entry?.seq !== seq) return unavailable();
    if (entry.type === 'gone') return refuse(room, reader, { type: 'refused', code: 'gone', of: 'normal', id });
    if (reader.cursor >= seq) reader.answer(new Batch([entry.payload]));
  };
  // The log is read only when the answer can be sent, because the message may be erased meanwhile.
  const waits = reader.afterPage(() => {
    const read = whenReady(pages.entryAt(seq), answer);
    if (!(read instanceof Promise)) return;
    read.catch(error => {
      context.report(error);
      unavailable();
    });
  });
  if (!waits) unavailable();
}

function rename(room: RoomParts, reader: Reader, frame: Rename): void {
  const { person } = reader;
  if (!person) return refuse(room, reader, badFrame(frame));
  if (person.user !== frame.user) room.announcer.identify(reader, { from: person.from, user: frame.user });
}
