/** Avatars: one or two letters on the colour of a person. */
import type { Person } from '../../protocol/frames.ts';
import { element } from '../browser/dom.ts';

/** How many colours there are: hues of one lightness, on which white letters have a contrast of at least 4.5:1. */
export const HUES = 16;
/** From a hue that somebody has to the next one that is looked at: one that looks different. */
const STEP = 7;

/** Who has which hue on this page, by public id, until each hue is somebody's. */
const onPage = new Map<string, number>();

/** The avatar of a person. Screen readers skip it: the name stands beside it. */
export function makeAvatar({ from, user }: Person): HTMLElement {
  const avatar = element('span', { class: 'avatar', 'aria-hidden': 'true' }, avatarLetters(user));
  paint(avatar, from);
  return avatar;
}

/** Gives the colour of a person to an element, as its property `--p`. */
export function paint({ style }: HTMLElement, from: string): void {
  style.setProperty('--p', `oklch(0.53 0.13 ${22.5 * hueOf(from)})`);
}

/**
 * A letter as people see it, with its marks, or an emoji or flag. `Intl.Segmenter` knows more, but browsers of two years
 * ago do not have it. What cannot be seen, such as a direction mark, is skipped.
 */
const LETTERS = /\p{RI}{2}|[\p{L}\p{N}\p{P}\p{S}](?:\p{M}|\p{EMod}|\u200d\p{ExtPict})*/gu;
/** Scripts of which two letters have room. */
const NARROW = /^[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{M}]+$/u;

/**
 * The initials of two words, or the first two letters of one; of a Chinese name the last two. One letter in scripts that
 * need more room, and one emoji.
 */
export function avatarLetters(user: string): string {
  if (/^\p{sc=Hani}+$/u.test(user)) return user.slice(-2);
  const words = user.split(/\s/).flatMap(word => [word.match(LETTERS) ?? []]);
  const [[first = '', next = ''] = [], [other] = []] = words.filter(({ length }) => length);
  const second = other ?? next;
  const letters = NARROW.test(first + second) ? first + second : first;
  return letters === user ? user : letters.slice(0, first.length).toUpperCase() + letters.slice(first.length);
}

/**
 * The hue of the person with this public id, from 0 to 15: by its hash (FNV-1a), or else one that nobody has. Notes who has
 * it in `taken`.
 */
export function hueOf(from: string, taken = onPage): number {
  let hue = taken.get(from);
  if (hue === undefined) {
    let hash = 0x811c9dc5;
    for (const char of from) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    hue = hash & 15;
    if (from && taken.size < HUES) {
      const others = [...taken.values()];
      while (others.includes(hue)) hue = (hue + STEP) & 15;
      taken.set(from, hue);
    }
  }
  return hue;
}
