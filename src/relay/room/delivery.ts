/**
 * Delivers stored entries to every live reader of a room, one write each. In a large room that takes long, so it is
 * done in slices, and the event loop runs in between; entries stored meanwhile are gathered into the next batch.
 */
import { CLOSE_BUSY, CLOSE_FAULT, REASON_SLOW } from '../../protocol/limits.ts';
import type { Entry } from '../log/entry.ts';
import type { Scheduler } from '../scheduler.ts';
import { Batch } from './batch.ts';
import type { Reader } from './reader.ts';

const SLICE_MS = 2;
/** Readers written to between two looks at the clock, because reading the clock has a cost too. */
const READERS_PER_LOOK = 32;

/** A batch that is being written. */
interface Sending {
  readonly entries: readonly Entry[];
  readonly first: number;
  readonly last: number;
  /** All entries, and only the messages: the same batch if all are messages. */
  readonly all: Batch;
  readonly messages: Batch;
  /** The readers still to be written to. Readers that join meanwhile are at the end, and have read it in a page. */
  readonly readers: Iterator<Reader>;
}

export interface DeliveryOptions {
  /** Without a scheduler, everything is written at once. */
  readonly scheduler: Scheduler | undefined;
  /** Reports a caught bug of ours. */
  readonly report: (error: unknown) => void;
  /** Called when a batch has been written to all readers. */
  readonly onWritten: () => void;
}

export class Delivery {
  readonly #readers: ReadonlySet<Reader>;
  readonly #scheduler: Scheduler | undefined;
  readonly #report: (error: unknown) => void;
  readonly #onWritten: () => void;
  #gathered: Entry[] = [];
  #sending: Sending | undefined;

  constructor(readers: ReadonlySet<Reader>, { scheduler, report, onWritten }: DeliveryOptions) {
    this.#readers = readers;
    this.#scheduler = scheduler;
    this.#report = report;
    this.#onWritten = onWritten;
  }

  /** Whether a batch is still being written. Nothing else can be sent before it. */
  get busy(): boolean {
    return this.#sending !== undefined;
  }

  /** Delivers stored entries, which must come in the order of the log. */
  deliver(entries: readonly Entry[]): void {
    for (const entry of entries) this.#gathered.push(entry);
    if (this.#sending) return;
    this.#begin();
    this.#run(this.#scheduler);
  }

  /**
   * Replaces entries whose content has changed, so that no further reader is sent the old content. Content already
   * written to a socket cannot be recalled: it may still wait in that socket's buffer.
   */
  rewrite(entries: readonly Entry[]): void {
    this.#gathered = rewritten(this.#gathered, entries);
    const sending = this.#sending;
    if (!sending) return;
    const changed = rewritten(sending.entries, entries);
    if (changed !== sending.entries) this.#sending = { ...sending, entries: changed, ...batchesOf(changed) };
  }

  /** Writes everything that is left, however long it takes. */
  finish(): void {
    while (this.#sending || this.#gathered.length > 0) {
      if (!this.#sending) this.#begin();
      this.#run(undefined);
    }
  }

  #begin(): void {
    const entries = this.#gathered;
    this.#gathered = [];
    const first = entries[0]?.seq;
    const last = entries.at(-1)?.seq;
    if (first === undefined || last === undefined) return;
    this.#sending = { entries, first, last, ...batchesOf(entries), readers: this.#readers.values() };
  }

  #run(scheduler: Scheduler | undefined): void {
    const sending = this.#sending;
    if (!sending) return;
    const until = scheduler ? scheduler.now() + SLICE_MS : 0;
    for (let count = 1; ; count++) {
      const { done, value: reader } = sending.readers.next();
      if (done) break;
      if (reader.live) this.#deliverTo(reader, sending);
      if (scheduler && count % READERS_PER_LOOK === 0 && scheduler.now() >= until) return this.#runLater(scheduler);
    }
    this.#sending = undefined;
    this.#onWritten();
    if (scheduler && this.#gathered.length > 0) this.#rest(scheduler);
  }

  /** A bug of ours at one reader closes its connection, and does not affect the others. */
  #deliverTo(reader: Reader, sending: Sending): void {
    try {
      deliverTo(reader, sending);
    } catch (error) {
      this.#report(error);
      reader.close(CLOSE_FAULT);
    }
  }

  #runLater(scheduler: Scheduler): void {
    scheduler.later(() => this.#run(scheduler));
  }

  /**
   * Waits a turn before the next batch: in it, the relay reads from the clients that were written to last, and their
   * answers are committed and sent with the rest. Without it two half batches would follow each other for ever.
   */
  #rest(scheduler: Scheduler): void {
    scheduler.later(() => {
      if (this.#sending || this.#gathered.length === 0) return;
      this.#begin();
      this.#run(scheduler);
    });
  }
}

/** Writes the entries to one reader that it has not already read in a page. */
function deliverTo(reader: Reader, sending: Sending): void {
  const { first, last } = sending;
  if (reader.cursor >= last) return;
  if (reader.full) {
    if (!reader.dialect.catchesUp) return reader.close(CLOSE_BUSY, REASON_SLOW);
    // It has all entries before `first`, even if its cursor is lower: a seq in between has no entry.
    return reader.fallBehind(Math.max(first - 1, reader.cursor));
  }
  const batches = reader.cursor < first ? sending : batchesOf(sending.entries.filter(({ seq }) => seq > reader.cursor));
  const batch = reader.dialect.takesAllEntries ? batches.all : batches.messages;
  if (batch.payloads.length > 0) reader.deliver(batch, last);
  else reader.cursor = last;
}

function batchesOf(entries: readonly Entry[]): { all: Batch; messages: Batch } {
  const all = new Batch(entries.map(({ payload }) => payload));
  if (entries.every(isMessage)) return { all, messages: all };
  return { all, messages: new Batch(entries.filter(isMessage).map(({ payload }) => payload)) };
}

function isMessage({ type }: Entry): boolean {
  return type === 'normal';
}

/** The list with the rewritten entries replaced; the same list if there are none. */
function rewritten<L extends readonly Entry[]>(list: L, entries: readonly Entry[]): L | Entry[] {
  const now = new Map(entries.map(entry => [entry.seq, entry]));
  if (!list.some(({ seq }) => now.has(seq))) return list;
  return list.map(entry => now.get(entry.seq) ?? entry);
}
