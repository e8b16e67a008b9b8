/**
 * The keys of a room's newest entries, each as a hash of 32 bits beside its `seq`: 12 bytes, and no text. It tells that a
 * key is not in the log without reading it. A hash that is found is only a hint: the key in the log must be compared.
 */
import { fnv1a } from '../fnv1a.ts';
import type { KnownKey } from '../log/log.ts';

/** Entries per chunk: few at first, and more in an index of many chunks, because a search looks into each. */
const CHUNK = 256;
const LARGE_CHUNK = 4096;
const MANY_CHUNKS = 32;

/** Bounds the keys in the indexes of all rooms: for the keys of one room, those that nobody has needed for longest go. */
export class KeyBudget {
  used = 0;
  readonly #max: number;
  /** The indexes that hold keys, the one that was needed last at the end. */
  readonly #indexes = new Set<KeyIndex>();

  /** `max` keys may be indexed after they were read from the log; new entries are indexed in any case. */
  constructor(max: number) {
    this.#max = max;
  }

  /** An index is needed. */
  touch(index: KeyIndex): void {
    this.#indexes.delete(index);
    this.#indexes.add(index);
  }

  /** An index holds nothing any more. */
  drop(index: KeyIndex): void {
    this.#indexes.delete(index);
  }

  /** Makes place for `count` keys in an index. Returns false if there cannot be enough. */
  reserve(count: number, { owner }: { readonly owner: KeyIndex }): boolean {
    for (const index of this.#indexes) {
      if (this.used + count <= this.#max) break;
      if (index !== owner) index.clear();
    }
    return this.used + count <= this.#max;
  }
}

/** Some entries in the order of `seq`, from the index `start` to before `end`. */
interface Chunk {
  readonly hashes: Uint32Array;
  readonly seqs: Uint32Array;
  /** A hash table with linear probing, half empty. Each slot holds the place of an entry, plus 1, or 0. */
  readonly slots: Uint16Array;
  start: number;
  end: number;
}

export class KeyIndex {
  readonly #budget: KeyBudget;
  /** Unknown to clients, so that they cannot choose ids with the same hash. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  /** Oldest first; none is empty. */
  readonly #chunks: Chunk[] = [];
  #after: number;
  /** The newest `seq`. */
  #head: number;

  /** It begins empty, and holds every entry after `head` that is appended to it. */
  constructor(head: number, budget: KeyBudget) {
    this.#after = head;
    this.#head = head;
    this.#budget = budget;
  }

  /** It holds the keys of all entries after this `seq`. */
  get after(): number {
    return this.#after;
  }

  /** Adds the newest entry. */
  append(key: string, seq: number): void {
    let chunk = this.#chunks.at(-1);
    if (!chunk || chunk.end === chunk.seqs.length) {
      chunk = emptyChunk(this.#chunkLength, 0);
      this.#chunks.push(chunk);
      this.#budget.touch(this);
    }
    set(chunk, chunk.end, this.#hash(key), seq);
    chunk.end += 1;
    this.#head = seq;
    this.#budget.used += 1;
  }

  /** Adds the entries before {@link after}, newest first, unless too much is indexed. */
  extend(keys: readonly KnownKey[]): void {
    this.#budget.touch(this);
    if (!this.#budget.reserve(keys.length, { owner: this })) return;
    for (const { seq, key } of keys) {
      let chunk = this.#chunks[0];
      if (!chunk || chunk.start === 0) {
        chunk = emptyChunk(this.#chunkLength, this.#chunkLength);
        this.#chunks.unshift(chunk);
      }
      chunk.start -= 1;
      set(chunk, chunk.start, this.#hash(key), seq);
      this.#after = seq - 1;
    }
    this.#budget.used += keys.length;
  }

  /** The places after a `seq` where a key may be, most often none. */
  find(key: string, after: number): number[] {
    const hash = this.#hash(key);
    const found: number[] = [];
    if (this.#chunks.length > 0) this.#budget.touch(this);
    for (let index = this.#chunks.length - 1; index >= 0; index--) {
      const chunk = this.#chunks[index];
      if (!chunk || newestOf(chunk) <= after) break;
      const { hashes, seqs, slots } = chunk;
      for (let slot = hash % slots.length, at = slots[slot]; at; at = slots[slot]) {
        const seq = seqs[at - 1] ?? 0;
        if (hashes[at - 1] === hash && seq > after) found.push(seq);
        slot = (slot + 1) % slots.length;
      }
    }
    return found;
  }

  /** Drops chunks whose entries are all before `oldest`. */
  trim(oldest: number): void {
    for (let chunk = this.#chunks[0]; chunk; chunk = this.#chunks[0]) {
      const last = newestOf(chunk);
      if (last >= oldest) return;
      this.#chunks.shift();
      this.#budget.used -= chunk.end - chunk.start;
      this.#after = Math.max(this.#after, last);
    }
  }

  /** Drops everything. From here on it holds new entries again. */
  clear(): void {
    for (const { start, end } of this.#chunks) this.#budget.used -= end - start;
    this.#chunks.length = 0;
    this.#after = this.#head;
    this.#budget.drop(this);
  }

  get #chunkLength(): number {
    return this.#chunks.length < MANY_CHUNKS ? CHUNK : LARGE_CHUNK;
  }

  #hash(key: string): number {
    const hash = fnv1a(key, this.#seed);
    return (hash ^ (hash >>> 15)) >>> 0;
  }
}

function emptyChunk(length: number, start: number): Chunk {
  const [hashes, seqs, slots] = [new Uint32Array(length), new Uint32Array(length), new Uint16Array(2 * length)];
  return { hashes, seqs, slots, start, end: start };
}

/** The `seq` of a chunk's newest entry. */
function newestOf({ seqs, end }: Chunk): number {
  return seqs[end - 1] ?? 0;
}

/** Puts an entry in an empty place. */
function set({ hashes, seqs, slots }: Chunk, at: number, hash: number, seq: number): void {
  hashes[at] = hash;
  seqs[at] = seq;
  let slot = hash % slots.length;
  while (slots[slot] !== 0) slot = (slot + 1) % slots.length;
  slots[slot] = at + 1;
}
