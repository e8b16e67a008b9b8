/**
 * Failures over HTTP: a status, and the body `{"error":{"code","message","retryMs"?}}`, or a page where a person in a
 * browser would read it.
 */
import type { Context } from 'hono';
import type { Refusal } from '../access/refusal.ts';

/** A code of PROTOCOL.md, "Refusals". */
export type ErrorCode = Refusal['code'] | 'bad-frame' | 'bad-room' | 'method-not-allowed' | 'not-found' | 'too-long';

export interface Failure {
  readonly status: Refusal['status'] | 400 | 404 | 405 | 413 | 500;
  readonly code: ErrorCode;
  /** One sentence for the developer of a client. */
  readonly message: string;
  /** Time after which the client may retry the request (ms); absent if it would fail again. */
  readonly retryMs?: number;
}

/** The room has too much to do. */
export const OVERLOADED: Failure = {
  status: 503,
  code: 'unavailable',
  message: 'This room is overloaded.',
  retryMs: 5000,
};

/** Answers with a failure, such as a refusal of the gate. */
export function fail(c: Context, failure: Failure): Response {
  const { status, retryMs } = failure;
  if (retryMs !== undefined && (status === 429 || status === 503)) c.header('Retry-After', retryAfter(retryMs));
  c.header('Vary', 'Accept', { append: true });
  return isForPerson(c) ? c.html(pageOf(failure), status) : c.json(bodyOf(failure), status);
}

/** The seconds of a `Retry-After` header (RFC 9110, section 10.2.3). */
export function retryAfter(retryMs: number): string {
  return `${Math.max(1, Math.ceil(retryMs / 1000))}`;
}

/** The body of a failure for a program. */
export function bodyOf({ code, message, retryMs }: Pick<Failure, 'code' | 'message' | 'retryMs'>): object {
  return { error: { code, message, ...(retryMs !== undefined && { retryMs }) } };
}

/** Answers that nothing exists at this path. */
export function notFound(c: Context): Response {
  return fail(c, { status: 404, code: 'not-found', message: 'There is nothing here.' });
}

/** A browser asks for HTML when it opens a page, and for anything (`*`/`*`) when a script asks. */
function isForPerson(c: Context): boolean {
  return /\btext\/html\b/i.test(c.req.header('Accept') ?? '');
}

/** The meaning of a failure, for readers of the page's other language. */
const CHINESE: Readonly<Record<number, string>> = {
  404: '这里什么都没有。',
  429: '请求太多，请稍后再试。',
  503: '服务暂时不可用，请稍后再试。',
};

/** `message` is one of our own, and needs no escaping. */
function pageOf({ status, message }: Failure): string {
  const chinese = CHINESE[status];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${status}</title>`,
    `<h1>${message}</h1>`,
    ...(chinese === undefined ? [] : [`<p lang="zh">${chinese}</p>`]),
    // The start page refuses to be shown in a frame.
    '<p><a href="/" target="_top">Heartline</a></p>',
    '',
  ].join('\n');
}
