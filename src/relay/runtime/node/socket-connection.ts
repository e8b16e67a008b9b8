/** One line on Node: what its WebSocket hears goes to the relay's connection. A bug of ours costs this line alone. */
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { CLOSE_FAULT } from '../../../protocol/limits.ts';
import type { Connection } from '../../connection.ts';
import type { Relay } from '../../relay.ts';
import { BINARY, TEXT } from '../../room/batch.ts';
import type { Door } from '../../room/reader.ts';
import { NodeSocket } from './socket.ts';
import type { Turns } from './task-queue.ts';

/** What all lines share. */
export interface LineParts {
  readonly relay: Relay;
  readonly logger: Logger;
  readonly trustProxy: boolean;
  readonly report: (error: unknown) => void;
  /** Where those who come at once stand in line. */
  readonly turns: Turns;
}

/** Frames of one line that may wait for its hello to have its turn; then it is not read from. */
const MAX_WAITING = 16;

/** Hands an open WebSocket to the relay. Of its request nothing is kept: there are as many lines as people. */
export function openLine(parts: LineParts, ws: WebSocket, request: IncomingMessage, door: Door, room: string): void {
  const { relay, logger } = parts;
  const tcp = request.socket;
  const address = addressOf(request, parts.trustProxy);
  const socket = new NodeSocket(ws, tcp, door === 'tutorial' ? BINARY : TEXT);
  let connection: Connection;
  try {
    connection = relay.connect(socket, room, door, address);
  } catch (error) {
    parts.report(error);
    return socket.close(CLOSE_FAULT, '');
  }
  logger.info({ room, door, address, connections: relay.connections }, 'line opened 连接成功');
  const line = new Line(parts, socket, connection, door, room, address);
  Object.assign(ws, { [LINE]: line });
  ws.on('message', onMessage);
  ws.on('close', onClose);
  socket.onDrain = line;
}

/** Where a WebSocket keeps its line: three functions of its own would cost it as much as all of the line. */
const LINE = Symbol('line');

function lineOf(ws: WebSocket): Line | undefined {
  const line = LINE in ws ? ws[LINE] : undefined;
  return line instanceof Line ? line : undefined;
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  lineOf(this)?.heard(data, isBinary);
}

function onClose(this: WebSocket, code: number): void {
  lineOf(this)?.closed(code);
}

class Line {
  readonly #parts: LineParts;
  readonly #socket: NodeSocket;
  readonly #connection: Connection;
  readonly #door: Door;
  readonly #room: string;
  readonly #address: string;
  /** Frames that wait for their turn, and one more; 0 once the first has had it. */
  #waiting = 1;
  #held = false;
  #faulty = false;

  constructor(parts: LineParts, socket: NodeSocket, connection: Connection, door: Door, room: string, address: string) {
    this.#parts = parts;
    this.#socket = socket;
    this.#connection = connection;
    this.#door = door;
    this.#room = room;
    this.#address = address;
  }

  /** The first frame asks for much, and many may come at once: it has its turn, and what follows waits behind it. */
  heard(data: RawData, isBinary: boolean): void {
    const text = isBinary && this.#door === 'room' ? undefined : data.toString();
    if (this.#waiting === 0) return this.#receive(text);
    this.#waiting += 1;
    if (this.#waiting > MAX_WAITING && !this.#held) this.#hold();
    this.#parts.turns.add(() => {
      this.#waiting -= 1;
      this.#receive(text);
      if (this.#waiting > 1) return;
      this.#waiting = 0;
      if (this.#held) this.#socket.resume();
    });
  }

  drained(): void {
    try {
      this.#connection.drained();
    } catch (error) {
      this.#fault(error);
    }
  }

  /** What was said before the close is heard before it. */
  closed(code: number): void {
    if (this.#waiting > 1) this.#parts.turns.add(() => this.#leave(code));
    else this.#leave(code);
  }

  #leave(code: number): void {
    const { relay, logger, report } = this.#parts;
    try {
      this.#connection.closed();
    } catch (error) {
      report(error);
    }
    const [room, door, address] = [this.#room, this.#door, this.#address];
    logger.info({ room, door, address, code, connections: relay.connections }, 'line closed 连接关闭');
  }

  #hold(): void {
    this.#held = true;
    this.#socket.pause();
  }

  #receive(text: string | undefined): void {
    // Nothing is heard any more from a line that is closing.
    if (this.#faulty) return;
    try {
      this.#connection.receive(text);
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
