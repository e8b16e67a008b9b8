/** Formats times and days in the page's language and the reader's time zone, and groups messages by author and time. */
import type { Words } from '../i18n/languages.ts';

const GROUP_MS = 5 * 60_000;

/** Formats times and days. */
export interface Days {
  /** A time such as `22:48`. */
  time(at: number): string;
  /** The words for today or yesterday, or else the date. */
  day(at: number): string;
  /**
   * It was `at` by the relay's clock a moment ago, or earlier than that unless it `isNew`. The reader's clock may be
   * wrong. Returns whether today is another day now.
   */
  learn(at: number, isNew: boolean): boolean;
}

/** Makes its formatters once for a language, because making one is slow. */
export function createDays(words: Words, now: () => number = Date.now): Days {
  const make = ({ tag }: Words) => ({
    tag,
    time: new Intl.DateTimeFormat(tag, { timeStyle: 'short', hourCycle: 'h23' }),
    date: new Intl.DateTimeFormat(tag, { dateStyle: 'full' }),
  });
  let made = make(words);
  const formats = () => {
    if (made.tag !== words.tag) made = make(words);
    return made;
  };
  /** How far the relay's clock is ahead (ms), or a little less: what was long on its way makes it seem slower. */
  let ahead = Number.NEGATIVE_INFINITY;
  const today = () => now() + (Number.isFinite(ahead) ? ahead : 0);
  return {
    time: at => formats().time.format(at),
    learn(at, isNew) {
      const before = today();
      // What is old tells something only if the reader's clock has not come to it yet.
      if (isNew || at > before) ahead = Math.max(ahead, at - now());
      return !sameDay(before, today());
    },
    day(at) {
      if (sameDay(at, today())) return words.today;
      const yesterday = new Date(today());
      if (sameDay(at, yesterday.setDate(yesterday.getDate() - 1))) return words.yesterday;
      return formats().date.format(at);
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
