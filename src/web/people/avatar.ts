/** The round avatar: a letter or two on a colour that stays with the person. */
import type { Person } from '../../protocol/frames.ts';
import { element } from '../browser/dom.ts';

/** Backgrounds for white letters, each of at least 5:1. One's own blue is not among them. */
export const AVATAR_COLOURS = ['#c62828', '#6a3fb5', '#00695c', '#ad4a00', '#ad1457', '#2e6b1f', '#455a64', '#7b4a2b'];

/** What one is to oneself. */
export const OWN_COLOUR = '#1565c0';

/** A avatar for `person`, hidden from screen readers, which hear the name; own ones take the accent colour. */
export function makeAvatar(person: Person, own: boolean): HTMLElement {
  const avatar = element('span', { class: 'avatar', 'aria-hidden': 'true' }, avatarLetters(person.user));
  avatar.style.background = own ? OWN_COLOUR : avatarColour(person);
  return avatar;
}

/** The whole name where it is of one or two letters of an alphabet, else its first letter, as people read letters. */
export function avatarLetters(user: string): string {
  if (/^\p{Script=Latin}{1,2}$/u.test(user)) return user;
  const first = [...new Intl.Segmenter().segment(user)][0];
  return (first?.segment ?? '').toUpperCase();
}

/** The colour of a `from` in the role of a `user`: the same on every page and in every session. */
export function avatarColour({ from, user }: Person): string {
  let hash = 0;
  for (const char of from + user) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return AVATAR_COLOURS[hash % AVATAR_COLOURS.length] ?? '';
}
