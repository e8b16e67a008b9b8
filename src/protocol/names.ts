/** The rules for the names of users and rooms. */

import { MAX_USER_LENGTH } from './limits.ts';
import { isVisible, trimPiledMarks } from './visible.ts';

/**
 * Returns a user's name as everyone will see it: trimmed, without control, line-breaking and explicit bidirectional
 * formatting characters (Unicode UAX #9), and with lone surrogates replaced. Returns `undefined` if there is nothing to
 * see in the rest, or more than {@link MAX_USER_LENGTH} code points. The page offers what this returns. It has only the
 * blanks that people meet, because of its weight; {@link acceptUser} has all.
 */
export function cleanUser(user: string): string | undefined {
  const name = user
    .replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '')
    .replace(/\p{Cs}/gu, '\ufffd')
    .trim();
  const visible = /[^\s\p{DI}\p{M}\u2800]/u.test(name);
  return visible && [...name].length <= MAX_USER_LENGTH ? name : undefined;
}

/** The same for the relay, which also refuses names of rarer blanks, and those with too many marks on a letter. */
export function acceptUser(user: string): string | undefined {
  const name = cleanUser(user);
  return name !== undefined && isVisible(name) && trimPiledMarks(name) === name ? name : undefined;
}

/**
 * Whether this may be a room name: 1 to 64 code points, each a letter, a digit, `-`, `_`, `.` or, except first, a
 * combining mark (Hindi and Thai words need these), but not `.` or `..`. This is what the page asks.
 */
export function isRoomLike(name: string): boolean {
  return /^(?!\.\.?$)[\p{L}\p{Nd}_.-][\p{L}\p{M}\p{Nd}_.-]{0,63}$/u.test(name);
}

/** The same for the relay: also in NFC, something in it is visible, and no letter has too many marks. */
export function isRoomName(name: string): boolean {
  return isRoomLike(name) && name.normalize('NFC') === name && isVisible(name) && trimPiledMarks(name) === name;
}
