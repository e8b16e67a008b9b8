/** A bare client for tests: sends what it is told, records every frame, and can wait for a frame with a deadline. */
import { WebSocket } from 'ws';
import type { RelayFrame } from '../../src/protocol/frames.ts';
import { parseRelayFrame } from '../../src/protocol/from-relay.ts';

const WAIT_MS = 5000;

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class WireClient {
  /** Every frame, in order. */
  readonly frames: RelayFrame[] = [];
  /** Whether each frame was binary. */
  readonly binary: boolean[] = [];
  readonly closed: Promise<Closed>;
  readonly opened: Promise<void>;
  readonly ws: WebSocket;
  #waiting: (() => void)[] = [];

  /**
   * `address` is `host:port`, or `wss://host:port`; the constructor percent-encodes `path`. The connection comes from
   * `localAddress`, if it is given.
   */
  constructor(address: string, path: string, headers: Record<string, string> = {}, localAddress?: string) {
    const origin = address.includes('://') ? address : `ws://${address}`;
    this.ws = new WebSocket(`${origin}${encodeURI(path)}`, { headers, localAddress });
    this.opened = new Promise((resolve, reject) => {
      this.ws.once('open', () => resolve());
      this.ws.once('error', reject);
    });
    this.opened.catch(() => {});
    this.ws.on('error', () => {});
    this.ws.on('message', (data, isBinary) => {
      const frame = parseRelayFrame(data.toString());
      if (!frame) throw new Error(`not a frame of a relay: ${data.toString()}`);
      this.frames.push(frame);
      this.binary.push(isBinary);
      for (const look of [...this.#waiting]) look();
    });
    this.closed = new Promise(resolve => {
      this.ws.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Connects and says hello. Resolves once the first `page` frame has arrived. */
  static async join(address: string, room: string, user: string, hello: object = {}): Promise<WireClient> {
    const client = new WireClient(address, `/rooms/${room}`);
    await client.opened;
    client.send({ type: 'hello', user, ...hello });
    await client.until('page');
    return client;
  }

  /** From now on, asks for more after each page that says that there is more. */
  keepUp(): this {
    let left = 0;
    let asks = false;
    this.ws.on('message', () => {
      const frame = this.frames.at(-1);
      if (frame?.type === 'page') [left, asks] = [frame.replay, frame.more];
      else if (frame && 'seq' in frame && left > 0) left -= 1;
      if (left > 0 || !asks) return;
      asks = false;
      this.send({ type: 'more', after: this.of('normal').at(-1)?.seq ?? 0 });
    });
    return this;
  }

  /** Sends an object as JSON, and a string or bytes unchanged. */
  send(frame: object | string | Uint8Array): void {
    this.ws.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  say(id: string, message: string, more: object = {}): void {
    this.send({ type: 'normal', id, message, ...more });
  }

  /** Resolves with the first accepted frame of a type, received or yet to come, at index `from` or later. */
  async until<T extends RelayFrame['type']>(
    type: T,
    accept: (frame: Extract<RelayFrame, { type: T }>) => boolean = () => true,
    from = 0,
  ): Promise<Extract<RelayFrame, { type: T }>> {
    const isIt = (frame: RelayFrame): frame is Extract<RelayFrame, { type: T }> => frame.type === type;
    return this.#when(() => this.frames.slice(from).filter(isIt).find(accept), `a frame ${type}`);
  }

  /** Resolves once it has read a message with this text. */
  message(text: string): Promise<Extract<RelayFrame, { type: 'normal' }>> {
    return this.until('normal', ({ message }) => message === text);
  }

  /** Sends a ping and resolves once it is answered. The relay has then handled everything sent before it. */
  async pong(): Promise<void> {
    const from = this.frames.length;
    this.send('{"type":"ping"}');
    await this.until('ping', () => true, from);
  }

  /** The texts of all messages it has read. */
  get said(): string[] {
    return this.of('normal').map(({ message }) => message);
  }

  of<T extends RelayFrame['type']>(type: T): Extract<RelayFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<RelayFrame, { type: T }> => frame.type === type);
  }

  async close(): Promise<void> {
    this.ws.close();
    await this.closed;
  }

  #when<T>(find: () => T | undefined, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`${what} has not arrived; received ${JSON.stringify(this.frames.slice(-5)).slice(0, 1000)}`));
      }, WAIT_MS);
      const stop = () => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter(other => other !== look);
      };
      const look = () => {
        const found = find();
        if (found === undefined) return;
        stop();
        resolve(found);
      };
      this.#waiting.push(look);
      look();
    });
  }
}
