/**
 * One connection on Node: it passes frames from its WebSocket to the relay. A bug of ours closes only this connection.
 */
import type { RawData, WebSocket } from 'ws';
import { CLOSE_CROWDED, CLOSE_FAULT } from '../../../protocol/limits.ts';
import { sourceOf } from '../../access/address.ts';
import type { Refusal } from '../../access/refusal.ts';
import type { Connection } from '../../connection.ts';
import type { Relay } from '../../relay.ts';
import type { Dialect } from '../../room/dialect.ts';
import { type Warnings, warningOf } from '../warnings.ts';
import type { ConnectionLog } from './connection-log.ts';
import { NodeSocket, type SocketOwner } from './socket.ts';
import type { TaskQueue } from './task-queue.ts';
import type { Upgraded } from './upgrade.ts';

/** Objects that all connections share. */
export interface Shared {
  readonly relay: Relay;
  readonly connectionLog: Pick<ConnectionLog, 'opened' | 'closed' | 'refused'>;
  readonly warnings: Pick<Warnings, 'raise'>;
  readonly report: (error: unknown) => void;
  /** The queue in which the first frames of clients that connect at the same time wait. */
  readonly taskQueue: TaskQueue;
}

/** Frames of one connection that may wait behind its hello, or a large frame. At more, the relay stops reading. */
const MAX_WAITING = 16;
/** A frame of more UTF-16 units may take a tenth of a millisecond to read. */
const LARGE = 2048;
/** What a frame costs besides its length (UTF-16 units). */
const COST = 256;
/** Frames that a client may still send after its connection was closed. At more, it is abandoned. */
const MAX_IGNORED = 16;

/** Hands an open WebSocket to the relay. Keeps nothing of its request, to save memory per connection. */
export function openConnection(shared: Shared, ws: WebSocket, { tcp, room, dialect, address }: Upgraded): void {
  const { relay, connectionLog, report } = shared;
  const socket = new NodeSocket(ws, tcp, { opcode: dialect.opcode });
  let toRelay: Connection;
  try {
    toRelay = relay.connect(socket, { room, dialect, address });
  } catch (error) {
    report(error);
    return socket.close(CLOSE_FAULT, '');
  }
  const { refusal } = toRelay;
  if (refusal) noteRefusal(shared, address, refusal);
  else connectionLog.opened({ room, dialect, address });
  const connection = new SocketConnection(shared, socket, { connection: toRelay, dialect, room, address });
  Object.assign(ws, { [CONNECTION]: connection });
  ws.on('message', onMessage);
  ws.on('ping', onControl);
  ws.on('pong', onControl);
  ws.on('close', onClose);
  socket.listen(connection);
}

/**
 * The property of a WebSocket that holds its connection: three closures would take as much memory as the connection.
 */
const CONNECTION = Symbol('connection');

function connectionOf(ws: WebSocket): SocketConnection | undefined {
  const connection = CONNECTION in ws ? ws[CONNECTION] : undefined;
  return connection instanceof SocketConnection ? connection : undefined;
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  connectionOf(this)?.onMessage(data, isBinary);
}

function onControl(this: WebSocket): void {
  connectionOf(this)?.onControl();
}

function onClose(this: WebSocket, code: number): void {
  connectionOf(this)?.onClose(code);
}

/** Tells the operator, as far as that is new, that someone is refused. */
export function noteRefusal(
  { connectionLog, warnings }: Pick<Shared, 'connectionLog' | 'warnings'>,
  address: string,
  refusal: Refusal,
): void {
  connectionLog.refused(address, refusal.code);
  const warning = warningOf(refusal);
  if (warning !== undefined) warnings.raise(warning);
}

interface SocketConnectionOptions {
  readonly connection: Connection;
  readonly dialect: Dialect;
  readonly room: string;
  readonly address: string;
}

class SocketConnection implements SocketOwner {
  readonly #shared: Shared;
  readonly #socket: NodeSocket;
  readonly #connection: Connection;
  readonly #dialect: Dialect;
  readonly #room: string;
  readonly #address: string;
  /** The number of frames waiting in the queue, plus one; 0 after the first frames have been handled. */
  #waiting = 1;
  #paused = false;
  #faulty = false;
  #ignored = 0;

  constructor(shared: Shared, socket: NodeSocket, { connection, dialect, room, address }: SocketConnectionOptions) {
    this.#shared = shared;
    this.#socket = socket;
    this.#connection = connection;
    this.#dialect = dialect;
    this.#room = room;
    this.#address = address;
  }

  /**
   * The first frame and large frames are expensive, and many may arrive at once, so they wait in a queue, and so do
   * others when there have been very many in this turn. Frames after them wait behind them.
   */
  onText(text: string | undefined): void {
    if (this.#isClosed) return this.#ignore();
    if (this.#waiting === 0) {
      const length = text?.length ?? 0;
      if (length <= LARGE && !this.#shared.taskQueue.mustWait(length + COST)) return this.#receive(text);
      this.#waiting = 1;
    }
    this.#waiting += 1;
    if (this.#waiting > MAX_WAITING && !this.#paused) this.#pause();
    this.#shared.taskQueue.add(() => {
      this.#waiting -= 1;
      this.#receive(text);
      if (this.#waiting > 1) return;
      this.#waiting = 0;
      if (!this.#paused) return;
      this.#paused = false;
      this.#socket.resume();
    }, sourceOf(this.#address));
  }

  onMessage(data: RawData, isBinary: boolean): void {
    this.onText(isBinary && !this.#dialect.takesBinary ? undefined : data.toString());
  }

  onControl(): void {
    if (this.#isClosed) return this.#ignore();
    try {
      this.#connection.onControl();
    } catch (error) {
      this.onFault(error);
    }
  }

  onDrain(): void {
    try {
      this.#connection.onDrain();
    } catch (error) {
      this.onFault(error);
    }
  }

  /** Frames received before the close are handled before it. */
  onClose(code: number): void {
    if (this.#waiting > 1) this.#shared.taskQueue.add(() => this.#leave(code), sourceOf(this.#address));
    else this.#leave(code);
  }

  #leave(code: number): void {
    const { connectionLog, report } = this.#shared;
    try {
      this.#connection.onClose();
    } catch (error) {
      report(error);
    }
    if (this.#connection.refusal) return;
    const request = { room: this.#room, dialect: this.#dialect, address: this.#address };
    connectionLog.closed(request, code, this.#socket.closedWith === CLOSE_CROWDED);
  }

  get #isClosed(): boolean {
    return this.#faulty || this.#connection.closed;
  }

  /** `ws` parses what is sent to a connection until its end, which may take as long as the other end likes. */
  #ignore(): void {
    this.#ignored += 1;
    if (this.#ignored === MAX_IGNORED) this.#socket.abandon();
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  #receive(text: string | undefined): void {
    // After a fault the connection is closing, and nothing more is read from it.
    if (this.#faulty) return;
    try {
      this.#connection.onMessage(text);
    } catch (error) {
      this.onFault(error);
    }
  }

  onFault(error: unknown): void {
    this.#shared.report(error);
    this.#faulty = true;
    this.#socket.close(CLOSE_FAULT, '');
  }
}
