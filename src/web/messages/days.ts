/** Times and days as people say them, in the page's language and the reader's own time zone. */
import type { Words } from '../i18n/languages.ts';

const GROUP_MS = 5 * 60_000;

/** Formats times; the formatters are made once, for making one is dear. */
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

  /** `22:48` */
  time(at: number): string {
    return this.#time.format(at);
  }

  /** Today, yesterday, or the date. */
  day(at: number): string {
    const today = new Date(this.#now());
    if (sameDay(at, today.getTime())) return this.#words.today;
    if (sameDay(at, today.setDate(today.getDate() - 1))) return this.#words.yesterday;
    return this.#day.format(at);
  }
}

/** Whether two moments, in milliseconds since 1970, lie on one day of the reader's. */
export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** Who wrote a message, and when. */
export interface Authored {
  readonly from: string;
  readonly user: string;
  readonly at: number;
}

/** Whether `next` stands under the same name and avatar as `previous`: same person, same day, within five minutes. */
export function joins(previous: Authored, next: Authored): boolean {
  return (
    previous.from === next.from &&
    previous.user === next.user &&
    Math.abs(next.at - previous.at) < GROUP_MS &&
    sameDay(previous.at, next.at)
  );
}
