/**
 * Folds edits and erasures into the messages that are told: whatever the order in which they come, and however often, a
 * message is told in the newest form that is known, and an erased one never.
 */
import type { Edited, EntryFrame, Erased, Message } from '../../protocol/entries.ts';
import type { ClientListener } from './types.ts';

/** So many messages are remembered, the last that were told or changed; more than a page shows. */
const MAX_KNOWN = 2000;

export interface Messages {
  /** Takes an entry of the log and tells what it changes. */
  take(entry: EntryFrame, replayed: boolean): void;
  /** The changes up to `head` are not all known: some were made before this client came, or were missed. */
  skip(head: number): void;
  /**
   * Messages read from the log as it was at `head`, in their newest form and without the erased ones. Throws if not all
   * changes since then are known, so that an erased text could come back.
   */
  fold(messages: readonly Message[], head: number): Message[];
  /** Forgets everything: another log has begun. */
  reset(): void;
}

export function createMessages(listener: Pick<ClientListener, 'message' | 'changed' | 'erased'>): Messages {
  /**
   * The newest that is known of each message, by its seq, in the order in which they were last told or changed. An edit
   * stands here as long as its message has not been told.
   */
  const newest = new Map<number, Message | Edited | Erased>();
  /** All changes above this seq are known. */
  let knownAbove = 0;

  const skip = (head: number) => {
    knownAbove = Math.max(knownAbove, head);
  };
  const remember = (seq: number, entry: Message | Edited | Erased) => {
    newest.delete(seq);
    newest.set(seq, entry);
    if (newest.size <= MAX_KNOWN) return;
    for (const [oldest, known] of newest) {
      newest.delete(oldest);
      return skip(revOf(known));
    }
  };
  /** Remembers a message. Returns it as it is to be told, `undefined` if it is erased. */
  const add = (message: Message) => {
    const known = newest.get(message.seq);
    if (known?.type === 'erased') return undefined;
    if (known && revOf(known) > revOf(message)) message = known.type === 'edited' ? edit(known, message) : known;
    remember(message.seq, message);
    return message;
  };

  return {
    take(entry, replayed) {
      if (entry.type === 'normal') {
        const message = add(entry);
        if (message) listener.message?.(message, replayed);
      } else if (entry.type === 'edited') {
        const { of } = entry;
        const known = newest.get(of);
        if (known && (known.type === 'erased' || revOf(known) >= entry.seq)) return;
        if (known?.type !== 'normal') return remember(of, entry);
        const message = edit(entry, known);
        remember(of, message);
        listener.changed?.(message);
      } else if (entry.type === 'erased') {
        const seqs = [entry.of].flat().filter(seq => newest.get(seq)?.type !== 'erased');
        for (const seq of seqs) remember(seq, entry);
        if (seqs.length > 0) listener.erased?.(seqs);
      }
    },
    skip,
    fold(messages, head) {
      if (head < knownAbove) throw new Error('too old');
      return messages.flatMap(message => add(message) ?? []);
    },
    reset() {
      newest.clear();
      knownAbove = 0;
    },
  };
}

/** The seq of the entry that gave a message this form. */
function revOf(entry: Message | Edited | Erased): number {
  return entry.type === 'normal' ? (entry.rev ?? entry.seq) : entry.seq;
}

/** The message in the form that an edit gives it. */
function edit({ seq, user, message, edited }: Edited, original: Message): Message {
  return { ...original, user, message, edited, rev: seq };
}
