/**
 * A reader's socket on Workers. The platform does not say how much is queued in a socket, so this counts the bytes
 * written since the client last showed that it reads: it asked for the rest of the log after a page. A ping shows
 * nothing, because the platform answers it without the object, and because only the client's uplink carries it.
 *
 * The platform can also stop sending without an error: what is written is dropped, and so is a close, while pings are
 * still answered (workerd, `pendingAutoResponseDeque`). Then `readyState` is no longer OPEN, and the socket is dead.
 */
import { CLOSE_BUSY, CLOSE_FAULT, REASON_SLOW } from '../../../protocol/limits.ts';
import type { Batch } from '../../room/batch.ts';
import type { Socket } from '../../room/reader.ts';

/** A client that leaves this many times its bound unread is closed as too slow. */
const CLOSE_FACTOR = 4;
/** The same for a client that cannot show that it reads. It reconnects, so that what it has not read is bounded. */
const CLOSE_FACTOR_UNSEEN = 16;
/** It is never closed for less, which is a few pages. */
const MIN_CLOSE_BYTES = 131_072;
/** `WebSocket.OPEN` (websockets.spec.whatwg.org, "ready state"). */
const OPEN = 1;

const ENCODER = new TextEncoder();

/** The parts of a WebSocket that this needs. */
export interface SendingSocket {
  readonly readyState: number;
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
}

export interface WorkersSocketOptions {
  /** Whether frames are sent as binary. */
  readonly binary: boolean;
  /** Whether the client asks for the rest of the log after a page, and so shows that it reads. */
  readonly asksForMore: boolean;
  /** Bytes that may be written now after the last sign that the client reads. */
  readonly bound: () => number;
  /** Bytes that were written before this object woke, after the last such sign. */
  readonly unread: number;
}

/** Is told what happens to a socket. */
export interface WorkersSocketListener {
  /**
   * The relay has closed the socket, or has found it dead. Called once. If the client may not learn it, because the
   * close may be dropped too, it is `lost`.
   */
  onEnd(lost: boolean): void;
  /** Bytes were written. A page may have changed the state of its reader. */
  onWritten(page: boolean): void;
  /** Its reader has fallen behind, and needs a page. */
  onBehind(): void;
}

export class WorkersSocket implements Socket {
  readonly flushed = 0;
  listener: WorkersSocketListener | undefined;
  /** Whether the socket was closed by the relay or found dead. */
  ended = false;
  readonly #ws: SendingSocket;
  readonly #binary: boolean;
  readonly #asksForMore: boolean;
  readonly #bound: () => number;
  #unread: number;
  /** Bytes written after the last page that was not the end of the log. */
  #afterPage = 0;

  constructor(ws: SendingSocket, { binary, asksForMore, bound, unread }: WorkersSocketOptions) {
    this.#ws = ws;
    this.#binary = binary;
    this.#asksForMore = asksForMore;
    this.#bound = bound;
    this.#unread = unread;
  }

  /** Bytes written since the client last showed that it reads. */
  get unread(): number {
    return this.#unread;
  }

  get buffered(): number {
    return this.#asksForMore ? this.#unread : 0;
  }

  write(batch: Batch, onFlushed?: () => void): void {
    if (this.ended) return;
    this.#unread += batch.bytes;
    this.#afterPage = onFlushed ? 0 : this.#afterPage + batch.bytes;
    const factor = this.#asksForMore ? CLOSE_FACTOR : CLOSE_FACTOR_UNSEEN;
    if (this.#unread > Math.max(MIN_CLOSE_BYTES, factor * this.#bound())) {
      return this.close(CLOSE_BUSY, REASON_SLOW);
    }
    try {
      for (const payload of batch.payloads) this.#ws.send(this.#binary ? ENCODER.encode(payload) : payload);
    } catch {
      // The socket is closing; its close event has not fired yet.
    }
    onFlushed?.();
    this.check();
    if (!this.ended) this.listener?.onWritten(onFlushed !== undefined);
  }

  /** Finds out whether the socket is dead. */
  check(): void {
    if (!this.ended && this.#ws.readyState !== OPEN) this.#end(CLOSE_FAULT, '', true);
  }

  close(code: number, reason: string): void {
    // What waits in the socket of a slow reader waits before the close too.
    if (!this.ended) this.#end(code, reason, reason === REASON_SLOW);
  }

  onBehind(): void {
    this.listener?.onBehind();
  }

  /** The client has read everything up to its last page. */
  onRead(): void {
    this.#unread = this.#afterPage;
  }

  // The platform cannot stop reading from a socket. The rate limit bounds what a client can send.
  pause(): void {}

  resume(): void {}

  #end(code: number, reason: string, lost: boolean): void {
    this.ended = true;
    try {
      this.#ws.close(code, reason);
    } catch {
      // It is closed already, or the code may not be sent (RFC 6455, section 7.4.1).
    }
    this.listener?.onEnd(lost);
  }
}
