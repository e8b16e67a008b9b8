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
  /** The public id under which it was last sent, `''` if that is not known; without it, it was never sent. */
  readonly sentAs?: string;
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
  /** Adds a message. Returns `undefined` if the outbox is full. */
  add(message: string, user: string, at: number): Outgoing | undefined;
  /** Changes a message and returns it. Its position stays. Returns `undefined` if it is not in the outbox. */
  mark(id: string | undefined, change: Partial<Outgoing>): Outgoing | undefined;
  /** Removes a message. Returns whether it was in the outbox. */
  remove(id: string): boolean;
  /** Reads the storage, to which someone else has added messages. If there are none in it, nothing changes. */
  load(): void;
}

/** The outbox stored under `name`; without a storage, it is only in memory. */
export function createOutbox(storage: OutboxStorage | undefined, name: string): Outbox {
  let items: readonly Outgoing[] = [];
  const save = (changed: readonly Outgoing[]) => {
    items = changed;
    try {
      if (items.length > 0) storage?.setItem(name, JSON.stringify(items));
      else storage?.removeItem(name);
    } catch {}
  };
  const load = () => {
    try {
      const stored: unknown = JSON.parse(storage?.getItem(name) ?? '');
      if (Array.isArray(stored)) items = stored.filter(isOutgoing);
    } catch {}
  };
  load();
  return {
    get items() {
      return items;
    },
    add(message, user, at) {
      const item: Outgoing = { id: randomId(), message, user, at, state: 'pending' };
      const more = [...items, item];
      if (more.length > MAX_MESSAGES || JSON.stringify(more).length > MAX_LENGTH) return undefined;
      save(more);
      return item;
    },
    mark(id, change) {
      const old = items.find(item => item.id === id);
      if (!old) return undefined;
      const item = { ...old, ...change };
      save(items.map(each => (each === old ? item : each)));
      return item;
    },
    remove(id) {
      const rest = items.filter(item => item.id !== id);
      if (rest.length === items.length) return false;
      save(rest);
      return true;
    },
    load,
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
