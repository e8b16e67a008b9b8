/** Entries as a room appends them. They record their results. */
import {
  keyOf,
  type NewEdit,
  type NewErasure,
  type NewMessage,
  type RejectionCode,
} from '../../src/relay/log/entry.ts';

/** The fields to set; the others have defaults. */
export interface Given {
  readonly id?: string;
  readonly from?: string;
  readonly user?: string;
  readonly message?: string;
  readonly at?: number;
  readonly keyed?: boolean;
}

class TestEntry {
  readonly key: string;
  readonly at: number;
  /** The `seq` under which it is stored. */
  seq = 0;
  failed = false;
  rejected: RejectionCode | undefined;

  constructor(key: string, at: number) {
    this.key = key;
    this.at = at;
  }

  onStored(seq: number): void {
    this.seq = seq;
  }

  onFailed(): void {
    this.failed = true;
  }

  onRejected(code: RejectionCode): void {
    this.rejected = code;
  }
}

export class TestMessage extends TestEntry implements NewMessage {
  readonly type = 'normal';
  readonly #fields: object;
  readonly speaker: string | undefined;

  constructor({ id = 'i', from = 'f', user = 'u', message = 'm', at = 7, keyed = false }: Given = {}) {
    super(keyOf(from, id), at);
    this.#fields = { type: 'normal', id, from, user, message, at };
    this.speaker = keyed ? from : undefined;
  }

  payloadAt(seq: number): string {
    return JSON.stringify({ seq, ...this.#fields });
  }
}

export class TestEdit extends TestEntry implements NewEdit {
  readonly type = 'edited';
  readonly id: string;
  readonly of: number;
  readonly message: string;

  constructor(of: number, message: string, { id = `edit-${of}`, from = 'f', at = 8 }: Given = {}) {
    super(keyOf(from, id), at);
    this.id = id;
    this.of = of;
    this.message = message;
  }
}

export class TestErasure extends TestEntry implements NewErasure {
  readonly type = 'erased';
  readonly id: string;
  readonly from: string;
  readonly of: number | readonly number[];
  readonly by = 'author';

  constructor(of: number | readonly number[], { id = `erase-${of}`, from = 'f', at = 9 }: Given = {}) {
    super(keyOf(from, id), at);
    this.id = id;
    this.from = from;
    this.of = of;
  }
}
