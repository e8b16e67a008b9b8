/**
 * One connection on Workers: a WebSocket, the relay's connection, and the attachment stored with the socket, from which
 * the connection is restored after its room has slept.
 */
import { CLOSE_FAULT, CLOSE_TOO_BIG, MAX_FRAME_BYTES } from '../../../protocol/limits.ts';
import type { ConnectRequest } from '../../access/gate.ts';
import type { Connection } from '../../connection.ts';
import type { Relay } from '../../relay.ts';
import { BINARY } from '../../room/batch.ts';
import { DIALECTS, type DialectName } from '../../room/dialect.ts';
import type { ReaderSnapshot } from '../../room/reader.ts';
import { utf8Length } from '../../utf8.ts';
import { type SendingSocket, WorkersSocket } from './socket.ts';

/** The data stored with a socket while the room sleeps. The platform allows at most 16,384 bytes. */
export interface Attachment {
  readonly room: string;
  readonly dialect: DialectName;
  readonly address: string;
  /** `undefined` for a connection that was refused. */
  readonly snapshot: ReaderSnapshot | undefined;
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

/** Returns when the runtime last answered a ping from a socket by itself (ms); 0 if never. */
export type PingedAt<S extends HibernatingSocket> = (ws: S) => number;

export interface OpenOptions<S extends HibernatingSocket> extends ConnectRequest {
  readonly pingedAt: PingedAt<S>;
}

const DECODER = new TextDecoder();

/** Hands an open WebSocket to the relay. */
export function openConnection<S extends HibernatingSocket>(
  relay: Relay,
  ws: S,
  { room, dialect, address, pingedAt }: OpenOptions<S>,
): SocketConnection {
  const socket = new WorkersSocket(ws, { binary: dialect.opcode === BINARY, pingedAt: () => pingedAt(ws) });
  const connection = relay.connect(socket, { room, dialect, address });
  const attachment = { room, dialect: dialect.name, address, snapshot: undefined };
  const opened = new SocketConnection(ws, connection, { socket, attachment });
  opened.remember();
  return opened;
}

/**
 * Sorts sockets by the time they were opened, which is the order of the list of people. The runtime does not sort them.
 */
export function inOrder<S extends HibernatingSocket>(sockets: readonly S[]): SleptSocket<S>[] {
  const slept = sockets.map(ws => ({ ws, attachment: ws.deserializeAttachment() }));
  const openedAt = ({ attachment }: SleptSocket<S>) => attachment?.snapshot?.openedAt ?? 0;
  return slept.sort((a, b) => openedAt(a) - openedAt(b));
}

/**
 * Restores a connection after the room has slept. Closes a connection that was refused, because the timer that would
 * have closed it was lost while the room slept.
 */
export function restoreConnection<S extends HibernatingSocket>(
  relay: Relay,
  { ws, attachment }: SleptSocket<S>,
  pingedAt: PingedAt<S>,
): SocketConnection | undefined {
  if (!attachment?.snapshot) return void ws.close(CLOSE_FAULT, '');
  const { room, address, snapshot } = attachment;
  const dialect = DIALECTS[attachment.dialect];
  const socket = new WorkersSocket(ws, { binary: dialect.opcode === BINARY, pingedAt: () => pingedAt(ws) });
  const connection = relay.restore(socket, { room, dialect, address }, snapshot);
  return new SocketConnection(ws, connection, { socket, attachment });
}

interface SocketConnectionOptions {
  readonly socket: WorkersSocket;
  readonly attachment: Attachment;
}

export class SocketConnection {
  readonly #ws: HibernatingSocket;
  readonly #connection: Connection;
  readonly #socket: WorkersSocket;
  #attachment: Attachment;

  constructor(ws: HibernatingSocket, connection: Connection, { socket, attachment }: SocketConnectionOptions) {
    this.#ws = ws;
    this.#connection = connection;
    this.#socket = socket;
    this.#attachment = attachment;
  }

  /** Whether the client has said hello. */
  get saidHello(): boolean {
    return this.#attachment.snapshot?.person !== undefined;
  }

  /** When a frame was last received (ms), including pings that the runtime has answered. */
  get lastFrameAt(): number {
    return Math.max(this.#attachment.snapshot?.openedAt ?? 0, this.#socket.lastFrameAt);
  }

  /** Handles a frame. Throws if there is a bug of ours. */
  onMessage(data: string | ArrayBuffer): void {
    this.#socket.onMessage(Date.now());
    const bytes = typeof data === 'string' ? utf8Length(data) : data.byteLength;
    if (bytes > MAX_FRAME_BYTES) return this.close(CLOSE_TOO_BIG);
    this.#connection.onMessage(typeof data === 'string' ? data : this.#decode(data));
    this.remember();
  }

  /** The socket is closed. To be called once. */
  onClose(): void {
    this.#connection.onClose();
  }

  close(code: number): void {
    this.#socket.close(code, '');
  }

  /** Stores the reader's state with the socket, if it has changed. */
  remember(): void {
    const snapshot = this.#connection.snapshot();
    const known = this.#attachment.snapshot;
    if (snapshot && known && isSame(snapshot, known)) return;
    this.#attachment = { ...this.#attachment, snapshot };
    this.#ws.serializeAttachment(this.#attachment);
  }

  #decode(data: ArrayBuffer): string | undefined {
    return DIALECTS[this.#attachment.dialect].takesBinary ? DECODER.decode(data) : undefined;
  }
}

/** Compares two snapshots. The cursor of a live reader does not matter. */
function isSame(a: ReaderSnapshot, b: ReaderSnapshot): boolean {
  const sameName = a.person?.from === b.person?.from && a.person?.user === b.person?.user;
  return sameName && a.live === b.live && a.offered === b.offered && (a.live || a.cursor === b.cursor);
}
