/**
 * What was said and is not known to be stored, in order, kept across a reload. A storage that throws, or holds something
 * else, costs no more than that.
 */
import type { RefusalCode } from '../protocol.ts';
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
  readonly code?: RefusalCode | 'too-big';
}

export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const MAX_MESSAGES = 200;
/** UTF-16 units of it all as JSON. */
const MAX_LENGTH = 65_536;

export class Outbox {
  readonly #store: Store | undefined;
  readonly #name: string;
  readonly #sent = new Set<string>();
  #items: readonly Outgoing[] = [];

  constructor(store: Store | undefined, name: string) {
    this.#store = store;
    this.#name = name;
    try {
      const kept: unknown = JSON.parse(store?.getItem(name) ?? '[]');
      if (Array.isArray(kept)) this.#items = kept.filter(isOutgoing);
    } catch {}
    // Perhaps not by this page: a tab that is duplicated takes the outbox along.
    for (const { id } of this.#items) this.#sent.add(id);
  }

  get items(): readonly Outgoing[] {
    return this.#items;
  }

  /** The first that is to be sent. */
  get next(): Outgoing | undefined {
    return this.#items.find(item => item.state === 'pending');
  }

  /** Takes something said; `undefined` when it is full. */
  add(message: string, user: string, at: number): Outgoing | undefined {
    const item: Outgoing = { id: randomId(), message, user, at, state: 'pending' };
    const items = [...this.#items, item];
    if (items.length > MAX_MESSAGES || JSON.stringify(items).length > MAX_LENGTH) return undefined;
    this.#keep(items);
    return item;
  }

  /** Notes that it is sent now; whether it had been before. */
  send(id: string): boolean {
    const again = this.#sent.has(id);
    this.#sent.add(id);
    return again;
  }

  /** Changes the state of one that is there, and returns it as it is then. */
  mark(id: string, state: Outgoing['state'], code?: Outgoing['code']): Outgoing | undefined {
    const old = this.#items.find(item => item.id === id);
    if (!old) return undefined;
    const { code: _, ...rest } = old;
    const item = { ...rest, state, ...(code && { code }) };
    this.#keep(this.#items.map(other => (other === old ? item : other)));
    return item;
  }

  /** Lets go of one; whether it was there. */
  remove(id: string): boolean {
    const items = this.#items.filter(item => item.id !== id);
    const found = items.length < this.#items.length;
    if (found) this.#keep(items);
    return found;
  }

  /** Those that had been sent: nobody can tell any more what became of them. */
  doubt(): Outgoing[] {
    const doubtful = this.#items.filter(({ id, state }) => state === 'pending' && this.#sent.has(id));
    return doubtful.flatMap(({ id }) => this.mark(id, 'unknown') ?? []);
  }

  #keep(items: readonly Outgoing[]): void {
    this.#items = items;
    try {
      if (items.length > 0) this.#store?.setItem(this.#name, JSON.stringify(items));
      else this.#store?.removeItem(this.#name);
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
