/**
 * WebSocket as bare bytes (RFC 6455), for attacks: whatever a well-behaved library would not send can be sent, and a
 * close from the relay is ignored.
 */
import type { Socket } from 'node:net';
import { closed, head, send, type Target } from './target.ts';

export const TEXT = 1;
export const BINARY = 2;
export const PING = 9;

const HANDSHAKE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
/** What is kept of what the relay sends at first: more than a welcome has. */
const HEARD_CHARACTERS = 100_000;

export interface FrameOptions {
  readonly opcode?: number;
  /** Whether it is the last fragment of its message. */
  readonly final?: boolean;
}

/** A client's frame, masked with zeros. */
export function frame(payload: string | Buffer, { opcode = TEXT, final = true }: FrameOptions = {}): Buffer {
  const data = Buffer.from(payload);
  const first = (final ? 0x80 : 0) | opcode;
  const { length } = data;
  if (length < 126) return Buffer.concat([Buffer.from([first, 0x80 | length, 0, 0, 0, 0]), data]);
  const header = Buffer.alloc(length < 65_536 ? 8 : 14);
  header[0] = first;
  header[1] = 0x80 | (length < 65_536 ? 126 : 127);
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, data]);
}

/** A frame of the protocol. */
export function json(object: object): Buffer {
  return frame(JSON.stringify(object));
}

/** The request for a WebSocket. Without a path it is for the attacked room. */
export function handshake(target: Target, path = `/rooms/${target.room}`): string {
  return head('GET', path, [...HANDSHAKE, ...target.lines]);
}

/** Opens a WebSocket and waits for the relay's answer. */
export async function upgrade(target: Target, path?: string): Promise<Socket> {
  const socket = await target.open();
  const answered = heard(socket, / 101 /);
  await send(socket, handshake(target, path));
  await answered;
  return socket;
}

/** Opens a WebSocket, says hello and waits for the first page. Returns what the relay has sent too. */
export async function join(
  target: Target,
  hello: object = {},
  path?: string,
): Promise<{ socket: Socket; text: string }> {
  const socket = await upgrade(target, path);
  const greeted = heard(socket, /"type":"page"/);
  await send(socket, json({ type: 'hello', user: 'mallory', ...hello }));
  return { socket, text: await greeted };
}

/** Resolves with what the relay has sent, as soon as `pattern` is in it; rejects if the socket is closed before. */
function heard(socket: Socket, pattern: RegExp): Promise<string> {
  let text = '';
  const found = new Promise<string>((resolve, reject) => {
    const listen = (data: Buffer) => {
      text = (text + data).slice(-HEARD_CHARACTERS);
      if (!pattern.test(text)) return;
      socket.off('data', listen);
      resolve(text);
    };
    socket.on('data', listen);
    void closed(socket).then(() => reject(new Error('closed')));
  });
  // Whoever waits for it may have failed before.
  found.catch(() => {});
  return found;
}
