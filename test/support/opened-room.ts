/** A room of a log that records the calls to its listener. It uses nothing of Node, so that it also runs in workerd. */
import type { Entry } from '../../src/relay/log/entry.ts';
import type { LogListener } from '../../src/relay/log/log.ts';
import type { SqliteLog, SqliteLogOptions } from '../../src/relay/log/sqlite-log.ts';
import type { SqliteRoomLog } from '../../src/relay/log/sqlite-room-log.ts';
import { type Given, TestEdit, TestErasure, TestMessage } from './entries.ts';

export const OPTIONS: SqliteLogOptions = {
  history: 1000,
  now: 1_000_000,
  report: error => {
    throw error;
  },
};

export class OpenedRoom implements LogListener {
  readonly log: SqliteLog;
  readonly room: SqliteRoomLog;
  readonly entries: Entry[] = [];
  readonly changed: Entry[] = [];
  readonly messages: TestMessage[] = [];

  constructor(log: SqliteLog, name = 'lobby') {
    this.log = log;
    this.room = log.open(name, this);
  }

  stored(entries: readonly Entry[]): void {
    for (const entry of entries) {
      entry.origin?.onStored(entry.seq);
      this.entries.push({ ...entry, origin: undefined });
    }
  }

  rewritten(entries: readonly Entry[]): void {
    this.changed.push(...entries);
  }

  /** Appends `count` messages. */
  say(count: number, given: Given = {}): void {
    for (let index = 0; index < count; index++) {
      const message = new TestMessage(given);
      this.messages.push(message);
      this.room.append(message);
    }
  }

  /** Commits one message and returns its `seq`. */
  post(message: string, given: Given = {}): number {
    const entry = new TestMessage({ message, ...given });
    this.room.append(entry);
    this.log.commit();
    return entry.seq;
  }

  edit(of: number, message: string, given: Given = {}): TestEdit {
    const entry = new TestEdit(of, message, given);
    this.room.append(entry);
    this.log.commit();
    return entry;
  }

  erase(of: number | readonly number[], given: Given = {}): TestErasure {
    const entry = new TestErasure(of, given);
    this.room.append(entry);
    this.log.commit();
    return entry;
  }

  /** All stored entries, as a client reads them. */
  held(): Record<string, unknown>[] {
    return this.room.after(0, 100_000).map(entry => {
      const fields: Record<string, unknown> = JSON.parse(entry.payload);
      if (fields.seq !== entry.seq || fields.type !== entry.type)
        throw new Error(`${entry.payload} is no ${entry.type}`);
      return fields;
    });
  }

  /** All stored entries in short: the type and `seq` of each. */
  outline(): string {
    return this.room
      .after(0, 100_000)
      .map(({ type, seq }) => `${type} ${seq}`)
      .join(', ');
  }
}

export const seqs = (entries: readonly { readonly seq: number }[]) => entries.map(({ seq }) => seq);
export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
