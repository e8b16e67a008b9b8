/**
 * A batch: payloads that are written to readers at once, one frame each. A runtime encodes them once per opcode,
 * however many readers there are, and never changes the buffer afterwards.
 */

import { utf8Length } from '../utf8.ts';

/** Opcodes of RFC 6455, section 5.2. */
export const TEXT = 1;
export const BINARY = 2;
export type Opcode = typeof TEXT | typeof BINARY;

export class Batch {
  readonly payloads: readonly string[];
  #bytes: number | undefined;
  #text: Uint8Array | undefined;
  #binary: Uint8Array | undefined;

  constructor(payloads: readonly string[]) {
    this.payloads = payloads;
  }

  /** Bytes of the payloads, without frame headers. */
  get bytes(): number {
    this.#bytes ??= this.payloads.reduce((sum, payload) => sum + utf8Length(payload), 0);
    return this.#bytes;
  }

  /** The payloads encoded by `encode`, once per opcode. */
  encoded(opcode: Opcode, encode: (payloads: readonly string[], opcode: Opcode) => Uint8Array): Uint8Array {
    if (opcode === TEXT) {
      this.#text ??= encode(this.payloads, TEXT);
      return this.#text;
    }
    this.#binary ??= encode(this.payloads, BINARY);
    return this.#binary;
  }
}
