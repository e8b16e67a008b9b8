/** Avatars: one or two letters on a colour that is always the same for a person. */
import type { Person } from '../../protocol/frames.ts';
import { element } from '../browser/dom.ts';

/** Backgrounds for white letters, each with a contrast of at least 5:1. {@link OWN_COLOUR} is not among them. */
export const AVATAR_COLOURS = ['#c62828', '#6a3fb5', '#00695c', '#ad4a00', '#ad1457', '#2e6b1f', '#455a64', '#7b4a2b'];

/** The background of the user's own avatar. */
export const OWN_COLOUR = '#1565c0';

/** The avatar of a person, in {@link OWN_COLOUR} if `own`. Screen readers skip it: the name stands beside it. */
export function makeAvatar(person: Person, own: boolean): HTMLElement {
  const avatar = element('span', { class: 'avatar', 'aria-hidden': 'true' }, avatarLetters(person.user));
  avatar.style.background = own ? OWN_COLOUR : avatarColour(person);
  return avatar;
}

/**
 * A name's first letter as people see it, with its marks, or its first emoji or flag. `Intl.Segmenter` knows more, but
 * browsers of two years ago do not have it. What cannot be seen, such as a direction mark, is skipped.
 */
const LETTER = /\p{RI}{2}|[\p{L}\p{N}\p{P}\p{S}](?:\p{M}|\p{EMod}|\u200d\p{ExtPict})*/u;

/** A name of one or two Latin letters as it is, and of any other name its first letter in upper case. */
export function avatarLetters(user: string): string {
  if (/^\p{Script=Latin}{1,2}$/u.test(user)) return user;
  return (LETTER.exec(user)?.[0] ?? '').toUpperCase();
}

/** The colour of a person under a name: the same on every page and in every session. */
export function avatarColour({ from, user }: Person): string {
  let hash = 0;
  for (const char of from + user) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return AVATAR_COLOURS[hash % AVATAR_COLOURS.length] ?? '';
}
