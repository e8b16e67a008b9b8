/**
 * Keeps the messages that are not known to be stored, in order and across reloads. If the storage throws, they last
 * only as long as the page; anything else in the storage is ignored.
 */
import { isFields, isId, isString, isTime } from '../../protocol/fields.ts';
import type { RefusalCode } from '../../protocol/frames.ts';
import { randomId } from './random-id.ts';

export interface Outgoing {
  readonly id: string;
  readonly message: string;
  /** The name under which it was written. */
  readonly user: string;
  /** When it was written (ms since 1970). */
  readonly at: number;
  /** `unknown`: it was sent, but whether it was stored cannot be known. */
  readonly state: 'pending' | 'failed' | 'unknown';
  readonly code?: RefusalCode | 'too-big' | undefined;
}

/** The part of a browser's `Storage` that an outbox uses. */
export interface OutboxStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

const MAX_MESSAGES = 200;
/** UTF-16 units of all messages as JSON. */
const MAX_LENGTH = 65_536;

export interface Outbox {
  readonly items: readonly Outgoing[];
  /** The first pending message. */
  readonly next: Outgoing | undefined;
  /** The pending messages that have been sent: after a gap in the log, whether they were stored cannot be known. */
  readonly uncertain: readonly Outgoing[];
  /** Adds a message. Returns `undefined` if the outbox is full. */
  add(message: string, user: string, at: number): Outgoing | undefined;
  /** Notes that a message is being sent. Returns whether it had been sent before. */
  send(id: string): boolean;
  /**
   * Changes the state of a message and returns it. Its position stays. Returns `undefined` if it is not in the outbox.
   */
  mark(id: string | undefined, state: Outgoing['state'], code?: Outgoing['code']): Outgoing | undefined;
  /** Removes a message. Returns whether it was in the outbox. */
  remove(id: string): boolean;
}

/** The outbox stored under `name`; without a storage, it is only in memory. */
export function createOutbox(storage: OutboxStorage | undefined, name: string): Outbox {
  let items: readonly Outgoing[] = [];
  const sent = new Set<string>();
  const save = (changed: readonly Outgoing[]) => {
    items = changed;
    try {
      if (items.length > 0) storage?.setItem(name, JSON.stringify(items));
      else storage?.removeItem(name);
    } catch {}
  };
  try {
    const stored: unknown = JSON.parse(storage?.getItem(name) ?? '');
    if (Array.isArray(stored)) items = stored.filter(isOutgoing);
    // Another page may have sent them: a duplicated tab has a copy of the outbox.
    for (const { id } of items) sent.add(id);
  } catch {}
  return {
    get items() {
      return items;
    },
    get next() {
      return items.find(({ state }) => state === 'pending');
    },
    get uncertain() {
      return items.filter(({ id, state }) => state === 'pending' && sent.has(id));
    },
    add(message, user, at) {
      const item: Outgoing = { id: randomId(), message, user, at, state: 'pending' };
      const more = [...items, item];
      if (more.length > MAX_MESSAGES || JSON.stringify(more).length > MAX_LENGTH) return undefined;
      save(more);
      return item;
    },
    send(id) {
      const again = sent.has(id);
      sent.add(id);
      return again;
    },
    mark(id, state, code) {
      const old = items.find(item => item.id === id);
      if (!old) return undefined;
      const item = { ...old, state, code };
      save(items.map(each => (each === old ? item : each)));
      return item;
    },
    remove(id) {
      const rest = items.filter(item => item.id !== id);
      if (rest.length === items.length) return false;
      save(rest);
      return true;
    },
  };
}

function isOutgoing(value: unknown): value is Outgoing {
  if (!isFields(value)) return false;
  const { id, message, user, at, state } = value;
  return (
    isId(id) &&
    [message, user].every(isString) &&
    isTime(at) &&
    ['pending', 'failed', 'unknown'].includes(String(state))
  );
}
