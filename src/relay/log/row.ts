/**
 * The format of a row of a room: payloads joined by line feeds (encoded JSON has none of its own), their keys likewise,
 * and a letter for the type of each entry unless all are messages. Rows of format 1 have only payloads.
 */
import type { Row } from './database.ts';
import { type Entry, type EntryType, keyOf } from './entry.ts';

/** The beginning of every payload of format 1. Ids consist of characters that need no escape. */
const OLD_PAYLOAD = /^\{"type":"normal","seq":\d+,"id":"([\w-]+)","from":"([\w-]+)"/;

/** No entry of ours has the letter `?`; a letter that a later relay wrote is kept as it is. */
const LETTERS: Readonly<Record<EntryType, string>> = {
  normal: 'n',
  edited: 'e',
  erased: 'x',
  gone: 'g',
  unknown: '?',
};
const TYPES: Readonly<Record<string, EntryType>> = { n: 'normal', e: 'edited', x: 'erased', g: 'gone' };

/** The columns of `entries` without its `id` and `first`. */
export interface RowContent {
  readonly messages: number;
  readonly types: string | null;
  readonly keys: string;
  readonly payloads: string;
}

/** Encodes new, consecutive entries as one row: those from index `start` to before `end`. */
export function pack(entries: readonly Entry[], start: number, end: number): RowContent {
  const letters: string[] = [];
  const keys: string[] = [];
  const payloads: string[] = [];
  let messages = 0;
  for (let index = start; index < end; index++) {
    const entry = entries[index];
    if (!entry) break;
    const { type, payload, origin } = entry;
    if (type === 'normal') messages += 1;
    letters.push(LETTERS[type]);
    keys.push(origin?.key ?? '');
    payloads.push(payload);
  }
  const types = messages === payloads.length ? null : letters.join('');
  return { messages, types, keys: keys.join('\n'), payloads: payloads.join('\n') };
}

/** A row whose entries can be replaced. */
export class EditableRow implements RowContent {
  readonly first: number;
  readonly last: number;
  readonly keys: string;
  /** Whether it is of format 1. */
  readonly old: boolean;
  /** When its newest entry was appended (ms since 1970); 0 if a row of format 1 does not tell. */
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

  /** A letter for each entry; `null` if all are messages. */
  get types(): string | null {
    return this.messages === this.#letters.length ? null : this.#letters.join('');
  }

  get payloads(): string {
    return this.#payloads.join('\n');
  }

  /** The entry at `seq`. */
  get(seq: number): Entry | undefined {
    const payload = this.#payloads[seq - this.first];
    const type = TYPES[this.#letters[seq - this.first] ?? ''] ?? 'unknown';
    return payload === undefined ? undefined : { seq, type, payload, origin: undefined };
  }

  /** Replaces the entry at `seq`. */
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

/** The keys of a row, one per line. For format 1 they are read from the payloads, and copied out of them. */
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
