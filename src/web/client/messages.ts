/**
 * Tells the listener of messages, edits and erasures as their entries come, and remembers the newest edits and
 * erasures, so that an older answer over HTTP can be brought up to date.
 */
import type { Edited, EntryFrame, Erased } from '../../protocol/entries.ts';
import type { ClientListener } from './types.ts';

const MAX_CHANGES = 2000;

export interface Messages {
  /** Takes each entry of the log once, in the order of `seq`. */
  take(entry: EntryFrame, replayed: boolean): void;
  /** Forgets all changes: those up to `head` are not all known. */
  skip(head: number): void;
  /** The edits and erasures above `head`, in the order of `seq`; `undefined` if not all of them are known. */
  changesAfter(head: number): readonly (Edited | Erased)[] | undefined;
}

export function createMessages(listener: Pick<ClientListener, 'message' | 'changed' | 'erased'>): Messages {
  let changes: (Edited | Erased)[] = [];
  /** All changes above this seq are known, and are in `changes`. */
  let knownAbove = Number.POSITIVE_INFINITY;

  return {
    take(entry, replayed) {
      if (entry.type === 'normal') return listener.message?.(entry, replayed);
      if (entry.type === 'edited') listener.changed?.(entry);
      else if (entry.type === 'erased') listener.erased?.([entry.of].flat());
      else return;
      if (entry.seq > knownAbove && changes.push(entry) > MAX_CHANGES) knownAbove = changes.shift()?.seq ?? 0;
    },
    skip(head) {
      changes = [];
      knownAbove = head;
    },
    changesAfter: head => (head < knownAbove ? undefined : changes.filter(({ seq }) => seq > head)),
  };
}
