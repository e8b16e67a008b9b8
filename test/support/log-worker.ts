/** A Worker that runs one case of the log over a Durable Object's own SQLite: `GET /?case=NAME`. */
import { WorkersDatabase, type WorkersStorage } from '../../src/relay/runtime/workers/database.ts';
import { CASES } from '../relay/log/cases.ts';

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

function nameOf(request: Request): string {
  return new URL(request.url).searchParams.get('case') ?? '';
}
