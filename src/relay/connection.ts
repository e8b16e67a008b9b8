/** A connection as a runtime feeds it: a reader in its room, or someone who waits to be turned away. */
import type { Reader, ReaderMemory } from './room/reader.ts';
import type { Room } from './room/room.ts';

export interface Connection {
  /** A frame came: its text, or `undefined` for a binary one where only text is taken. */
  receive(text: string | undefined): void;
  /** Everything written has left the process. */
  drained(): void;
  /** The socket is closed. To be called once. */
  closed(): void;
  /** What {@link Relay.restore} needs, `undefined` for who was turned away. */
  memory(): ReaderMemory | undefined;
}

/** A class, and few fields: there are as many of these as there are people. */
export class ReaderConnection implements Connection {
  readonly room: Room;
  readonly reader: Reader;
  readonly address: string;
  /** Whether it was let in although there was no place: it was here before the relay slept. */
  readonly rejected: boolean;
  readonly #left: (connection: ReaderConnection) => void;

  /** `left` is called once its reader has left the room. */
  constructor(
    room: Room,
    reader: Reader,
    address: string,
    rejected: boolean,
    left: (connection: ReaderConnection) => void,
  ) {
    this.room = room;
    this.reader = reader;
    this.address = address;
    this.rejected = rejected;
    this.#left = left;
  }

  receive(text: string | undefined): void {
    this.room.receive(this.reader, text);
  }

  drained(): void {
    this.room.drained(this.reader);
  }

  closed(): void {
    this.room.leave(this.reader);
    this.#left(this);
  }

  memory(): ReaderMemory {
    return this.reader.memory;
  }
}
