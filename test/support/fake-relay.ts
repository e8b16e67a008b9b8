/** A fake relay for a page in a window: the test controls the sockets that the page opens and answers its requests. */
import type { Message } from '../../src/protocol/entries.ts';
import type { Dom } from './dom.ts';
import { FakeSocket } from './pair.ts';

/** After this many turns of the event loop, all microtasks and pending reads are done. */
const TURNS = 5000;

export class FakeRelay {
  readonly sockets: FakeSocket[] = [];
  /** The URLs that were dialed, one per socket. */
  readonly dialed: string[] = [];
  /** The URLs that were fetched. */
  readonly fetched: string[] = [];
  /** The log for requests over HTTP. Without it they fail. */
  log: readonly Message[] | undefined = [];

  constructor(dom: Dom) {
    const { sockets, dialed } = this;
    dom.define(
      'WebSocket',
      class extends FakeSocket {
        constructor(url: string) {
          super();
          dialed.push(url);
          sockets.push(this);
        }
      },
    );
    dom.define('fetch', async (url: string) => {
      this.fetched.push(url);
      const { log } = this;
      if (!log) throw new TypeError('offline');
      const before = Number(new URL(url).searchParams.get('before'));
      const messages = log.filter(({ seq }) => seq < before);
      return { json: async () => ({ room: 'r', epoch: 'E', head: log.at(-1)?.seq ?? 0, messages }) };
    });
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nothing was dialed yet');
    return socket;
  }

  /** Accepts the newest socket: welcomes it, and sends a page with these messages. Returns the hello. */
  accept(
    messages: readonly Message[] = [],
    welcome: Parameters<FakeSocket['welcome']>[0] = {},
  ): Record<string, unknown> {
    const { socket } = this;
    socket.open();
    const [hello] = socket.read();
    socket.welcome(welcome);
    socket.page(messages);
    return hello ?? {};
  }

  /** The sockets that are open or opening. */
  get open(): readonly FakeSocket[] {
    return this.sockets.filter(socket => socket.readyState < 2);
  }

  /** The frames sent on the newest socket since the last call, each as its type and its text or name. */
  get frames(): string[] {
    return this.socket.read().map(({ type, message, user }) => `${type} ${message ?? user}`);
  }
}

/** Waits until `check` holds, by turns of the event loop and not by time. Fails with `what` after very many turns. */
export async function eventually(check: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    if (check()) return;
    await new Promise(resolve => setImmediate(resolve));
  }
  throw new Error(`never happened: ${what}`);
}
