/**
 * The relay on Workers, which counts the rows that each room's object reads and writes. `GET /counts?room=NAME` answers
 * with the counts so far and does not wake the object; `POST /alarm?room=NAME` runs its alarm.
 */

import type { Env } from '../../src/relay/runtime/workers/env.ts';
import worker from '../../src/relay/runtime/workers/main.ts';
import { RoomObject } from '../../src/relay/runtime/workers/room-object.ts';

/** The counts of one object since this process started. An alarm that is set is a written row too. */
interface Counts {
  wakes: number;
  alarms: number;
  readonly cursors: { readonly rowsRead: number; readonly rowsWritten: number }[];
}

const counts = new Map<string, Counts>();

function countsOf(id: DurableObjectId): Counts {
  const key = id.toString();
  let found = counts.get(key);
  if (!found) {
    found = { wakes: 0, alarms: 0, cursors: [] };
    counts.set(key, found);
  }
  return found;
}

function watch({ id, storage }: DurableObjectState): void {
  const found = countsOf(id);
  found.wakes += 1;
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  const setAlarm = storage.setAlarm.bind(storage);
  Object.assign(sql, {
    exec(query: string, ...values: unknown[]) {
      const cursor = exec(query, ...values);
      // workerd's local platform keeps notes of its own in the same database.
      if (!query.includes('__miniflare')) found.cursors.push(cursor);
      return cursor;
    },
  });
  Object.assign(storage, {
    setAlarm(at: number) {
      found.alarms += 1;
      return setAlarm(at);
    },
  });
}

export class CountingRoom extends RoomObject {
  constructor(ctx: DurableObjectState, env: Env) {
    watch(ctx);
    super(ctx, env);
  }

  /** Runs the alarm as the platform does. */
  ring(): Promise<void> {
    return this.alarm();
  }
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const id = env.ROOMS.idFromName(url.searchParams.get('room') ?? '');
    if (url.pathname === '/alarm') {
      await env.ROOMS.get(id).ring();
      return new Response();
    }
    if (url.pathname !== '/counts') return worker.fetch(request, env, ctx);
    const { cursors, ...rest } = countsOf(id);
    const sum = (of: (cursor: (typeof cursors)[number]) => number) => cursors.reduce((all, one) => all + of(one), 0);
    return Response.json({ ...rest, read: sum(one => one.rowsRead), written: sum(one => one.rowsWritten) });
  },
} satisfies ExportedHandler<Env<CountingRoom>>;
