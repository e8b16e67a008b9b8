/**
 * The people in the room: their names, a few avatars, and the count. It imports only types, and receives everything else.
 */
import type { PeopleFrame, Person } from '../../../protocol/frames.ts';
import type { element, relabel } from '../../browser/dom.ts';
import type { Words } from '../../i18n/languages.ts';
import type { makeAvatar } from '../../people/avatar.ts';

const MAX_AVATARS = 4;
/** The names that are shown; a line has room for no more. */
const MAX_NAMES = 50;

export interface PeopleContext {
  readonly words: Words;
  /** Where the names go, and where avatars and count go. */
  readonly names: Element;
  readonly crowd: Element;
  readonly element: typeof element;
  readonly relabel: typeof relabel;
  readonly makeAvatar: typeof makeAvatar;
}

/** Who is in the room, or who came and went: a `people` frame, or the people of a welcome. */
export type PeopleUpdate = Omit<PeopleFrame, 'type'>;

/** Returns a function that applies and shows an update, `left` before `joined`: a person may be in both. */
export default function showPeople({ words, names, crowd, element, relabel, makeAvatar }: PeopleContext) {
  /** In the order in which they joined. Incomplete in a large room, where the relay sends counts only. */
  const people = new Map<string, Person>();
  const avatars = element('span', { class: 'avatars' });
  let present = 0;
  const total = element('span', { class: 'count' }, () => words.people(present));
  const makeSmallAvatar = (person: Person) => {
    const avatar = makeAvatar(person);
    const letters = avatar.textContent;
    // They overlap, and two letters have no room.
    avatar.textContent = /^\p{L}\p{M}*/u.exec(letters)?.[0] ?? letters;
    return avatar;
  };
  crowd.append(avatars, total);
  return ({ count, list, left = [], joined = [] }: PeopleUpdate): void => {
    if (list) people.clear();
    for (const person of left) people.delete(nameOf(person));
    for (const person of [...(list ?? []), ...joined]) people.set(nameOf(person), person);
    const here = [...people.values()];
    avatars.replaceChildren(...here.slice(0, MAX_AVATARS).map(makeSmallAvatar));
    present = count;
    relabel(total);
    names.textContent = here
      .slice(0, MAX_NAMES)
      .map(({ user }) => user)
      .join(', ');
    // Composed, so that the listeners of the element hear it.
    crowd.dispatchEvent(new CustomEvent('people', { detail: { count, list: here }, composed: true }));
  };
}

function nameOf({ from, user }: Person): string {
  return `${from} ${user}`;
}
