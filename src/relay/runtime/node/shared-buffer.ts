/**
 * One buffer for what all sockets read. Node would allocate 64 kB for each read, of which a message needs a hundred
 * bytes. It has this for sockets that connect (`onread` of `net.connect`), and sockets of a server have the same parts.
 */
import type { Socket as TcpSocket } from 'node:net';

/**
 * Called with the number of bytes at the beginning of the buffer, which the next read overwrites. `false` stops reading,
 * until the stream asks for more.
 */
export type OnBytes = (this: TcpSocket, length: number, buffer: Buffer) => boolean | undefined;

/** Larger bursts take more reads, and what waits of a connection that is not read from is at most as long. */
const BUFFER_BYTES = 16_384;
const BUFFER = Buffer.allocUnsafeSlow(BUFFER_BYTES);

/**
 * Makes a socket read into the shared buffer and call `onBytes`, instead of emitting `data`. Returns whether it does:
 * these parts of Node are not public, so they may be missing. One read takes at most `bytes`. It may be called again.
 */
export function readIntoSharedBuffer(tcp: TcpSocket, onBytes: OnBytes, bytes = BUFFER_BYTES): boolean {
  const handle: unknown = '_handle' in tcp ? tcp._handle : undefined;
  if (typeof handle !== 'object' || handle === null) return false;
  const use: unknown = Reflect.get(handle, 'useUserBuffer');
  const [buffer, callback] = [ownSymbol(tcp, 'kBuffer'), ownSymbol(tcp, 'kBufferCb')];
  if (typeof use !== 'function' || !buffer || !callback) return false;
  const part = bytes === BUFFER_BYTES ? BUFFER : BUFFER.subarray(0, bytes);
  Reflect.set(tcp, buffer, part);
  Reflect.set(tcp, callback, onBytes);
  Reflect.apply(use, handle, [part]);
  return true;
}

const symbols = new Map<string, symbol>();

/** The symbol with this description that names a property of a socket, if it has one. */
function ownSymbol(tcp: TcpSocket, description: string): symbol | undefined {
  const known = symbols.get(description);
  if (known !== undefined) return known;
  const found = Object.getOwnPropertySymbols(tcp).find(symbol => symbol.description === description);
  if (found !== undefined) symbols.set(description, found);
  return found;
}
