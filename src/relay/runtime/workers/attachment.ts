/** The data that is stored with a socket, from which its connection is restored after the room has slept. */
import type { DialectName } from '../../room/dialect.ts';
import type { ReaderSnapshot } from '../../room/reader.ts';
import type { SendingSocket } from './socket.ts';

/** The platform allows at most 16,384 bytes. Times are in milliseconds since 1970. */
export interface Attachment {
  readonly room: string;
  readonly dialect: DialectName;
  readonly address: string;
  /** `undefined` for a connection that was refused. */
  readonly snapshot: ReaderSnapshot | undefined;
  /** When a frame was last received, as far as it is stored; absent in one of an earlier version. */
  readonly lastFrameAt?: number;
  /** Bytes written since the client last showed that it reads, as far as they are stored. */
  readonly unread?: number;
  /** Since when the reader has been behind at the same place. */
  readonly behindSince?: number | undefined;
  /** Present once the relay has closed the socket or found it dead: it is never taken back. */
  readonly end?: ConnectionEnd;
}

export interface ConnectionEnd {
  readonly at: number;
  /** Whether the client may not have learned it. */
  readonly lost: boolean;
}

/** The parts of a Durable Object's WebSocket that a connection needs. */
export interface HibernatingSocket extends SendingSocket {
  serializeAttachment(attachment: Attachment): void;
  deserializeAttachment(): Attachment | null;
}

/** A socket that was open while the room slept. */
export interface SleptSocket<S extends HibernatingSocket> {
  readonly ws: S;
  readonly attachment: Attachment | null;
}

/**
 * Sorts sockets by the time they were opened, which is the order of the list of people. The runtime does not sort them.
 */
export function inOrder<S extends HibernatingSocket>(sockets: readonly S[]): SleptSocket<S>[] {
  const slept = sockets.map(ws => ({ ws, attachment: ws.deserializeAttachment() }));
  const openedAt = ({ attachment }: SleptSocket<S>) => attachment?.snapshot?.openedAt ?? 0;
  return slept.sort((a, b) => openedAt(a) - openedAt(b));
}

/** Compares two states of a reader. The cursor of a live reader does not matter: it is at the head. */
export function isSameReader(a: ReaderSnapshot | undefined, b: ReaderSnapshot | undefined): boolean {
  if (!a || !b) return a === b;
  const sameName = a.person?.from === b.person?.from && a.person?.user === b.person?.user;
  const samePlace = a.live === b.live && a.offered === b.offered && (a.live || a.cursor === b.cursor);
  return sameName && samePlace && a.badFrames === b.badFrames;
}
