/**
 * What a room does with each frame of a client: one function per frame type. Each is called with a frame that was parsed
 * and is within the client's rate.
 */
import type { ClientFrame, Hello, Normal, Person, Refused, Rename } from '../../protocol/frames.ts';
import { PROTOCOL_VERSION } from '../../protocol/frames.ts';
import { CLOSE_GARBAGE } from '../../protocol/limits.ts';
import { publicId, randomId } from '../access/identity.ts';
import type { Committer } from '../log/committer.ts';
import { keyOf } from '../log/entry.ts';
import type { RoomLog } from '../log/log.ts';
import type { Announcer } from './announcer.ts';
import { Batch } from './batch.ts';
import type { RoomContext } from './context.ts';
import type { Delivery } from './delivery.ts';
import type { Pages } from './pages.ts';
import { PendingMessage, type PendingParts } from './pending-message.ts';
import type { Reader } from './reader.ts';
import { badFrame, batchOf, welcomeBatch } from './replies.ts';

/** The parts of a room that its commands work on. */
export interface RoomParts extends PendingParts {
  readonly name: string;
  readonly context: RoomContext;
  readonly committer: Committer;
  readonly log: RoomLog;
  readonly pages: Pages;
  readonly announcer: Announcer;
  readonly delivery: Delivery;
  /** Whether the room slept lately, so that a first sending may follow its retry. */
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
  }
}

/** Tells a client that a frame was not taken; too many bad frames close its connection. */
export function refuse({ context }: RoomParts, reader: Reader, refused: Refused): void {
  if (!reader.dialect.announces) return context.dropped(refused);
  reader.answer(batchOf(refused));
  if (refused.code === 'bad-frame' && reader.countBadFrame(context.clock.now())) reader.close(CLOSE_GARBAGE);
}

/** Sends a page to a reader that was behind; once it is live again, it is told who is here. */
export function catchUp({ pages, announcer }: RoomParts, reader: Reader, cursor: number): void {
  const page = pages.after(cursor);
  reader.sendPage(page);
  if (!page.more) reader.answer(batchOf(announcer.everyone()));
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
  reader.sendPage(resumes ? pages.after(since) : pages.newest(since === undefined ? 0 : null));
}

function more(room: RoomParts, reader: Reader, after: number): void {
  if (!reader.mayAskForMore || after > room.log.head) {
    return refuse(room, reader, { type: 'refused', code: 'bad-frame', of: 'more' });
  }
  catchUp(room, reader, after);
}

function normal(room: RoomParts, reader: Reader, frame: Normal): void {
  const person = reader.dialect.greets ? reader.person : introduce(room, reader, frame);
  if (!person) return refuse(room, reader, badFrame(frame));
  const { context, committer, log, dedup, delivery, pending } = room;
  const { id, message, user, again } = frame;
  if (again) context.dedupWindow?.note();
  if ((again || room.retriesExpected) && !dedup.active) dedup.activate(pending);
  const known = dedup.find(keyOf(person.from, id));
  if (typeof known === 'object') return void known.senders.push(reader);
  if (known !== undefined) return acknowledge(room, reader, known);
  const at = context.clock.now();
  const { from } = person;
  const entry = new PendingMessage(room, { id, from, user: user ?? person.user, message, at, sender: reader });
  pending.add(entry);
  dedup.note(entry.key, entry);
  log.append(entry);
  committer.appended(delivery);
}

/** Without a hello, a client is whoever its last message says. */
function introduce({ announcer }: RoomParts, reader: Reader, { user }: Normal): Person | undefined {
  if (user === undefined || reader.person?.user === user) return reader.person;
  const person = { from: reader.person?.from ?? randomId(), user };
  announcer.identify(reader, person);
  return person;
}

/** Sends the stored message again to a client that retried it, unless the client will read it in its turn. */
function acknowledge({ log }: RoomParts, reader: Reader, seq: number): void {
  if (reader.cursor < seq) return;
  const [message] = log.after(seq - 1, 1);
  if (message) reader.answer(new Batch([message.payload]));
}

function rename(room: RoomParts, reader: Reader, frame: Rename): void {
  const { person } = reader;
  if (!person) return refuse(room, reader, badFrame(frame));
  if (person.user !== frame.user) room.announcer.identify(reader, { from: person.from, user: frame.user });
}
