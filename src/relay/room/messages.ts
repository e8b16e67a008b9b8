/** Handles the messages of clients: a new one is appended to the log, and one that is stored already is answered. */
import type { Normal, Person } from '../../protocol/frames.ts';
import { randomId } from '../access/identity.ts';
import { type Entry, keyOf } from '../log/entry.ts';
import { whenReady } from '../log/soon.ts';
import { Batch } from './batch.ts';
import type { FrameRefusal } from './context.ts';
import type { Arrival, Settled } from './lookups.ts';
import { type RoomParts, refuse } from './parts.ts';
import { PendingMessage } from './pending-message.ts';
import type { Reader } from './reader.ts';
import { badFrame, refusedFrame, unavailableMessage } from './replies.ts';

/** Handles a message that is within its client's rate. */
export function normal(room: RoomParts, reader: Reader, frame: Normal): void {
  const sender = reader.dialect.greets ? reader.person : introduce(room, reader, frame);
  if (!sender) return refuse(room, reader, badFrame(frame));
  const { user } = frame;
  const person = user === undefined ? sender : { from: sender.from, user };
  if (frame.again || room.dedup.active) return lookUp(room, reader, { frame, person, refusal: undefined });
  append(room, reader, frame, person);
}

/**
 * Handles a message over its client's rate. If it is known it is answered all the same, so that a retry of a stored
 * message is never refused.
 */
export function normalOverRate(room: RoomParts, reader: Reader, frame: Normal, refusal: FrameRefusal): void {
  const { person } = reader;
  if (person && (frame.again || room.dedup.active)) return lookUp(room, reader, { frame, person, refusal });
  refuse(room, reader, refusedFrame(frame, refusal));
}

/** Calls {@link settle} once it is known whether a message is stored already, and within this call if possible. */
function lookUp(
  room: RoomParts,
  reader: Reader,
  { frame, person, refusal }: Pick<Arrival, 'frame' | 'person' | 'refusal'>,
): void {
  const { dedup, lookups } = room;
  if (frame.again) dedup.retried();
  const after = Math.max(reader.ownAfter, frame.again ? 0 : dedup.retriedAfter);
  const key = keyOf(person.from, frame.id);
  if (!lookups.take({ reader, key, after, frame, person, refusal })) {
    refuse(room, reader, unavailableMessage(frame.id));
  }
}

/** Answers a message if it is known, before anything else is checked, and otherwise refuses or appends it. */
export function settle(room: RoomParts, { reader, frame, person, refusal }: Arrival, known: Settled): void {
  if (typeof known === 'number') {
    if (frame.again) room.dedup.retriedAt(known);
    return acknowledge(room, reader, { id: frame.id, seq: known });
  }
  if (known !== 'new') known.alsoFrom(reader);
  else if (refusal) refuse(room, reader, refusedFrame(frame, refusal));
  else append(room, reader, frame, person);
}

function append(room: RoomParts, reader: Reader, frame: Normal, person: Person): void {
  const { context, committer, log, dedup, delivery, newcomers, pending } = room;
  const { id, message } = frame;
  const at = context.clock.date();
  const { allowance } = reader;
  const isFirst = log.head === 0 && pending.size === 0;
  const refusal =
    allowance.takeMessage(newcomers.includes(reader)) ?? allowance.store(context.clock.now(), message, isFirst);
  if (refusal) return refuse(room, reader, refusedFrame(frame, refusal));
  newcomers.remove(reader);
  const entry = new PendingMessage(room, { id, person, message, at, sender: reader });
  pending.add(entry);
  if (dedup.active) dedup.appended(entry);
  log.append(entry);
  committer.appended(delivery);
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
    // Where the runtime cannot stop reading from a client, what it does not read must not grow by its own retries.
    if (reader.full) return unavailable();
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
