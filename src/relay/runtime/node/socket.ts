/** A reader's socket on Node: batches become finished WebSocket frames side by side in one buffer, written at once. */
import type { Socket as TcpSocket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Batch, Opcode } from '../../batch.ts';
import type { Socket } from '../../reader.ts';

const OPEN = 1;
/** The first byte of a frame that is whole (RFC 6455, section 5.2). */
const FIN = 0x80;

export class NodeSocket implements Socket {
  readonly #ws: WebSocket;
  readonly #tcp: TcpSocket;
  readonly #opcode: Opcode;

  constructor(ws: WebSocket, tcp: TcpSocket, opcode: Opcode) {
    this.#ws = ws;
    this.#tcp = tcp;
    this.#opcode = opcode;
  }

  get buffered(): number {
    return this.#tcp.writableLength;
  }

  /**
   * Straight to the TCP socket: one write, where `ws` needs two and a cork for each frame. That is right only because
   * these are whole frames, the line is open, and nothing is compressed, so `ws` is never in the middle of one.
   */
  write(batch: Batch, gone?: () => void): void {
    if (this.#ws.readyState !== OPEN) return;
    this.#tcp.write(batch.encoded(this.#opcode, encodeFrames), gone);
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }
}

/** Unmasked, unfragmented frames, as a server sends them (RFC 6455, section 5). */
export function encodeFrames(payloads: readonly string[], opcode: Opcode): Buffer {
  const lengths = payloads.map(payload => Buffer.byteLength(payload));
  const buffer = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerLength(length) + length, 0));
  let at = 0;
  for (const [index, payload] of payloads.entries()) {
    const length = lengths[index] ?? 0;
    buffer[at++] = FIN | opcode;
    if (length < 126) {
      buffer[at++] = length;
    } else if (length < 65_536) {
      buffer[at++] = 126;
      at = buffer.writeUInt16BE(length, at);
    } else {
      buffer[at++] = 127;
      at = buffer.writeBigUInt64BE(BigInt(length), at);
    }
    at += buffer.write(payload, at);
  }
  return buffer;
}

function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}
