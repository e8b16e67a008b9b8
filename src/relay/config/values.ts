/** The kinds of values that variables take: each says what it takes, and reads it from text. */
import { parseTrustProxy, type TrustProxy } from '../access/trust-proxy.ts';

export interface Kind<T> {
  /** Describes the values, in words that follow "but takes". */
  readonly takes: string;
  /** Returns `undefined` for a text that is not such a value. */
  read(text: string): T | undefined;
}

const MAX_COUNT = 1_000_000_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };
/** 100 years. */
const MAX_MS = 36_525 * 86_400_000;
/** Less than this cannot be meant: an empty database has a tenth of it. */
const MIN_BYTES = 1024 ** 2;

export function count(min: number, max = MAX_COUNT): Kind<number> {
  return {
    takes: `a whole number from ${min} to ${max}`,
    read(text) {
      if (!/^\d{1,10}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** A duration, read as milliseconds. */
export const DURATION: Kind<number> = {
  takes: '0 or a duration such as 90s, 15m, 24h or 30d',
  read(text) {
    if (text === '0') return 0;
    const [, digits = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
    const ms = Number(digits) * (UNIT_MS[unit] ?? 0);
    return ms > 0 && ms <= MAX_MS ? ms : undefined;
  },
};

/** An amount of bytes, in powers of 1024. */
export const BYTES: Kind<number> = {
  takes: '0 or at least 1m: an amount of bytes such as 500m or 10g',
  read(text) {
    if (text === '0') return 0;
    const [, digits = '', unit = ''] = /^(\d{1,15})([kmgt]?)$/i.exec(text) ?? [];
    const bytes = Number(digits) * (UNIT_BYTES[unit.toLowerCase()] ?? 0);
    return bytes >= MIN_BYTES && Number.isSafeInteger(bytes) ? bytes : undefined;
  },
};

export const SWITCH: Kind<boolean> = {
  takes: 'on or off',
  read(text) {
    if (text === 'on') return true;
    return text === 'off' ? false : undefined;
  },
};

export function oneOf<T extends string>(...choices: readonly T[]): Kind<T> {
  const last = choices.at(-1);
  return {
    takes: `${choices.slice(0, -1).join(', ')} or ${last}`,
    read: text => choices.find(choice => choice === text),
  };
}

export const PATH: Kind<string> = { takes: 'a path', read: text => text };

export const HOST: Kind<string> = {
  takes: 'a host name or address',
  read: text => (/[\s/]/.test(text) ? undefined : text),
};

export const PROXIES: Kind<TrustProxy> = {
  takes: 'off, on, a number of proxies from 0 to 16, or a comma-separated list of networks such as 10.0.0.0/8',
  read: parseTrustProxy,
};

export const ORIGIN: Kind<string> = { takes: 'an origin such as https://chat.example', read: origin };

/** A page opened from a file has the origin `null` (HTML, section 7.1.1). */
export const ORIGINS: Kind<'*' | readonly string[]> = {
  takes: '* or a comma-separated list of origins such as https://chat.example',
  read(text) {
    if (text === '*') return text;
    const list = text.split(',').map(item => (item.trim() === 'null' ? 'null' : origin(item.trim())));
    return list.every(item => item !== undefined) ? list : undefined;
  },
};

function origin(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return text === url.origin || text === `${url.origin}/` ? url.origin : undefined;
}
