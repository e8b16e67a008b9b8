/** The kinds of values that variables take: each says what it takes, and reads it from text. */
import { canonicalAddress } from '../access/address.ts';
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
  takes: '0 or a duration from 1s to 36525d, such as 90s, 15m, 24h or 30d',
  read(text) {
    if (text === '0') return 0;
    const [, digits = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text.toLowerCase()) ?? [];
    const ms = Number(digits) * (UNIT_MS[unit] ?? 0);
    return ms > 0 && ms <= MAX_MS ? ms : undefined;
  },
};

/** An amount of bytes, in powers of 1024. */
export const BYTES: Kind<number> = {
  takes: '0 or an amount of bytes from 1m, such as 500m, 10g or 2t',
  read(text) {
    if (text === '0') return 0;
    const [, digits = '', unit = ''] = /^(\d{1,15})([kmgt]?)$/.exec(text.toLowerCase()) ?? [];
    const bytes = Number(digits) * (UNIT_BYTES[unit] ?? 0);
    return bytes >= MIN_BYTES && Number.isSafeInteger(bytes) ? bytes : undefined;
  },
};

export const SWITCH: Kind<boolean> = {
  takes: 'on or off',
  read(text) {
    const written = text.toLowerCase();
    return written === 'on' || (written === 'off' ? false : undefined);
  },
};

/** One of several words in lower case. */
export function oneOf<T extends string>(...choices: readonly T[]): Kind<T> {
  const last = choices.at(-1);
  return {
    takes: `${choices.slice(0, -1).join(', ')} or ${last}`,
    read: text => choices.find(choice => choice === text.toLowerCase()),
  };
}

export const PATH: Kind<string> = { takes: 'a path', read: text => text };

export const HOST: Kind<string> = {
  takes: 'a host name or an IP address, without brackets and port',
  read: text => (/^[\w.-]+$/.test(text) || isBareIPv6(text) ? text : undefined),
};

export const PROXIES: Kind<TrustProxy> = {
  takes:
    'off, on, a number of proxies from 0 to 16, or a comma-separated list of networks, such as 10.0.0.0/8, ::1, but not all addresses',
  read: text => parseTrustProxy(text.toLowerCase()),
};

export const ORIGIN: Kind<string> = { takes: 'an origin such as https://chat.example', read: origin };

/** A page opened from a file has the origin `null` (HTML, section 7.1.1). */
export const ORIGINS: Kind<'*' | readonly string[]> = {
  takes: '* or a comma-separated list of whole origins such as https://chat.example',
  read(text) {
    if (text === '*') return text;
    const list = text.split(',').map(item => (item.trim() === 'null' ? 'null' : origin(item.trim())));
    return list.every(item => item !== undefined) ? list : undefined;
  },
};

/**
 * A page opened from a file cannot be named as the one around a frame, nor an IPv6 address or a name with an underscore
 * (CSP 3, section 2.3.1).
 */
export const FRAMING_ORIGINS: Kind<'*' | readonly string[]> = {
  takes: `${ORIGINS.takes}, without IPv6 addresses and underscores`,
  read(text) {
    const origins = ORIGINS.read(text);
    if (origins === undefined || origins === '*') return origins;
    return origins.every(item => item !== 'null' && !/[[_]/.test(item)) ? origins : undefined;
  },
};

/** Returns an origin as browsers send it; `undefined` for a text that is more than an origin, or that none can match. */
function origin(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  // A URL's host may have characters that no name in the DNS has, such as those of a pattern.
  const isHost = /^([\w.-]+|\[[\da-f:]+\])$/.test(url.hostname);
  return isHost && url.href === `${url.origin}/` ? url.origin : undefined;
}

/** Whether a text is an IPv6 address, with a zone if it has one. */
function isBareIPv6(text: string): boolean {
  return /^[^[\]]*:[^[\]]*:/.test(text) && canonicalAddress(text) !== '';
}
