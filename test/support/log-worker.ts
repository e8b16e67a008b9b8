/**
 * A Worker that runs one case of the log over a Durable Object's own SQLite: `GET /?case=NAME`; or counts what a room
 * costs that is opened again: `GET /?rows`.
 */
import { SqliteLog } from '../../src/relay/log/sqlite-log.ts';
import { WorkersDatabase, type WorkersStorage } from '../../src/relay/runtime/workers/database.ts';
import { CASES } from '../relay/log/cases.ts';
import { OPTIONS, OpenedRoom } from './opened-room.ts';

/** The parts of the Worker's environment that this needs. */
interface Env {
  readonly CASES: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

export class CaseObject {
  readonly #storage: WorkersStorage;

  constructor({ storage }: { readonly storage: WorkersStorage }) {
    this.#storage = storage;
  }

  /** Answers with the error, or with an empty body. */
  fetch(request: Request): Response {
    if (new URL(request.url).searchParams.has('rows')) return Response.json(countRows(this.#storage));
    const run = CASES[nameOf(request)];
    if (!run) return new Response(`there is no case ${nameOf(request)}`);
    try {
      run(new WorkersDatabase(this.#storage));
      return new Response('');
    } catch (error) {
      return new Response(error instanceof Error ? `${error.message}\n${error.stack}` : String(error));
    }
  }
}

export default {
  fetch(request: Request, { CASES: objects }: Env): Promise<Response> {
    return objects.get(objects.idFromName(nameOf(request))).fetch(request);
  },
};

/** What the platform counts and bills, although it is not in the interface that the relay needs. */
function rowsReadBy(cursor: object): number {
  return 'rowsRead' in cursor && typeof cursor.rowsRead === 'number' ? cursor.rowsRead : Number.NaN;
}

/** Rows that SQLite has read, by step, in a room of 3,000 messages that is opened again. */
function countRows(storage: WorkersStorage): Record<string, number> {
  const cursors: object[] = [];
  const counted: WorkersStorage = {
    sql: {
      exec(sql, ...values) {
        const cursor = storage.sql.exec(sql, ...values);
        cursors.push(cursor);
        return cursor;
      },
    },
    transactionSync: work => storage.transactionSync(work),
  };
  const open = () => new OpenedRoom(new SqliteLog(new WorkersDatabase(counted), { ...OPTIONS, history: 10_000 }));
  const full = open();
  for (let index = 0; index < 3000; index++) full.post('x', { id: `${index}` });
  const rows: Record<string, number> = {};
  const count = (step: string, run: () => void) => {
    cursors.length = 0;
    run();
    rows[step] = cursors.reduce((sum, cursor) => sum + rowsReadBy(cursor), 0);
  };
  let again = full;
  count('opening', () => {
    again = open();
  });
  count('first message', () => again.post('y'));
  count('second message', () => again.post('z'));
  count('keys', () => again.room.keysBefore(again.room.head + 1, 10_000));
  count('page', () => again.room.after(1000, 200));
  return rows;
}

function nameOf(request: Request): string {
  return new URL(request.url).searchParams.get('case') ?? '';
}
