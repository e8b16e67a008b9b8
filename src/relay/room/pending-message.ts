/** A message that was appended and not committed yet, and the readers to tell if the commit fails. */
import { keyOf, type NewMessage } from '../log/entry.ts';
import type { DedupIndex } from './dedup.ts';
import type { Reader } from './reader.ts';
import { batchOf, unavailableMessage } from './replies.ts';

/** The parts of a room that must know the result of the commit. */
export interface PendingContext {
  readonly dedup: DedupIndex<PendingMessage>;
  readonly pending: Set<PendingMessage>;
}

/** The fields of a message, and the reader that sent it. */
export interface PendingOptions {
  readonly id: string;
  readonly from: string;
  readonly user: string;
  readonly message: string;
  readonly at: number;
  readonly sender: Reader;
}

export class PendingMessage implements NewMessage {
  readonly type = 'normal';
  readonly id: string;
  readonly key: string;
  readonly at: number;
  readonly speaker: string | undefined;
  readonly senders: Reader[];
  readonly #context: PendingContext;
  readonly #from: string;
  readonly #user: string;
  readonly #message: string;

  constructor(context: PendingContext, { id, from, user, message, at, sender }: PendingOptions) {
    this.#context = context;
    this.id = id;
    this.key = keyOf(from, id);
    this.at = at;
    this.#from = from;
    this.#user = user;
    this.#message = message;
    this.speaker = sender.keyed ? from : undefined;
    this.senders = [sender];
  }

  payloadAt(seq: number): string {
    const { id, at } = this;
    return JSON.stringify({ seq, type: this.type, id, from: this.#from, user: this.#user, message: this.#message, at });
  }

  onStored(seq: number): void {
    this.#context.pending.delete(this);
    this.#context.dedup.note(this.key, seq);
  }

  onFailed(): void {
    this.#context.pending.delete(this);
    this.#context.dedup.forget(this.key);
    const batch = batchOf(unavailableMessage(this.id));
    for (const sender of this.senders) if (sender.dialect.announces) sender.answer(batch);
  }
}
