/** Formats times and days in the page's language and the reader's time zone, and groups messages by author and time. */
import type { Words } from '../i18n/languages.ts';

const GROUP_MS = 5 * 60_000;

/** Formats times and days. */
export interface Days {
  /** A time such as `22:48`. */
  time(at: number): string;
  /** The words for today or yesterday, or else the date. */
  day(at: number): string;
}

/** Makes its formatters once, because making one is slow. */
export function createDays(words: Words, now: () => number = Date.now): Days {
  const time = new Intl.DateTimeFormat(words.tag, { timeStyle: 'short', hourCycle: 'h23' });
  const date = new Intl.DateTimeFormat(words.tag, { dateStyle: 'full' });
  return {
    time: at => time.format(at),
    day(at) {
      const today = new Date(now());
      if (sameDay(at, today.getTime())) return words.today;
      if (sameDay(at, today.setDate(today.getDate() - 1))) return words.yesterday;
      return date.format(at);
    },
  };
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
