/** A connection as a runtime feeds it: a reader in its room, or someone who waits to be turned away. */
import type { Reader, ReaderSnapshot } from './room/reader.ts';
import type { Room } from './room/room.ts';

export interface Connection {
  /** A frame came: its text, or `undefined` for a binary one where only text is taken. */
  onMessage(text: string | undefined): void;
  /** Everything written has left the process. */
  onDrain(): void;
  /** The socket is closed. To be called once. */
  onClose(): void;
  /** What {@link Relay.restore} needs, `undefined` for who was turned away. */
  snapshot(): ReaderSnapshot | undefined;
}

export interface RoomConnectionOptions {
  readonly address: string;
  /** Whether it was let in although the relay was full: it was here before the relay slept. */
  readonly rejected: boolean;
  /** Called once its reader has left the room. */
  readonly onLeft: (connection: RoomConnection) => void;
}

/** A reader in its room. A class with few fields, because there is one for each person. */
export class RoomConnection implements Connection {
  readonly room: Room;
  readonly reader: Reader;
  readonly address: string;
  readonly rejected: boolean;
  readonly #onLeft: (connection: RoomConnection) => void;

  constructor(room: Room, reader: Reader, { address, rejected, onLeft }: RoomConnectionOptions) {
    this.room = room;
    this.reader = reader;
    this.address = address;
    this.rejected = rejected;
    this.#onLeft = onLeft;
  }

  onMessage(text: string | undefined): void {
    this.room.receive(this.reader, text);
  }

  onDrain(): void {
    this.room.onDrain(this.reader);
  }

  onClose(): void {
    this.room.leave(this.reader);
    this.#onLeft(this);
  }

  snapshot(): ReaderSnapshot {
    return this.reader.snapshot;
  }
}
