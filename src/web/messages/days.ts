/** Formats times and days in the page's language and the reader's time zone, and groups messages by author and time. */
import type { Words } from '../i18n/languages.ts';

const GROUP_MS = 5 * 60_000;

/** Formats times and days. It makes its formatters once, because making one is slow. */
export class Days {
  readonly #words: Words;
  readonly #now: () => number;
  readonly #time: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;

  constructor(words: Words, now: () => number = Date.now) {
    this.#words = words;
    this.#now = now;
    this.#time = new Intl.DateTimeFormat(words.tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    this.#day = new Intl.DateTimeFormat(words.tag, { dateStyle: 'full' });
  }

  /** A time such as `22:48`. */
  time(at: number): string {
    return this.#time.format(at);
  }

  /** The words for today or yesterday, or else the date. */
  day(at: number): string {
    const today = new Date(this.#now());
    if (sameDay(at, today.getTime())) return this.#words.today;
    if (sameDay(at, today.setDate(today.getDate() - 1))) return this.#words.yesterday;
    return this.#day.format(at);
  }
}

/** Whether two times, in milliseconds since 1970, are on the same day in the reader's time zone. */
export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** The author of a message, and when it was written (ms since 1970). */
export interface Authored {
  readonly from: string;
  readonly user: string;
  readonly at: number;
  /** The `seq` of the edit that gave it its text. */
  readonly rev?: number;
}

/** Whether `next` belongs to the group of `previous`: the same person, name and day, within five minutes. */
export function joins(previous: Authored, next: Authored): boolean {
  return (
    previous.from === next.from &&
    previous.user === next.user &&
    Math.abs(next.at - previous.at) < GROUP_MS &&
    sameDay(previous.at, next.at)
  );
}
