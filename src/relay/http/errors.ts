/** Failures over HTTP: a status, and the body `{"error":{"code","message","retryMs"?}}`. */
import type { Context } from 'hono';
import type { Refusal } from '../access/refusal.ts';

/** A code of PROTOCOL.md, "Refusals". */
export type ErrorCode = Refusal['code'] | 'bad-frame' | 'bad-room' | 'not-found';

export interface Failure {
  readonly status: Refusal['status'] | 400 | 404 | 405 | 500;
  readonly code: ErrorCode;
  /** One sentence for the developer of a client. */
  readonly message: string;
  /** Time after which the client may retry the request (ms); absent if it would fail again. */
  readonly retryMs?: number;
}

/** Answers with a failure, such as a refusal of the gate. */
export function fail(c: Context, { status, code, message, retryMs }: Failure): Response {
  return c.json({ error: { code, message, ...(retryMs !== undefined && { retryMs }) } }, status);
}

/** Answers that nothing exists at this path. */
export function notFound(c: Context): Response {
  return fail(c, { status: 404, code: 'not-found', message: 'There is nothing here.' });
}
