/** One connection on Workers: a WebSocket, the relay's connection, and the attachment that is stored with the socket. */
import { CLOSE_TOO_BIG, MAX_FRAME_BYTES } from '../../../protocol/limits.ts';
import type { ConnectRequest } from '../../access/gate.ts';
import type { Connection } from '../../connection.ts';
import type { Relay } from '../../relay.ts';
import { BINARY } from '../../room/batch.ts';
import { DIALECTS } from '../../room/dialect.ts';
import { utf8Length } from '../../utf8.ts';
import { type Attachment, type HibernatingSocket, isSameReader } from './attachment.ts';
import type { ReadBudget } from './read-budget.ts';
import { WorkersSocket, type WorkersSocketListener } from './socket.ts';

/** The parts of a room's object that its connections share. */
export interface ConnectionContext {
  readonly relay: Relay;
  readonly budget: ReadBudget;
  /** The time in milliseconds since 1970. */
  now(): number;
  /** Runs a function after everything that is running now. */
  defer(run: () => void): void;
  /** The relay has closed a connection, or has found it dead. */
  ended(connection: SocketConnection): void;
}

export interface SocketConnectionOptions {
  readonly attachment: Attachment;
  /** Whether the socket was open before the room slept. */
  readonly slept: boolean;
}

/** A time is stored again when it is this much older (ms). */
const STORE_MS = 60_000;
/** What is unread is stored again when it has grown by this part of its bound. */
const STORE_PART = 1 / 64;

const DECODER = new TextDecoder();

export class SocketConnection implements WorkersSocketListener {
  readonly #ws: HibernatingSocket;
  readonly #context: ConnectionContext;
  readonly #connection: Connection;
  readonly #socket: WorkersSocket;
  #attachment: Attachment;
  #lastFrameAt: number;

  /** Hands a socket to the relay, which may refuse it. */
  constructor(ws: HibernatingSocket, context: ConnectionContext, { attachment, slept }: SocketConnectionOptions) {
    const { relay, budget } = context;
    const { room, address, snapshot, end, lastFrameAt = snapshot?.openedAt, unread = 0 } = attachment;
    const dialect = DIALECTS[attachment.dialect];
    const request: ConnectRequest = { room, dialect, address };
    const socket = new WorkersSocket(ws, {
      binary: dialect.opcode === BINARY,
      asksForMore: dialect.catchesUp,
      bound: () => budget.bound,
      // What was written and not stored any more.
      unread: slept ? unread + budget.bound * STORE_PART : 0,
    });
    this.#ws = ws;
    this.#context = context;
    this.#attachment = attachment;
    this.#lastFrameAt = lastFrameAt ?? context.now();
    this.#connection = slept
      ? relay.restore(socket, request, end ? undefined : snapshot)
      : relay.connect(socket, request);
    this.#socket = socket;
    socket.listener = this;
    if (!slept) this.remember();
    if (socket.ended) this.onEnd(end?.lost ?? false);
    else if (slept) socket.check();
  }

  /** Whether it waits for its client's hello. */
  get awaitsHello(): boolean {
    const { dialect, snapshot } = this.#attachment;
    return !this.ended && DIALECTS[dialect].greets && snapshot?.person === undefined;
  }

  /** Whether the relay has closed it or found it dead. Its socket may still be there. */
  get ended(): boolean {
    return this.#socket.ended;
  }

  /** Since when its client may not have learned that it has ended (ms since 1970). */
  get lostSince(): number | undefined {
    const { end } = this.#attachment;
    return end?.lost ? end.at : undefined;
  }

  /** When a frame was last received (ms since 1970), without pings that the runtime has answered. */
  get lastFrameAt(): number {
    return this.#lastFrameAt;
  }

  /** Since when its reader has been behind at the same place (ms since 1970). */
  get behindSince(): number | undefined {
    return this.#attachment.behindSince;
  }

  /** Handles a frame. Throws if there is a bug of ours. */
  onMessage(data: string | ArrayBuffer): void {
    this.#socket.check();
    if (this.ended) return;
    this.#lastFrameAt = this.#context.now();
    const bytes = typeof data === 'string' ? utf8Length(data) : data.byteLength;
    if (bytes > MAX_FRAME_BYTES) return this.close(CLOSE_TOO_BIG);
    this.#connection.onMessage(typeof data === 'string' ? data : this.#decode(data));
    if (!this.ended) this.remember();
  }

  /** The socket is closed. To be called once. */
  onClose(): void {
    this.#connection.onClose();
  }

  close(code: number): void {
    this.#socket.close(code, '');
  }

  onEnd(lost: boolean): void {
    const end = this.#attachment.end ?? { at: this.#context.now(), lost };
    this.#attachment = { ...this.#attachment, end };
    this.#store();
    this.#connection.onEnd();
    this.#context.ended(this);
  }

  onWritten(page: boolean): void {
    const grown = this.#socket.unread - (this.#attachment.unread ?? 0);
    if (page || grown >= this.#context.budget.bound * STORE_PART) this.remember();
  }

  onBehind(): void {
    this.#context.defer(() => this.#connection.onDrain());
  }

  /** Stores the state with the socket, if it has changed enough. */
  remember(): void {
    const { snapshot: known, lastFrameAt = 0, unread = 0, behindSince } = this.#attachment;
    const snapshot = this.#connection.snapshot();
    const isSame = isSameReader(snapshot, known);
    const isRecent = this.#lastFrameAt - lastFrameAt < STORE_MS;
    const step = this.#context.budget.bound * STORE_PART;
    if (isSame && isRecent && Math.abs(this.#socket.unread - unread) < step) return;
    const stays = known && snapshot && !known.live && known.cursor === snapshot.cursor;
    this.#attachment = {
      ...this.#attachment,
      snapshot,
      lastFrameAt: this.#lastFrameAt,
      unread: this.#socket.unread,
      behindSince: snapshot?.live ? undefined : stays ? behindSince : this.#context.now(),
    };
    this.#store();
  }

  #store(): void {
    this.#ws.serializeAttachment(this.#attachment);
  }

  #decode(data: ArrayBuffer): string | undefined {
    return DIALECTS[this.#attachment.dialect].takesBinary ? DECODER.decode(data) : undefined;
  }
}
