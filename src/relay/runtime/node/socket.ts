/** A reader's socket on Node. It encodes a batch as WebSocket frames in one buffer and writes them at once. */
import { writeSync } from 'node:fs';
import type { Socket as TcpSocket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Batch, Opcode } from '../../room/batch.ts';
import type { Socket } from '../../room/reader.ts';
import { type FrameOwner, type FrameReader, readFrames } from './frame-reader.ts';

const OPEN = 1;
const CLOSING = 2;
/** How long a client that is abandoned has to read why its connection was closed (ms). */
const ABANDONED_MS = 1000;
/** The bit that marks an unfragmented frame (RFC 6455, section 5.2). */
const FIN = 0x80;

export interface NodeSocketOptions {
  /** The opcode of every frame that is written. */
  readonly opcode: Opcode;
}

export interface SocketOwner extends FrameOwner {
  /** Everything written has been handed to the operating system. */
  onDrain(): void;
}

export class NodeSocket implements Socket {
  readonly #ws: WebSocket;
  readonly #tcp: TcpSocket;
  readonly #opcode: Opcode;
  /** Writing to it never blocks, because libuv has made it non-blocking. */
  readonly #descriptor: number | undefined;
  #owner: SocketOwner | undefined;
  #frames: FrameReader | undefined;
  #pauses = 0;
  #awaitsDrain = false;
  #closedWith = 0;

  constructor(ws: WebSocket, tcp: TcpSocket, { opcode }: NodeSocketOptions) {
    this.#ws = ws;
    this.#tcp = tcp;
    this.#descriptor = descriptorOf(tcp);
    this.#opcode = opcode;
  }

  /** Tells `owner` what happens from now on, but for what `ws` tells. */
  listen(owner: SocketOwner): void {
    this.#owner = owner;
    this.#frames = readFrames(this.#ws, this.#tcp, owner);
    if (this.#pauses > 0) this.#frames?.pause();
  }

  get buffered(): number {
    return this.#tcp.writableLength;
  }

  /** The stream counts only completed writes; libuv's queue below it counts every byte. */
  get flushed(): number {
    const handle = handleOf(this.#tcp);
    const [given, queued] = [numberIn(handle, 'bytesWritten'), numberIn(handle, 'writeQueueSize')];
    if (given !== undefined && queued !== undefined) return given - queued;
    return this.#tcp.bytesWritten - this.#tcp.writableLength;
  }

  /**
   * Writes directly to the TCP socket, because `ws` needs two writes and a cork for each frame. This is correct only
   * because these are whole frames, the connection is open and nothing is compressed, so `ws` is never in the middle of
   * a frame.
   */
  write(batch: Batch, onFlushed?: () => void): void {
    if (this.#ws.readyState !== OPEN) return;
    const buffer = batch.encoded(this.#opcode, encodeFrames);
    const written = onFlushed === undefined && this.#tcp.writableLength === 0 ? this.#writeNow(buffer) : 0;
    if (written === buffer.length) return;
    const taken = this.#tcp.write(written === 0 ? buffer : buffer.subarray(written), onFlushed);
    if (!taken && !this.#awaitsDrain) this.#awaitDrain();
  }

  /** Adds a listener only while data is queued, because most sockets never need it. */
  #awaitDrain(): void {
    this.#awaitsDrain = true;
    this.#tcp.once('drain', () => {
      this.#awaitsDrain = false;
      this.#owner?.onDrain();
    });
  }

  /**
   * Writes what the system accepts at once, bypassing the stream, whose bookkeeping costs a third of the write itself.
   * To be called only if the stream's queue is empty. Returns the number of bytes written. The caller gives the rest to
   * the stream, which then also reports any error.
   */
  #writeNow(buffer: Uint8Array): number {
    if (this.#descriptor === undefined || !this.#tcp.writable) return 0;
    try {
      return writeSync(this.#descriptor, buffer, 0, buffer.length);
    } catch {
      return 0;
    }
  }

  /** The code with which the relay has closed it; 0 if it has not. */
  get closedWith(): number {
    return this.#closedWith;
  }

  close(code: number, reason: string): void {
    this.#closedWith ||= code;
    this.#ws.close(code, reason);
  }

  /**
   * Reads nothing more. If the connection is being closed, it is ended soon: the client's answer to the close cannot be
   * read, and what it sends would keep its own end open.
   */
  abandon(): void {
    this.pause();
    if (this.#ws.readyState === CLOSING) setTimeout(() => this.#ws.terminate(), ABANDONED_MS).unref();
  }

  /** Pauses are counted, because there can be several reasons not to read: each `pause` needs its own `resume`. */
  pause(): void {
    this.#pauses += 1;
    if (this.#pauses > 1) return;
    this.#ws.pause();
    this.#frames?.pause();
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    this.#ws.resume();
    this.#frames?.resume();
  }
}

/** The descriptor of a plain TCP socket, if the system has one. */
function descriptorOf(tcp: TcpSocket): number | undefined {
  const fd = numberIn(handleOf(tcp), 'fd');
  return fd !== undefined && fd >= 0 ? fd : undefined;
}

/**
 * The object with a socket's descriptor and queue; `null` once it is closed. It is not a public API, so it may be
 * missing.
 */
function handleOf(tcp: TcpSocket): unknown {
  return '_handle' in tcp ? tcp._handle : undefined;
}

function numberIn(handle: unknown, name: 'fd' | 'bytesWritten' | 'writeQueueSize'): number | undefined {
  if (typeof handle !== 'object' || handle === null) return undefined;
  const value: unknown = Reflect.get(handle, name);
  return typeof value === 'number' ? value : undefined;
}

/** Encodes unmasked, unfragmented frames, as a server sends them (RFC 6455, section 5). */
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
    // Text with as many bytes as characters is ASCII, which is faster to copy as latin1.
    at += buffer.write(payload, at, length === payload.length ? 'latin1' : 'utf8');
  }
  return buffer;
}

function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}
