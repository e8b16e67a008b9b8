/** A message on its way into the log, and the readers to be told if it does not get there. */
import { keyOf, type NewMessage, tailOf } from '../log/entry.ts';
import type { DedupIndex } from './dedup.ts';
import type { Reader } from './reader.ts';
import { batchOf } from './replies.ts';

/** The parts of a room that must know what becomes of it. */
export interface PendingParts {
  readonly dedup: DedupIndex<PendingMessage>;
  /** Messages that were appended and not committed yet. */
  readonly pending: Set<PendingMessage>;
}

/** The fields of a message, and who sends it now. */
export interface PendingOptions {
  readonly id: string;
  readonly from: string;
  readonly user: string;
  readonly message: string;
  readonly at: number;
  readonly sender: Reader;
}

/** How long a client waits before it sends again what could not be committed. */
const RETRY_MS = 1000;

export class PendingMessage implements NewMessage {
  readonly type = 'normal';
  readonly id: string;
  readonly key: string;
  readonly at: number;
  readonly tail: string;
  readonly speaker: string | undefined;
  readonly senders: Reader[];
  readonly #parts: PendingParts;

  constructor(parts: PendingParts, { id, from, user, message, at, sender }: PendingOptions) {
    this.#parts = parts;
    this.id = id;
    this.key = keyOf(from, id);
    this.at = at;
    this.tail = tailOf({ type: 'normal', id, from, user, message, at });
    this.speaker = sender.keyed ? from : undefined;
    this.senders = [sender];
  }

  onStored(seq: number): void {
    this.#parts.pending.delete(this);
    this.#parts.dedup.note(this.key, seq);
  }

  onFailed(): void {
    this.#parts.pending.delete(this);
    this.#parts.dedup.forget(this.key);
    const batch = batchOf({ type: 'refused', code: 'unavailable', of: 'normal', id: this.id, retryMs: RETRY_MS });
    for (const sender of this.senders) if (sender.dialect.announces) sender.answer(batch);
  }
}
