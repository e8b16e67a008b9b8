/**
 * A reader's socket at the edge. Nothing shows how much waits in it, so it counts what went out since something was last
 * heard, and a reader that takes too much without a word is closed as too slow; it resumes.
 */
import { CLOSE_BUSY, REASON_SLOW } from '../../../protocol/limits.ts';
import type { Batch } from '../../room/batch.ts';
import type { Socket } from '../../room/reader.ts';

/** Bytes that may go out to a reader since it was last heard of. */
export const MAX_UNHEARD_BYTES = 1_048_576;

const ENCODER = new TextEncoder();

/** The part of a WebSocket that this needs. */
export interface SendingSocket {
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
}

export class WorkersSocket implements Socket {
  readonly buffered = 0;
  readonly flushed = 0;
  readonly #ws: SendingSocket;
  readonly #binary: boolean;
  readonly #pingedAt: () => number;
  #unheard = 0;
  #lastFrameAt = 0;

  /** `pingedAt` tells when the runtime last answered a ping of this socket by itself, in ms; 0 for never. */
  constructor(ws: SendingSocket, binary: boolean, pingedAt: () => number) {
    this.#ws = ws;
    this.#binary = binary;
    this.#pingedAt = pingedAt;
  }

  /** When something was last heard of the other end (ms), pings that the runtime has answered included. */
  get lastFrameAt(): number {
    return Math.max(this.#lastFrameAt, this.#pingedAt());
  }

  /** Something came from the other end at `now` (ms). */
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
      // It is closing; its close is still to come.
    }
    onFlushed?.();
  }

  /** A code that may not stand in a close frame, or a socket that is gone, is no reason to fail (RFC 6455, 7.4.1). */
  close(code: number, reason: string): void {
    try {
      this.#ws.close(code, reason);
    } catch {}
  }

  // A socket that is not to be read from cannot be had here: what it sends is bounded by its rate.
  pause(): void {}

  resume(): void {}
}
