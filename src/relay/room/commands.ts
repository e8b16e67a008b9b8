/**
 * Handles the frames of clients: one function per frame type. Each is called with a parsed frame that is within the
 * client's rate.
 */
import type { ClientFrame, Hello, Rename } from '../../protocol/frames.ts';
import { PROTOCOL_VERSION } from '../../protocol/frames.ts';
import { CLOSE_FAULT, CLOSE_FORBIDDEN } from '../../protocol/limits.ts';
import { publicId, randomId } from '../access/identity.ts';
import { normal } from './messages.ts';
import type { Page, PageName } from './pages.ts';
import { type RoomParts, refuse } from './parts.ts';
import type { Reader } from './reader.ts';
import { badFrame, batchOf, refusedFrame, welcomeBatch } from './replies.ts';

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

/** Sends a page to a reader that was behind; once it is live again, it is sent the list of people. */
export function catchUp(room: RoomParts, reader: Reader, cursor: number): void {
  sendPage(room, reader, {
    // If nobody can tell how much it has read, it must ask for the rest, even if there is none.
    name: { after: cursor, ask: reader.full },
    onLive: () => reader.answer(batchOf(room.announcer.everyone())),
  });
}

/** The page to send to a reader, and a function to call once it is live. */
interface PageRequest {
  readonly name: PageName;
  readonly onLive?: () => void;
}

/** Sends a page at once if others have asked for the same, and otherwise when its turn comes. */
function sendPage(room: RoomParts, reader: Reader, request: PageRequest): void {
  const { context, pages } = room;
  if (pages.isShared(request.name)) return ask(room, reader, request);
  reader.awaitPage();
  let isLater = false;
  context.slices.add(() => {
    try {
      if (!reader.closed) ask(room, reader, request);
    } catch (error) {
      // Within this call, whoever called handles it.
      if (!isLater) throw error;
      failed(room, reader, error);
    }
    return false;
  }, reader.allowance.source);
  isLater = true;
}

function ask(room: RoomParts, reader: Reader, request: PageRequest): void {
  const page = room.pages.get(request.name);
  if (!(page instanceof Promise)) return arrived(room, reader, { page, ...request });
  reader.awaitPage();
  page.then(page => arrived(room, reader, { page, ...request })).catch(error => failed(room, reader, error));
}

/** A bug of ours closes the connection it happened on. */
function failed({ context }: RoomParts, reader: Reader, error: unknown): void {
  context.report(error);
  reader.close(CLOSE_FAULT);
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
  const { context, log, announcer } = room;
  const from = key === undefined ? randomId() : publicId(key, context.sha256);
  if (!reader.allowance.allows(from)) return reader.close(CLOSE_FORBIDDEN);
  reader.keyed = key !== undefined;
  // A person without a key is a new one.
  reader.ownAfter = reader.keyed ? 0 : log.head;
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
  const resumes = since !== undefined && epoch !== undefined && log.isEpoch(epoch) && since <= log.seqFloor;
  const { announced } = announcer;
  sendPage(room, reader, {
    name: resumes ? { after: since } : { newest: since === undefined ? 0 : null },
    onLive: () => {
      // While it waited for its page it was not live, and so it missed announcements.
      if (announcer.announced !== announced) reader.answer(batchOf(announcer.everyone()));
    },
  });
}

function more(room: RoomParts, reader: Reader, after: number): void {
  if (!reader.mayAskForMore || after > room.log.seqFloor) {
    return refuse(room, reader, { type: 'refused', code: 'bad-frame', of: 'more' });
  }
  // Reading on costs nothing. Whoever asks for the same again is counted, and gets nothing while it has not read that.
  if (after >= reader.cursor) reader.allowance.uncount();
  else if (reader.full) return refuse(room, reader, { type: 'refused', code: 'bad-frame', of: 'more' });
  reader.asked(after);
  catchUp(room, reader, after);
}

function rename(room: RoomParts, reader: Reader, frame: Rename): void {
  const { person } = reader;
  if (!person) return refuse(room, reader, badFrame(frame));
  if (person.user === frame.user) return;
  // Everyone reads of it, as of a message.
  const refusal = reader.allowance.takeMessage(false);
  if (refusal) return refuse(room, reader, refusedFrame(frame, refusal));
  room.announcer.identify(reader, { from: person.from, user: frame.user });
}
