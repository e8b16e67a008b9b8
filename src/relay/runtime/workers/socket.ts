/**
 * A reader's socket on Workers. The platform does not say how much is queued in a socket, so this counts the bytes
 * written since a frame was last received. If they exceed a limit, the reader is closed as too slow; it reconnects and
 * resumes.
 */
import { CLOSE_BUSY, REASON_SLOW } from '../../../protocol/limits.ts';
import type { Batch } from '../../room/batch.ts';
import type { Socket } from '../../room/reader.ts';

/** Bytes that may be written to a reader after the last frame received from it. */
export const MAX_UNANSWERED_BYTES = 1_048_576;

const ENCODER = new TextEncoder();

/** The parts of a WebSocket that this needs. */
export interface SendingSocket {
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
}

export interface WorkersSocketOptions {
  /** Whether frames are sent as binary. */
  readonly binary: boolean;
  /** Returns when the runtime last answered a ping from this socket by itself (ms); 0 if never. */
  readonly pingedAt: () => number;
}

export class WorkersSocket implements Socket {
  readonly buffered = 0;
  readonly flushed = 0;
  readonly #ws: SendingSocket;
  readonly #binary: boolean;
  readonly #pingedAt: () => number;
  #unanswered = 0;
  #lastFrameAt = 0;

  constructor(ws: SendingSocket, { binary, pingedAt }: WorkersSocketOptions) {
    this.#ws = ws;
    this.#binary = binary;
    this.#pingedAt = pingedAt;
  }

  /** When a frame was last received (ms), including pings that the runtime has answered. */
  get lastFrameAt(): number {
    return Math.max(this.#lastFrameAt, this.#pingedAt());
  }

  /** A frame was received at `now` (ms). */
  onMessage(now: number): void {
    this.#lastFrameAt = now;
    this.#unanswered = 0;
  }

  write(batch: Batch, onFlushed?: () => void): void {
    this.#unanswered += batch.bytes;
    if (this.#unanswered > MAX_UNANSWERED_BYTES) {
      if (this.lastFrameAt === this.#lastFrameAt) return this.close(CLOSE_BUSY, REASON_SLOW);
      this.#lastFrameAt = this.lastFrameAt;
      this.#unanswered = batch.bytes;
    }
    try {
      for (const payload of batch.payloads) this.#ws.send(this.#binary ? ENCODER.encode(payload) : payload);
    } catch {
      // The socket is closing; its close event has not fired yet.
    }
    onFlushed?.();
  }

  /** A code that is not allowed in a close frame (RFC 6455, section 7.4.1) and a closed socket are not errors. */
  close(code: number, reason: string): void {
    try {
      this.#ws.close(code, reason);
    } catch {}
  }

  // The platform cannot stop reading from a socket. The rate limit bounds what a client can send.
  pause(): void {}

  resume(): void {}
}
