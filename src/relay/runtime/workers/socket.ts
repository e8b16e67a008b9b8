/**
 * A reader's socket on Workers. The platform does not tell how much waits in a socket, so this counts what was written
 * since something was last received. A reader that takes too much without a sign of life is closed as too slow; it resumes.
 */
import { CLOSE_BUSY, REASON_SLOW } from '../../../protocol/limits.ts';
import type { Batch } from '../../room/batch.ts';
import type { Socket } from '../../room/reader.ts';

/** Bytes that may be written to a reader since something was last received from it. */
export const MAX_UNHEARD_BYTES = 1_048_576;

const ENCODER = new TextEncoder();

/** The part of a WebSocket that this needs. */
export interface SendingSocket {
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
}

export interface WorkersSocketOptions {
  /** Whether frames are sent as binary ones. */
  readonly binary: boolean;
  /** When the runtime last answered a ping of this socket by itself (ms); 0 for never. */
  readonly pingedAt: () => number;
}

export class WorkersSocket implements Socket {
  readonly buffered = 0;
  readonly flushed = 0;
  readonly #ws: SendingSocket;
  readonly #binary: boolean;
  readonly #pingedAt: () => number;
  #unheard = 0;
  #lastFrameAt = 0;

  constructor(ws: SendingSocket, { binary, pingedAt }: WorkersSocketOptions) {
    this.#ws = ws;
    this.#binary = binary;
    this.#pingedAt = pingedAt;
  }

  /** When something was last received (ms), pings that the runtime has answered included. */
  get lastFrameAt(): number {
    return Math.max(this.#lastFrameAt, this.#pingedAt());
  }

  /** Something was received at `now` (ms). */
  onMessage(now: number): void {
    this.#lastFrameAt = now;
    this.#unheard = 0;
  }

  write(batch: Batch, onFlushed?: () => void): void {
    this.#unheard += batch.bytes;
    if (this.#unheard > MAX_UNHEARD_BYTES) {
      if (this.lastFrameAt === this.#lastFrameAt) return this.close(CLOSE_BUSY, REASON_SLOW);
      this.#lastFrameAt = this.lastFrameAt;
      this.#unheard = batch.bytes;
    }
    try {
      for (const payload of batch.payloads) this.#ws.send(this.#binary ? ENCODER.encode(payload) : payload);
    } catch {
      // The socket is closing; the event of its close is still to come.
    }
    onFlushed?.();
  }

  /** Neither a code that may not stand in a close frame (RFC 6455, section 7.4.1) nor a socket that is gone is an error. */
  close(code: number, reason: string): void {
    try {
      this.#ws.close(code, reason);
    } catch {}
  }

  // The platform cannot stop reading from a socket. What it sends is bounded by its rate.
  pause(): void {}

  resume(): void {}
}
