/**
 * Reads the frames of a WebSocket. It handles the common ones itself, which are masked text in one piece (RFC 6455,
 * section 5.2), and hands the bytes of every other frame to the receiver of `ws`, which checks them.
 */
import { isUtf8 } from 'node:buffer';
import type { Socket as TcpSocket } from 'node:net';
import { Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { readIntoSharedBuffer } from './shared-buffer.ts';

export interface FrameOwner {
  /** Takes a text frame that the reader has handled. Those that `ws` handles come as its `message` event. */
  onText(text: string): void;
  /** A bug of ours. */
  onFault(error: unknown): void;
}

/** The first byte of text in one piece. */
const WHOLE_TEXT = 0x81;
const FIN = 0x80;
/** The bit of the opcode that control frames have. */
const CONTROL = 0x08;
/** The bit of the second byte that says that the payload is masked. The others are the length. */
const MASKED = 0x80;
/** With these the length is in the next 2 or 8 bytes. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;
const REPLACEMENT = '\ufffd';

/** The property of a TCP socket that holds its reader, so that all of them share their listeners. */
const READER = Symbol('reader');

/** The property of a TCP socket that holds what was read ahead of its turn. */
const AHEAD = Symbol('ahead');
/** At most so much of it. */
export const MAX_AHEAD_BYTES = 1024;

/**
 * Reads little from the socket of a handshake that waits for its turn: Node would read 64 kB ahead. But a socket from
 * which nothing is read does not say that its client has left. To be called with the `upgrade` event.
 */
export function holdFrames(tcp: TcpSocket): void {
  readIntoSharedBuffer(tcp, onBytesAhead, MAX_AHEAD_BYTES);
}

/** Reads on. To be called before anyone listens to the socket. */
export function releaseFrames(tcp: TcpSocket): void {
  readIntoSharedBuffer(tcp, onBytes);
  const ahead = AHEAD in tcp ? tcp[AHEAD] : undefined;
  if (!(ahead instanceof Buffer)) return;
  // Deleting it could make a larger object of the socket.
  Object.assign(tcp, { [AHEAD]: undefined });
  tcp.push(ahead);
}

/**
 * Reads instead of `ws` from now on. Returns `undefined` if this `ws` is built in another way than is known; it then goes
 * on reading by itself.
 */
export function readFrames(ws: WebSocket, tcp: TcpSocket, owner: FrameOwner): FrameReader | undefined {
  const receiver: unknown = '_receiver' in ws ? ws._receiver : undefined;
  const [own, ...others] = tcp.rawListeners('data');
  if (!(receiver instanceof Writable) || !isListener(own) || others.length > 0) return undefined;
  const reader = new FrameReader(receiver, owner);
  Object.assign(tcp, { [READER]: reader });
  // Removing all of them would turn the socket's list of events into a larger one.
  tcp.off('data', own);
  // The stream has what arrived with the handshake, and everything else where there is no shared buffer.
  tcp.on('data', onData);
  return reader;
}

function isListener(value: unknown): value is (data: Buffer) => void {
  return typeof value === 'function';
}

function onData(this: TcpSocket, bytes: Buffer): void {
  onBytes.call(this, bytes.length, bytes);
}

function onBytesAhead(this: TcpSocket, length: number, buffer: Buffer): boolean {
  Object.assign(this, { [AHEAD]: copyOf(buffer, 0, length) });
  return false;
}

/** Without a reader, everything goes the way it would have gone. */
function onBytes(this: TcpSocket, length: number, buffer: Buffer): boolean | undefined {
  const reader = READER in this ? this[READER] : undefined;
  if (!(reader instanceof FrameReader)) return this.push(copyOf(buffer, 0, length));
  reader.read(buffer, length);
  return undefined;
}

export class FrameReader {
  readonly #receiver: Writable;
  readonly #owner: FrameOwner;
  /** What has arrived and waits for `resume`, or for the rest of its header. */
  #rest: Buffer | undefined;
  /** How much is still to come of a frame of which the receiver has the beginning. */
  #missing = 0;
  /** Whether the receiver has the beginning of a fragmented message. */
  #fragmented = false;
  #paused = false;
  #reading = false;

  constructor(receiver: Writable, owner: FrameOwner) {
    this.#receiver = receiver;
    this.#owner = owner;
  }

  /** Reads the first `length` bytes of a buffer, which it changes, and which may be overwritten afterwards. */
  read(buffer: Buffer, length: number): void {
    if (this.#rest === undefined) return this.#read(buffer, length);
    const bytes = Buffer.concat([this.#rest, buffer.subarray(0, length)]);
    this.#read(bytes, bytes.length);
  }

  /** Handles no further frame, not even of what has arrived: there can be 10,000 frames in it. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    // While a frame is being handled, the loop below goes on by itself.
    if (!this.#reading && this.#rest !== undefined) this.#read(this.#rest, this.#rest.length);
  }

  #read(bytes: Buffer, end: number): void {
    let at = 0;
    this.#rest = undefined;
    this.#reading = true;
    try {
      while (at < end && !this.#paused) {
        const next = this.#handle(bytes, at, end);
        if (next === at) break;
        at = next;
      }
    } catch (error) {
      at = end;
      this.#owner.onFault(error);
    }
    this.#reading = false;
    if (at < end) this.#rest = copyOf(bytes, at, end);
  }

  /** Handles the frame at `at`. Returns where the next one begins; `at` if too little has arrived. */
  #handle(bytes: Buffer, at: number, end: number): number {
    if (this.#missing > 0) return this.#handOver(bytes, at, Math.min(end, at + this.#missing));
    if (end - at < 2) return at;
    const second = bytes[at + 1] ?? 0;
    if (bytes[at] === WHOLE_TEXT && second >= MASKED && second !== (MASKED | LENGTH_64) && !this.#fragmented) {
      const isLong = second === (MASKED | LENGTH_16);
      const payload = at + (isLong ? 4 : 2) + MASK_BYTES;
      const until = payload + (isLong ? ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0) : second & ~MASKED);
      if (until <= end && this.#receiver.writable) {
        const text = unmaskedText(bytes, payload, until);
        if (text !== undefined) {
          this.#owner.onText(text);
          return until;
        }
      }
    }
    return this.#handOn(bytes, at, end);
  }

  /** Hands the frame at `at` to the receiver, as far as it has arrived. */
  #handOn(bytes: Buffer, at: number, end: number): number {
    const first = bytes[at] ?? 0;
    const size = frameSize(bytes, at, end);
    if (size === undefined) return at;
    if ((first & CONTROL) === 0) this.#fragmented = (first & FIN) === 0;
    this.#missing = size;
    return this.#handOver(bytes, at, Math.min(end, at + size));
  }

  #handOver(bytes: Buffer, at: number, until: number): number {
    this.#missing -= until - at;
    // After a close, or a frame that is wrong, nothing more counts.
    if (this.#receiver.writable) this.#receiver.write(copyOf(bytes, at, until));
    return until;
  }
}

/** A copy that shares its memory with nothing else, because it may be kept for long. */
function copyOf(bytes: Buffer, at: number, end: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(end - at);
  bytes.copy(copy, 0, at, end);
  return copy;
}

/** How long the frame at `at` is with its header; `undefined` if its length has not arrived. */
function frameSize(bytes: Buffer, at: number, end: number): number | undefined {
  const second = bytes[at + 1] ?? 0;
  const length = second & ~MASKED;
  const mask = second >= MASKED ? MASK_BYTES : 0;
  if (length < LENGTH_16) return 2 + mask + length;
  if (length === LENGTH_16) return at + 4 <= end ? 4 + mask + bytes.readUInt16BE(at + 2) : undefined;
  return at + 10 <= end ? 10 + mask + Number(bytes.readBigUInt64BE(at + 2)) : undefined;
}

/** Unmasks a payload in place and decodes it. Returns `undefined`, with everything as before, if it is not UTF-8. */
function unmaskedText(bytes: Buffer, payload: number, until: number): string | undefined {
  if (unmask(bytes, payload, until) < 0x80) return bytes.toString('latin1', payload, until);
  const text = bytes.toString('utf8', payload, until);
  // What is not UTF-8 is decoded to this character, which may also have been sent.
  if (!text.includes(REPLACEMENT) || isUtf8(bytes.subarray(payload, until))) return text;
  unmask(bytes, payload, until);
  return undefined;
}

/** Applies the mask before a payload to it (RFC 6455, section 5.3). Returns all its bytes, joined by OR. */
function unmask(bytes: Buffer, payload: number, until: number): number {
  const a = bytes[payload - 4] ?? 0;
  const b = bytes[payload - 3] ?? 0;
  const c = bytes[payload - 2] ?? 0;
  const d = bytes[payload - 1] ?? 0;
  let all = 0;
  let at = payload;
  for (; at + 4 <= until; at += 4) {
    all |= bytes[at] = (bytes[at] ?? 0) ^ a;
    all |= bytes[at + 1] = (bytes[at + 1] ?? 0) ^ b;
    all |= bytes[at + 2] = (bytes[at + 2] ?? 0) ^ c;
    all |= bytes[at + 3] = (bytes[at + 3] ?? 0) ^ d;
  }
  for (let mask = payload - 4; at < until; at++, mask++) all |= bytes[at] = (bytes[at] ?? 0) ^ (bytes[mask] ?? 0);
  return all;
}
