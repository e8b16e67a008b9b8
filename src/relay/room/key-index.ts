/**
 * The keys of a room's newest entries, each as a hash of 32 bits beside its `seq`: 8 bytes, and no text. It tells that a
 * key is not in the log without reading it. A hash that is found is only a hint: the key in the log must be compared.
 */
import type { KnownKey } from '../log/log.ts';

/** Entries per chunk. */
const CHUNK = 256;
/** The prime of the hash FNV-1a (draft-eastlake-fnv-17, section 5). */
const FNV_PRIME = 0x01000193;

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
    if (!chunk || chunk.end === CHUNK) {
      chunk = emptyChunk(0);
      this.#chunks.push(chunk);
      this.#budget.touch(this);
    }
    chunk.hashes[chunk.end] = this.#hash(key);
    chunk.seqs[chunk.end] = seq;
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
        chunk = emptyChunk(CHUNK);
        this.#chunks.unshift(chunk);
      }
      chunk.start -= 1;
      chunk.hashes[chunk.start] = this.#hash(key);
      chunk.seqs[chunk.start] = seq;
      this.#after = seq - 1;
    }
    this.#budget.used += keys.length;
  }

  /** The places where a key may be, most often none. */
  find(key: string): number[] {
    const hash = this.#hash(key);
    const found: number[] = [];
    if (this.#chunks.length > 0) this.#budget.touch(this);
    for (const { hashes, seqs, start, end } of this.#chunks) {
      for (let at = hashes.indexOf(hash, start); at !== -1 && at < end; at = hashes.indexOf(hash, at + 1)) {
        found.push(seqs[at] ?? 0);
      }
    }
    return found;
  }

  /** Drops chunks whose entries are all before `oldest`. */
  trim(oldest: number): void {
    for (let chunk = this.#chunks[0]; chunk; chunk = this.#chunks[0]) {
      const last = chunk.seqs[chunk.end - 1] ?? 0;
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

  #hash(key: string): number {
    let hash = this.#seed;
    for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), FNV_PRIME);
    return (hash ^ (hash >>> 15)) >>> 0;
  }
}

function emptyChunk(start: number): Chunk {
  return { hashes: new Uint32Array(CHUNK), seqs: new Uint32Array(CHUNK), start, end: start };
}
