/** Tells the live readers of a room who came, who left and who is typing, at a bounded rate. */
import type { Person, RelayFrame } from '../../protocol/frames.ts';
import { CLOSE_FAULT, MAX_PEOPLE_LISTED } from '../../protocol/limits.ts';
import type { Clock } from '../clock.ts';
import type { Batch } from './batch.ts';
import { Presence } from './presence.ts';
import type { Reader } from './reader.ts';
import { batchOf } from './replies.ts';

const PEOPLE_MS = 1000;
/** The interval in a room with too many people to list. */
const PEOPLE_COUNT_MS = 5000;
/** At most three a second. */
const TYPING_MS = 334;

export interface AnnouncerOptions {
  /** Reports a caught bug of ours. */
  readonly report: (error: unknown) => void;
}

export class Announcer {
  readonly presence = new Presence();
  /** The number of announcements so far of people who joined and left. */
  announced = 0;
  readonly #readers: ReadonlySet<Reader>;
  readonly #clock: Clock;
  readonly #report: (error: unknown) => void;
  #peopleTimer: unknown;
  #peopleAt = 0;
  #typingAt = 0;

  constructor(readers: ReadonlySet<Reader>, clock: Clock, { report }: AnnouncerOptions) {
    this.#readers = readers;
    this.#clock = clock;
    this.#report = report;
  }

  /** Sets the person of a reader; a reader without a person has left. */
  identify(reader: Reader, person: Person | undefined): void {
    if (reader.person) this.presence.leave(reader.person);
    reader.person = person;
    if (person) this.presence.join(person);
    this.#announceSoon();
  }

  /** Tells all readers except `reader` that its person is typing. */
  typing(reader: Reader, person: Person): void {
    const now = this.#clock.now();
    if (this.presence.count > MAX_PEOPLE_LISTED || Math.abs(now - this.#typingAt) < TYPING_MS) return;
    this.#typingAt = now;
    this.#send(batchOf({ type: 'typing', ...person }), reader);
  }

  /** The full list of people, for a reader that has missed announcements. */
  everyone(): RelayFrame {
    return { type: 'people', count: this.presence.count, list: this.presence.list() };
  }

  /** Cancels the timer. */
  dispose(): void {
    this.#clock.clearTimeout(this.#peopleTimer);
    this.#peopleTimer = undefined;
  }

  /** Announces changes at most once a second, however many there are. */
  #announceSoon(): void {
    if (this.#peopleTimer !== undefined || !this.presence.changed || this.#readers.size === 0) return;
    const interval = this.presence.count > MAX_PEOPLE_LISTED ? PEOPLE_COUNT_MS : PEOPLE_MS;
    const wait = Math.min(interval, Math.max(0, this.#peopleAt + interval - this.#clock.now()));
    this.#peopleTimer = this.#clock.setTimeout(() => {
      this.#peopleTimer = undefined;
      this.#peopleAt = this.#clock.now();
      if (!this.presence.changed) return;
      this.announced += 1;
      this.#send(batchOf(this.presence.changes()));
    }, wait);
  }

  /** A bug of ours at one reader closes its connection, and does not affect the others. */
  #send(batch: Batch, except?: Reader): void {
    for (const reader of this.#readers) {
      if (!reader.live || !reader.dialect.announces || reader === except) continue;
      try {
        sendTo(reader, batch);
      } catch (error) {
        this.#report(error);
        reader.close(CLOSE_FAULT);
      }
    }
  }
}

/** A reader whose socket is full falls behind, and is sent the full list once it has caught up. */
function sendTo(reader: Reader, batch: Batch): void {
  if (reader.full) reader.fallBehind(reader.cursor);
  else reader.deliver(batch, reader.cursor);
}
