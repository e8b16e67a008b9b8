/** Answers over a bare socket, for connections and handshakes that are refused before there is a response to write. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Refusal } from '../../access/refusal.ts';
import { bodyOf, retryAfter } from '../../http/errors.ts';

/** How long the socket of a refused connection may stay open. */
const REFUSED_MS = 5000;

/** Answers with a head, which is a status line without the version and perhaps header fields, and closes the socket. */
export function answerRaw(socket: Duplex, head: string, body = ''): void {
  const late = setTimeout(() => socket.destroy(), REFUSED_MS).unref();
  socket.once('close', () => clearTimeout(late));
  const length = Buffer.byteLength(body);
  socket.end(`HTTP/1.1 ${head}\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n${body}`);
}

/** Answers with a refusal, and closes the socket. */
export function refuseRaw(socket: Duplex, { status, code, message, retryMs }: Refusal): void {
  const head = [`${status} ${STATUS_CODES[status]}`, 'Content-Type: application/json'];
  if (retryMs !== undefined) head.push(`Retry-After: ${retryAfter(retryMs)}`);
  answerRaw(
    socket,
    head.join('\r\n'),
    JSON.stringify(bodyOf({ code, message, ...(retryMs !== undefined && { retryMs }) })),
  );
}
