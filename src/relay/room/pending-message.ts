/** A message that was appended and not committed yet, and the readers to tell if the commit fails. */
import type { Person } from '../../protocol/frames.ts';
import { CLOSE_FAULT } from '../../protocol/limits.ts';
import { jsonString } from '../json-string.ts';
import { keyOf, type NewMessage } from '../log/entry.ts';
import type { Batch } from './batch.ts';
import type { RoomContext } from './context.ts';
import type { Dedup } from './dedup.ts';
import type { PendingMessages } from './pending-messages.ts';
import type { Reader } from './reader.ts';
import { batchOf, unavailableMessage } from './replies.ts';

/** The parts of a room that must know the result of the commit. */
export interface PendingContext {
  readonly context: Pick<RoomContext, 'report'>;
  readonly dedup: Dedup<PendingMessage>;
  readonly pending: PendingMessages<PendingMessage>;
}

/** The fields of a message, and the reader that sent it. */
export interface PendingOptions {
  readonly id: string;
  /** The author, under the name of this message. */
  readonly person: Person;
  readonly message: string;
  readonly at: number;
  readonly sender: Reader;
}

/** It has few fields, because thousands of them live through garbage collections while a turn of a busy room lasts. */
export class PendingMessage implements NewMessage {
  readonly id: string;
  readonly at: number;
  readonly #context: PendingContext;
  readonly #sender: Reader;
  /** Other readers that have sent it; almost no message has any. */
  #others: Reader[] | undefined;
  readonly #person: Person;
  readonly #message: string;

  constructor(context: PendingContext, { id, person, message, at, sender }: PendingOptions) {
    this.#context = context;
    this.id = id;
    this.at = at;
    this.#person = person;
    this.#message = message;
    this.#sender = sender;
  }

  get type(): 'normal' {
    return 'normal';
  }

  get speaker(): string | undefined {
    return this.#sender.keyed ? this.#person.from : undefined;
  }

  /** Made anew each time: keeping it until the commit costs more than making it twice. */
  get key(): string {
    return keyOf(this.#person.from, this.id);
  }

  /** Another copy of the message arrived from `reader`, which is to be told too if the commit fails. */
  alsoFrom(reader: Reader): void {
    if (reader === this.#sender || this.#others?.includes(reader)) return;
    this.#others ??= [];
    this.#others.push(reader);
  }

  /** What `JSON.stringify` would make of the frame, for less than a third of the time. Ids need no escape. */
  payloadAt(seq: number): string {
    const { id, at } = this;
    const { from, user } = this.#person;
    const [name, message] = [jsonString(user), jsonString(this.#message)];
    return `{"seq":${seq},"type":"normal","id":"${id}","from":"${from}","user":${name},"message":${message},"at":${at}}`;
  }

  onStored(): void {
    this.#context.pending.remove(this);
  }

  onFailed(): void {
    this.#context.pending.remove(this);
    this.#context.dedup.failed(this.key);
    const batch = batchOf(unavailableMessage(this.id));
    for (const sender of [this.#sender, ...(this.#others ?? [])])
      if (sender.dialect.announces) this.#tell(sender, batch);
  }

  /** A bug of ours at one reader closes its connection, and does not affect the others. */
  #tell(reader: Reader, batch: Batch): void {
    try {
      reader.answer(batch);
    } catch (error) {
      this.#context.context.report(error);
      reader.close(CLOSE_FAULT);
    }
  }
}
