/** The messages of a room's log, a page at a time. */
import type { Hono, MiddlewareHandler } from 'hono';
import { MAX_PAGE_ENTRIES } from '../../protocol/limits.ts';
import type { HistoryPage, HistoryPosition } from '../room/context.ts';
import { type Failure, fail } from './errors.ts';
import type { AppEnv } from './room-route.ts';

export type ReadHistory = (
  room: string,
  position: HistoryPosition | undefined,
  limit: number,
  address: string,
) => HistoryPage | Promise<HistoryPage>;

export interface MessagesOptions {
  readonly roomRoute: MiddlewareHandler<AppEnv>;
  readonly history: ReadHistory;
}

const DEFAULT_MESSAGES = 50;

export function addMessages(app: Hono<AppEnv>, { roomRoute, history }: MessagesOptions): void {
  app.get('/rooms/:room/messages', roomRoute, async c => {
    const query = parseQuery(c.req.query());
    if ('status' in query) return fail(c, query);
    const room = c.get('room');
    const { epoch, head, payloads } = await history(room, query.position, query.limit, c.get('address'));
    const start = JSON.stringify({ room, epoch, head }).slice(0, -1);
    c.header('Cache-Control', 'no-store');
    return c.body(`${start},"messages":[${payloads.join(',')}]}`, 200, { 'Content-Type': 'application/json' });
  });
}

interface Query {
  readonly position: HistoryPosition | undefined;
  readonly limit: number;
}

function parseQuery({ after, before, limit = `${DEFAULT_MESSAGES}` }: Record<string, string>): Query | Failure {
  if (after !== undefined && before !== undefined) return bad('Give after or before, not both.');
  const seq = wholeNumber(after ?? before ?? '0');
  if (seq === undefined) return bad('after and before take a seq, a whole number.');
  const most = wholeNumber(limit);
  if (most === undefined || most < 1 || most > MAX_PAGE_ENTRIES) {
    return bad(`limit takes a whole number from 1 to ${MAX_PAGE_ENTRIES}.`);
  }
  if (after !== undefined) return { position: { after: seq }, limit: most };
  return { position: before === undefined ? undefined : { before: seq }, limit: most };
}

function bad(message: string): Failure {
  return { status: 400, code: 'bad-frame', message };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}
