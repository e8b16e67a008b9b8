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

/** A class, and few fields: there are as many of these as there are people. */
export class RoomConnection implements Connection {
  readonly room: Room;
  readonly reader: Reader;
  readonly address: string;
  /** Whether it was let in although there was no place: it was here before the relay slept. */
  readonly rejected: boolean;
  readonly #left: (connection: RoomConnection) => void;

  /** `left` is called once its reader has left the room. */
  constructor(
    room: Room,
    reader: Reader,
    address: string,
    rejected: boolean,
    left: (connection: RoomConnection) => void,
  ) {
    this.room = room;
    this.reader = reader;
    this.address = address;
    this.rejected = rejected;
    this.#left = left;
  }

  onMessage(text: string | undefined): void {
    this.room.receive(this.reader, text);
  }

  onDrain(): void {
    this.room.onDrain(this.reader);
  }

  onClose(): void {
    this.room.leave(this.reader);
    this.#left(this);
  }

  snapshot(): ReaderSnapshot {
    return this.reader.snapshot;
  }
}
