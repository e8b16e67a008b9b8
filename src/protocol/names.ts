/** What may be the name of a user and of a room. */

import { MAX_USER_LENGTH } from './limits.ts';

/**
 * A user's name as everyone will see it: trimmed, without control, line-breaking and bidirectional-override characters
 * (Unicode UAX #9, the explicit ones), lone surrogates replaced. `undefined` where nothing visible or more than
 * {@link MAX_USER_LENGTH} code points are left.
 */
export function cleanUser(user: string): string | undefined {
  const name = user
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/\p{Cs}/gu, '\ufffd')
    .trim();
  const visible = /[^\s\p{Default_Ignorable_Code_Point}]/u.test(name);
  return visible && [...name].length <= MAX_USER_LENGTH ? name : undefined;
}

/**
 * Whether this can name a room: 1 to 64 code points in NFC of letters, digits, `-`, `_`, `.` and the marks that belong
 * to letters (without which no word of Hindi or Thai could be written), but not `.` or `..`.
 */
export function isRoomName(name: string): boolean {
  return (
    /^[\p{L}\p{Nd}_.-][\p{L}\p{M}\p{Nd}_.-]{0,63}$/u.test(name) &&
    name !== '.' &&
    name !== '..' &&
    name.normalize('NFC') === name
  );
}
