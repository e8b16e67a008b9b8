/**
 * Hands what the log has stored to every live reader of a room, one write each. In a large room that takes long, so it is
 * done in slices, with the event loop run in between; what is stored meanwhile gathers, and goes out as the next batch.
 */
import { CLOSE_BUSY, CLOSE_FAULT, REASON_SLOW } from '../../protocol/limits.ts';
import type { Entry } from '../log/entry.ts';
import type { Scheduler } from '../scheduler.ts';
import { Batch } from './batch.ts';
import type { Reader } from './reader.ts';

const SLICE_MS = 2;
/** Looking at the clock costs something too. */
const READERS_PER_LOOK = 32;

/** Entries on their way out. */
interface Sending {
  readonly entries: readonly Entry[];
  readonly first: number;
  readonly last: number;
  /** All of them, and the messages among them: one batch if they are all messages. */
  readonly all: Batch;
  readonly messages: Batch;
  /** Those who have not had it yet. Readers that come meanwhile are at its end, and have read it in a page. */
  readonly readers: Iterator<Reader>;
}

export interface DeliveryOptions {
  /** Without one, everything is written at once. */
  readonly scheduler: Scheduler | undefined;
  /** Reports a fault of ours that was caught. */
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

  /** Whether a batch is still being written, before which nothing else can go out. */
  get busy(): boolean {
    return this.#sending !== undefined;
  }

  /** Takes what was stored, in the order of the log. */
  deliver(entries: readonly Entry[]): void {
    for (const entry of entries) this.#gathered.push(entry);
    if (this.#sending) return;
    this.#begin();
    this.#run(this.#scheduler);
  }

  /**
   * Takes what stands in places now that held something else, so that nobody else is sent the former content. What was
   * written to a socket before cannot be recalled: it may still wait in that socket's buffer.
   */
  rewrite(entries: readonly Entry[]): void {
    this.#gathered = rewritten(this.#gathered, entries);
    const sending = this.#sending;
    if (!sending) return;
    const changed = rewritten(sending.entries, entries);
    if (changed !== sending.entries) this.#sending = { ...sending, entries: changed, ...batchesOf(changed) };
  }

  /** Writes all that is left, however long it takes. */
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

  /** A fault of ours at one reader costs its line, and not the others what is theirs. */
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
   * A turn before what was gathered goes out: in it, those who had the last batch last are read, and what they answer is
   * committed and goes out with the rest. Without it two half batches would follow each other for ever.
   */
  #rest(scheduler: Scheduler): void {
    scheduler.later(() => {
      if (this.#sending || this.#gathered.length === 0) return;
      this.#begin();
      this.#run(scheduler);
    });
  }
}

/** Writes to one reader what it has not read in a page already. */
function deliverTo(reader: Reader, sending: Sending): void {
  const { first, last } = sending;
  if (reader.cursor >= last) return;
  if (reader.full) {
    if (!reader.dialect.catchesUp) return reader.close(CLOSE_BUSY, REASON_SLOW);
    // All that is below `first` it has, or there is nothing.
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

/** The list with what stands in its places now; the same list if none of them was rewritten. */
function rewritten<L extends readonly Entry[]>(list: L, entries: readonly Entry[]): L | Entry[] {
  const now = new Map(entries.map(entry => [entry.seq, entry]));
  if (!list.some(({ seq }) => now.has(seq))) return list;
  return list.map(entry => now.get(entry.seq) ?? entry);
}
