/** One connection on Node: what its WebSocket hears goes to the relay's connection. A bug of ours costs this connection alone. */
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { CLOSE_FAULT } from '../../../protocol/limits.ts';
import type { Connection } from '../../connection.ts';
import type { Relay } from '../../relay.ts';
import type { Dialect } from '../../room/dialect.ts';
import { NodeSocket } from './socket.ts';
import type { TaskQueue } from './task-queue.ts';

/** What all connections share. */
export interface ConnectionParts {
  readonly relay: Relay;
  readonly logger: Logger;
  readonly trustProxy: boolean;
  readonly report: (error: unknown) => void;
  /** Where those who come at once stand in connection. */
  readonly taskQueue: TaskQueue;
}

/** Frames of one connection that may wait for its hello to have its turn; then it is not read from. */
const MAX_WAITING = 16;

/** Hands an open WebSocket to the relay. Of its request nothing is kept: there are as many connections as people. */
export function openConnection(
  parts: ConnectionParts,
  ws: WebSocket,
  request: IncomingMessage,
  dialect: Dialect,
  room: string,
): void {
  const { relay, logger } = parts;
  const tcp = request.socket;
  const address = addressOf(request, parts.trustProxy);
  const socket = new NodeSocket(ws, tcp, dialect.opcode);
  let toRelay: Connection;
  try {
    toRelay = relay.connect(socket, { room, dialect, address });
  } catch (error) {
    parts.report(error);
    return socket.close(CLOSE_FAULT, '');
  }
  logger.info({ room, dialect: dialect.name, address, connections: relay.connections }, 'connection opened 连接成功');
  const connection = new SocketConnection(parts, socket, toRelay, dialect, room, address);
  Object.assign(ws, { [CONNECTION]: connection });
  ws.on('message', onMessage);
  ws.on('close', onClose);
  socket.onDrain = connection;
}

/** Where a WebSocket keeps its connection: three functions of its own would cost it as much as all of the connection. */
const CONNECTION = Symbol('connection');

function connectionOf(ws: WebSocket): SocketConnection | undefined {
  const connection = CONNECTION in ws ? ws[CONNECTION] : undefined;
  return connection instanceof SocketConnection ? connection : undefined;
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  connectionOf(this)?.onMessage(data, isBinary);
}

function onClose(this: WebSocket, code: number): void {
  connectionOf(this)?.onClose(code);
}

class SocketConnection {
  readonly #parts: ConnectionParts;
  readonly #socket: NodeSocket;
  readonly #connection: Connection;
  readonly #dialect: Dialect;
  readonly #room: string;
  readonly #address: string;
  /** Frames that wait for their turn, and one more; 0 once the first has had it. */
  #waiting = 1;
  #paused = false;
  #faulty = false;

  constructor(
    parts: ConnectionParts,
    socket: NodeSocket,
    connection: Connection,
    dialect: Dialect,
    room: string,
    address: string,
  ) {
    this.#parts = parts;
    this.#socket = socket;
    this.#connection = connection;
    this.#dialect = dialect;
    this.#room = room;
    this.#address = address;
  }

  /** The first frame asks for much, and many may come at once: it has its turn, and what follows waits behind it. */
  onMessage(data: RawData, isBinary: boolean): void {
    const text = isBinary && !this.#dialect.takesBinary ? undefined : data.toString();
    if (this.#waiting === 0) return this.#receive(text);
    this.#waiting += 1;
    if (this.#waiting > MAX_WAITING && !this.#paused) this.#pause();
    this.#parts.taskQueue.add(() => {
      this.#waiting -= 1;
      this.#receive(text);
      if (this.#waiting > 1) return;
      this.#waiting = 0;
      if (this.#paused) this.#socket.resume();
    });
  }

  onDrain(): void {
    try {
      this.#connection.onDrain();
    } catch (error) {
      this.#fault(error);
    }
  }

  /** What was said before the close is heard before it. */
  onClose(code: number): void {
    if (this.#waiting > 1) this.#parts.taskQueue.add(() => this.#leave(code));
    else this.#leave(code);
  }

  #leave(code: number): void {
    const { relay, logger, report } = this.#parts;
    try {
      this.#connection.onClose();
    } catch (error) {
      report(error);
    }
    const [room, dialect, address] = [this.#room, this.#dialect.name, this.#address];
    logger.info({ room, dialect, address, code, connections: relay.connections }, 'connection closed 连接关闭');
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  #receive(text: string | undefined): void {
    // Nothing is heard any more from a connection that is closing.
    if (this.#faulty) return;
    try {
      this.#connection.onMessage(text);
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    this.#parts.report(error);
    this.#faulty = true;
    this.#socket.close(CLOSE_FAULT, '');
  }
}

/** The client's address; behind a trusted proxy the one that it appended, the last (earlier ones anyone can write). */
function addressOf({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = headers['x-forwarded-for'];
  const last = trustProxy && typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  return last || (socket.remoteAddress ?? '');
}
