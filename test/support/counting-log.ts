/** A log of rooms that counts what is read from it: calls, entries, bytes and keys. */
import type { Log } from '../../src/relay/log/log.ts';

export class CountingLog implements Log {
  readonly #inner: Log;
  reads = 0;
  entries = 0;
  /** UTF-16 units of payloads. */
  length = 0;
  keys = 0;

  constructor(inner: Log) {
    this.#inner = inner;
  }

  reset(): void {
    this.reads = 0;
    this.entries = 0;
    this.length = 0;
    this.keys = 0;
  }

  open(...args: Parameters<Log['open']>): ReturnType<Log['open']> {
    const room = this.#inner.open(...args);
    const { after, messagesBefore, keysBefore } = room;
    const count = (found: ReturnType<typeof after>) => {
      if (found instanceof Promise) return found;
      this.reads += 1;
      this.entries += found.length;
      for (const { payload } of found) this.length += payload.length;
      return found;
    };
    room.after = (...given) => count(after.apply(room, given));
    room.messagesBefore = (...given) => count(messagesBefore.apply(room, given));
    room.keysBefore = (...given) => {
      const found = keysBefore.apply(room, given);
      this.keys += found.length;
      return found;
    };
    return room;
  }

  commit(): void {
    this.#inner.commit();
  }
}
