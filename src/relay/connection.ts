/**
 * The relay's side of a connection, called by the runtime: one kind is in its room, the other was rejected by the gate.
 */
import type { Refusal } from './access/refusal.ts';
import type { Visit } from './access/visit.ts';
import type { Clock } from './clock.ts';
import type { Reader, ReaderSnapshot, Socket } from './room/reader.ts';
import type { Room } from './room/room.ts';

export interface Connection {
  /** Why it may not join its room; `undefined` if it has joined. */
  readonly refusal: Refusal | undefined;
  /** Whether frames of it are ignored, because it is being closed or was rejected. */
  readonly closed: boolean;
  /** A frame was received. `text` is `undefined` for a binary frame in a dialect that accepts only text. */
  onMessage(text: string | undefined): void;
  /** A ping or pong of the WebSocket protocol was received, and answered (RFC 6455, section 5.5.2): a sign of life. */
  onControl(): void;
  /** Everything written has been handed to the operating system. */
  onDrain(): void;
  /** The socket is being closed: the reader leaves its room, and nothing more is received. */
  onEnd(): void;
  /** The socket is closed, and no longer counted. To be called once, with or without {@link onEnd} before it. */
  onClose(): void;
  /** The state that `Relay.restore` needs; `undefined` for a rejected connection. */
  snapshot(): ReaderSnapshot | undefined;
}

export interface RoomConnectionOptions {
  readonly visit: Visit;
  /** Called once the connection's reader has left the room. */
  readonly onLeft: (connection: RoomConnection) => void;
}

/** A connection whose reader is in its room. It has few fields, because there are many of them. */
export class RoomConnection implements Connection {
  readonly room: Room;
  readonly reader: Reader;
  readonly visit: Visit;
  readonly #onLeft: (connection: RoomConnection) => void;

  constructor(room: Room, reader: Reader, { visit, onLeft }: RoomConnectionOptions) {
    this.room = room;
    this.reader = reader;
    this.visit = visit;
    this.#onLeft = onLeft;
  }

  get refusal(): undefined {
    return undefined;
  }

  get closed(): boolean {
    return this.reader.closed;
  }

  onMessage(text: string | undefined): void {
    this.room.receive(this.reader, text);
  }

  onControl(): void {
    this.room.receiveControl(this.reader);
  }

  onDrain(): void {
    this.room.onDrain(this.reader);
  }

  onEnd(): void {
    this.room.leave(this.reader);
  }

  onClose(): void {
    this.onEnd();
    this.#onLeft(this);
  }

  snapshot(): ReaderSnapshot {
    return this.reader.snapshot;
  }
}

export interface RefusedConnectionOptions {
  readonly refusal: Refusal;
  readonly clock: Clock;
}

/**
 * A connection that may not join its room. Its frames are ignored, and its socket is closed at once or after a delay.
 */
export class RefusedConnection implements Connection {
  readonly closed = true;
  readonly refusal: Refusal;
  readonly #visit: Visit;
  readonly #clock: Clock;
  readonly #timer: unknown;

  constructor(socket: Socket, visit: Visit, { refusal, clock }: RefusedConnectionOptions) {
    const { code, reason, delayMs } = refusal.close;
    this.refusal = refusal;
    this.#visit = visit;
    this.#clock = clock;
    if (delayMs > 0) this.#timer = clock.setTimeout(() => socket.close(code, reason), delayMs);
    else socket.close(code, reason);
  }

  onMessage(): void {}

  onControl(): void {}

  onDrain(): void {}

  onEnd(): void {}

  onClose(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#visit.end();
  }

  snapshot(): undefined {
    return undefined;
  }
}
