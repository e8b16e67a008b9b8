/**
 * What a row of a room looks like: entries side by side, joined by line feeds (encoded JSON has none of its own); beside
 * them their keys, and a letter for the type of each entry unless all are messages. Rows of format 1 have payloads alone.
 */
import type { Row } from './database.ts';
import { type Entry, type EntryType, keyOf } from './entry.ts';

/** How every payload of format 1 begins. Ids are of characters that need no escape. */
const OLD_PAYLOAD = /^\{"type":"normal","seq":\d+,"id":"([\w-]+)","from":"([\w-]+)"/;

/** `?` stands for no entry of ours: a letter that a later relay wrote is kept as it is. */
const LETTERS: Readonly<Record<EntryType, string>> = {
  normal: 'n',
  edited: 'e',
  erased: 'x',
  gone: 'g',
  unknown: '?',
};
const TYPES: Readonly<Record<string, EntryType>> = { n: 'normal', e: 'edited', x: 'erased', g: 'gone' };

/** What a row is written from: the columns of `entries` but its place. */
export interface RowContent {
  readonly messages: number;
  readonly types: string | null;
  readonly keys: string;
  readonly payloads: string;
}

/** Encodes new entries that follow each other as one row. */
export function pack(entries: readonly Entry[]): RowContent {
  const messages = entries.reduce((sum, { type }) => (type === 'normal' ? sum + 1 : sum), 0);
  return {
    messages,
    types: messages === entries.length ? null : entries.map(({ type }) => LETTERS[type]).join(''),
    keys: entries.map(({ origin }) => origin?.key ?? '').join('\n'),
    payloads: entries.map(({ payload }) => payload).join('\n'),
  };
}

/** A row whose places can be given another content. */
export class EditableRow implements RowContent {
  readonly first: number;
  readonly last: number;
  readonly keys: string;
  /** Whether it is of format 1. */
  readonly old: boolean;
  /** When its newest entry was appended, as far as a row of format 1 tells. */
  readonly at: number;
  readonly #letters: string[];
  readonly #payloads: string[];

  constructor(row: Row) {
    this.first = Number(row.first);
    this.last = Number(row.last);
    this.keys = keysOf(row);
    this.old = row.old === 1;
    this.#payloads = String(row.payloads).split('\n');
    this.#letters = typeof row.types === 'string' ? [...row.types] : this.#payloads.map(() => LETTERS.normal);
    this.at = Number(/"at":(\d+)\}$/.exec(this.#payloads.at(-1) ?? '')?.[1] ?? 0);
  }

  get messages(): number {
    return this.#letters.filter(letter => letter === LETTERS.normal).length;
  }

  /** A letter for each entry, or nothing if all are messages. */
  get types(): string | null {
    return this.messages === this.#letters.length ? null : this.#letters.join('');
  }

  get payloads(): string {
    return this.#payloads.join('\n');
  }

  /** What stands in the place `seq`. */
  get(seq: number): Entry | undefined {
    const payload = this.#payloads[seq - this.first];
    const type = TYPES[this.#letters[seq - this.first] ?? ''] ?? 'unknown';
    return payload === undefined ? undefined : { seq, type, payload, origin: undefined };
  }

  /** Puts something else into the place `seq`. */
  set({ seq, type, payload }: Entry): void {
    this.#letters[seq - this.first] = LETTERS[type];
    this.#payloads[seq - this.first] = payload;
  }
}

/** The entries of a row. */
export function unpack(row: Row): Entry[] {
  const first = Number(row.first);
  const letters = typeof row.types === 'string' ? row.types : undefined;
  return String(row.payloads)
    .split('\n')
    .map((payload, index) => {
      const type = letters === undefined ? 'normal' : (TYPES[letters.charAt(index)] ?? 'unknown');
      return { seq: first + index, type, payload, origin: undefined };
    });
}

/** The keys of a row, a line each. Those of format 1 are read from the payloads, and copied out of them. */
export function keysOf({ keys, payloads }: Row): string {
  if (typeof keys === 'string') return keys;
  return String(payloads)
    .split('\n')
    .map(payload => {
      const [, id = '', from = ''] = OLD_PAYLOAD.exec(payload) ?? [];
      return keyOf(from, id);
    })
    .join('\n');
}
