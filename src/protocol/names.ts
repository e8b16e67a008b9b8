/** The rules for the names of users and rooms. */

import { MAX_USER_LENGTH } from './limits.ts';

/**
 * Returns a user's name as everyone will see it: trimmed, without control, line-breaking and explicit bidirectional
 * formatting characters (Unicode UAX #9), and with lone surrogates replaced. Returns `undefined` if nothing visible is
 * left, or more than {@link MAX_USER_LENGTH} code points.
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
 * Whether this is a valid room name: 1 to 64 code points in NFC, each a letter, a digit, `-`, `_`, `.` or, except
 * first, a combining mark (Hindi and Thai words need these), but not `.` or `..`.
 */
export function isRoomName(name: string): boolean {
  return (
    /^[\p{L}\p{Nd}_.-][\p{L}\p{M}\p{Nd}_.-]{0,63}$/u.test(name) &&
    name !== '.' &&
    name !== '..' &&
    name.normalize('NFC') === name
  );
}
