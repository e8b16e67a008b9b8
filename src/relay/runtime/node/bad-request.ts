/** Answers requests that reach no route: Node's parser cannot read them, or no route could take them. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { bodyOf, type ErrorCode } from '../../http/errors.ts';
import { answerRaw } from './raw-answer.ts';

interface BadRequest {
  /** Status and reason, and perhaps header fields. */
  readonly head: string;
  readonly code: ErrorCode;
  readonly message: string;
}

const UNREADABLE: BadRequest = {
  head: '400 Bad Request',
  code: 'bad-frame',
  message: 'This is not a request of HTTP/1.1.',
};
const LATE: BadRequest = {
  head: '408 Request Timeout',
  code: 'bad-frame',
  message: 'This request took too long to arrive.',
};
const LONG_HEAD: BadRequest = {
  head: '431 Request Header Fields Too Large',
  code: 'too-long',
  message: 'This request has too many header fields, or too long ones.',
};
const LONG_BODY: BadRequest = {
  head: '413 Payload Too Large',
  code: 'too-long',
  message: 'The body of this request is too long.',
};
const METHOD: BadRequest = {
  head: '405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS',
  code: 'method-not-allowed',
  message: 'There is nothing here for this method.',
};

/** By the code of Node's error; any other means that the request cannot be read. */
const BY_ERROR: Readonly<Record<string, BadRequest>> = {
  ERR_HTTP_REQUEST_TIMEOUT: LATE,
  HPE_HEADER_OVERFLOW: LONG_HEAD,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: LONG_BODY,
};

/**
 * Answers a connection on which `error` happened, and closes it. `isBusy` tells whether an answer is under way: another
 * one would be mixed with it.
 */
export function refuseUnreadable(error: Error, socket: Duplex, isBusy: boolean): void {
  // What comes behind a request that was refused is an error again.
  if (socket.writableEnded) return;
  const code = 'code' in error ? String(error.code) : '';
  if (isBusy || !socket.writable || code === 'ECONNRESET') return void socket.destroy();
  refuse(socket, BY_ERROR[code] ?? UNREADABLE);
}

/** Refuses a request to make a tunnel, and closes the connection. */
export function refuseTunnel(socket: Duplex): void {
  refuse(socket, METHOD);
}

function refuse(socket: Duplex, { head, code, message }: BadRequest): void {
  const body = JSON.stringify(bodyOf({ code, message }));
  answerRaw(socket, `${head}\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff`, body);
}

/** Answers a request that was read, but that no route could take, in the same form. */
export function answerBadRequest(response: ServerResponse, status: 400 | 417 | 431, message: string): void {
  const code = status === 431 ? 'too-long' : 'bad-frame';
  const body = JSON.stringify(bodyOf({ code, message }));
  response
    .writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'X-Content-Type-Options': 'nosniff',
    })
    .end(body);
}
