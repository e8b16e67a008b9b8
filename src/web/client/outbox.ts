/**
 * What was said and is not known to be stored, in order, stored across a reload. A storage that throws, or holds something
 * else, costs no more than that.
 */
import type { RefusalCode } from '../../protocol/frames.ts';
import { randomId } from './random-id.ts';

export interface Outgoing {
  readonly id: string;
  readonly message: string;
  /** The name it was written under. */
  readonly user: string;
  /** When it was written (ms since 1970). */
  readonly at: number;
  /** `unknown`: it was sent, and nobody can tell whether it was stored. */
  readonly state: 'pending' | 'failed' | 'unknown';
  readonly code?: RefusalCode | 'too-big' | undefined;
}

export type OutboxStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const MAX_MESSAGES = 200;
/** UTF-16 units of it all as JSON. */
const MAX_LENGTH = 65_536;

export class Outbox {
  readonly #storage: OutboxStorage | undefined;
  readonly #name: string;
  readonly #items = new Map<string, Outgoing>();
  readonly #sent = new Set<string>();

  constructor(store: OutboxStorage | undefined, name: string) {
    this.#storage = store;
    this.#name = name;
    try {
      const stored: unknown = JSON.parse(store?.getItem(name) ?? '');
      for (const item of Array.isArray(stored) ? stored.filter(isOutgoing) : []) {
        this.#items.set(item.id, item);
        // Perhaps not by this page: a tab that is duplicated takes the outbox along.
        this.#sent.add(item.id);
      }
    } catch {}
  }

  get items(): readonly Outgoing[] {
    return [...this.#items.values()];
  }

  /** The first that is to be sent. */
  get next(): Outgoing | undefined {
    return this.items.find(item => item.state === 'pending');
  }

  /** Takes something said; `undefined` when it is full. */
  add(message: string, user: string, at: number): Outgoing | undefined {
    const item: Outgoing = { id: randomId(), message, user, at, state: 'pending' };
    const items = [...this.items, item];
    if (items.length > MAX_MESSAGES || JSON.stringify(items).length > MAX_LENGTH) return undefined;
    this.#items.set(item.id, item);
    this.#save();
    return item;
  }

  /** Notes that it is sent now; whether it had been before. */
  send(id: string): boolean {
    const again = this.#sent.has(id);
    this.#sent.add(id);
    return again;
  }

  /** Changes the state of one that is there, in its place, and returns it as it is then. */
  mark(id: string, state: Outgoing['state'], code?: Outgoing['code']): Outgoing | undefined {
    const old = this.#items.get(id);
    if (!old) return undefined;
    const item = { ...old, state, code };
    this.#items.set(id, item);
    this.#save();
    return item;
  }

  /** Lets go of one; whether it was there. */
  remove(id: string): boolean {
    const found = this.#items.delete(id);
    if (found) this.#save();
    return found;
  }

  /** Those that have been sent: after a gap in the log, nobody can tell what became of them. */
  get uncertain(): readonly Outgoing[] {
    return this.items.filter(({ id, state }) => state === 'pending' && this.#sent.has(id));
  }

  #save(): void {
    try {
      if (this.#items.size > 0) this.#storage?.setItem(this.#name, JSON.stringify(this.items));
      else this.#storage?.removeItem(this.#name);
    } catch {}
  }
}

function isOutgoing(value: unknown): value is Outgoing {
  if (typeof value !== 'object' || value === null) return false;
  const { id, message, user, at, state }: { [name in keyof Outgoing]?: unknown } = value;
  return (
    [id, message, user].every(text => typeof text === 'string') &&
    typeof at === 'number' &&
    ['pending', 'failed', 'unknown'].includes(String(state))
  );
}
