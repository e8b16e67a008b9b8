/** What an attack is given: the relay that it attacks, an address of its own, and sockets that are all closed at its end. */
import { connect, type Socket } from 'node:net';
import { ADDRESS_HEADER } from './address-header.ts';

export interface TargetOptions {
  readonly port: number;
  /** The address from which the attack comes: one of the loopback network, in which everyone has another. */
  readonly address: string;
  /** The room that it attacks. */
  readonly room: string;
  /** Another address, which it names in a header as Cloudflare does. */
  readonly named?: string;
  /** How long floods wait after each small write, over all connections; without it, it sends as fast as the relay takes it. */
  readonly paceMs?: number;
}

/** What an attack has done. */
export interface Effort {
  readonly connections: number;
  readonly bytes: number;
}

/** How long a loop waits before it tries again after a failure (ms). */
const RETRY_MS = 20;
const CHUNK = { bytes: 65_536, frames: 1000 };
const PACED_CHUNK = { bytes: 4096, frames: 100 };

export class Target {
  readonly room: string;
  /** Lines for the head of each request. */
  readonly lines: readonly string[];
  /** About how much a flood should write at once, and the most frames in it. */
  readonly chunk: { readonly bytes: number; readonly frames: number };
  readonly #paceMs: number;
  #paced: Promise<void> = Promise.resolve();
  readonly #port: number;
  readonly #address: string;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  #connections = 0;
  #bytes = 0;
  #stopped = false;

  constructor({ port, address, room, named, paceMs = 0 }: TargetOptions) {
    this.room = room;
    this.lines = named === undefined ? [] : [`${ADDRESS_HEADER}: ${named}`];
    this.#paceMs = paceMs;
    this.chunk = paceMs > 0 ? PACED_CHUNK : CHUNK;
    this.#port = port;
    this.#address = address;
  }

  /** Whether the attack is over. */
  get stopped(): boolean {
    return this.#stopped;
  }

  get effort(): Effort {
    const open = [...this.#sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
    return { connections: this.#connections, bytes: this.#bytes + open };
  }

  /** Opens a TCP connection and drops whatever it is sent. Rejects if the relay does not accept it. */
  open(): Promise<Socket> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress: this.#address, noDelay: true });
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#bytes += socket.bytesWritten;
    });
    return new Promise((resolve, reject) => {
      socket.once('close', () => reject(new Error('not connected')));
      socket.once('connect', () => {
        this.#connections += 1;
        if (this.#stopped) socket.destroy();
        resolve(socket);
      });
    });
  }

  /** Runs `body` again and again until the attack is over, in `parallel` loops, whatever becomes of it. */
  async repeat(parallel: number, body: () => Promise<void>): Promise<void> {
    const loop = async () => {
      while (!this.#stopped) await body().catch(() => this.wait(RETRY_MS));
    };
    await Promise.all(Array.from({ length: parallel }, loop));
  }

  /** Resolves when a flood may write again. All connections take turns, so that more of them send no more. */
  pace(): Promise<void> {
    if (this.#paceMs > 0) this.#paced = this.#paced.then(() => this.wait(this.#paceMs));
    return this.#paced;
  }

  /** Resolves after this time, or when the attack is over. */
  wait(ms: number): Promise<void> {
    return new Promise(resolve => {
      if (this.#stopped) return resolve();
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#waiting.add(end);
    });
  }

  /** Ends the attack: every connection is reset, as when its program is killed. */
  stop(): void {
    this.#stopped = true;
    for (const end of this.#waiting) end();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

/** The head of an HTTP request. `more` are further header lines. */
export function head(method: string, path: string, more: readonly string[] = []): string {
  return `${[`${method} ${path} HTTP/1.1`, 'Host: relay', ...more].join('\r\n')}\r\n\r\n`;
}

/** Writes to a socket. Resolves once it takes more, and rejects once it is closed. */
export function send(socket: Socket, data: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed || socket.writableEnded) return reject(new Error('closed'));
    const taken = socket.write(data);
    const go = () => {
      socket.off('close', stop);
      resolve();
    };
    const stop = () => reject(new Error('closed'));
    socket.once('close', stop);
    // Either way other sockets get their turn.
    if (taken) setImmediate(go);
    else socket.once('drain', go);
  });
}

/** Resolves when the socket is closed. */
export function closed(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}
