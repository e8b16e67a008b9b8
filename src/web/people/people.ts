/** The people in the room: a few avatars, the count, and all names in the title. */
import type { PeopleFrame, Person } from '../../protocol/frames.ts';
import { element } from '../browser/dom.ts';
import type { Words } from '../i18n/languages.ts';
import { makeAvatar } from './avatar.ts';

const MAX_AVATARS = 4;

export interface People {
  readonly element: HTMLElement;
  /** Applies and shows a `people` frame or the people of a welcome, `left` before `joined`: a person may be in both. */
  update(frame: Omit<PeopleFrame, 'type'>): void;
  /** Shows the people again, after the user of this page has changed. */
  show(): void;
}

/** `isOwn` returns whether a person is the user of this page. */
export function createPeople(words: Words, isOwn: (person: Person) => boolean): People {
  /** In the order in which they joined. Incomplete in a large room, where the relay sends counts only. */
  const people = new Map<string, Person>();
  let present = 0;
  const avatars = element('span', { class: 'avatars' });
  const total = element('span', { class: 'count' });
  const view = element('div', { class: 'people' }, avatars, total);
  const show = () => {
    const list = [...people.values()];
    avatars.replaceChildren(...list.slice(0, MAX_AVATARS).map(person => makeAvatar(person, isOwn(person))));
    total.textContent = words.people(present);
    view.title = list.map(({ user }) => user).join('\n');
  };
  return {
    element: view,
    update({ count, list, left = [], joined = [] }) {
      present = count;
      if (list) people.clear();
      for (const person of left) people.delete(nameOf(person));
      for (const person of [...(list ?? []), ...joined]) people.set(nameOf(person), person);
      show();
      // Composed, so that the listeners of the element hear it.
      view.dispatchEvent(new CustomEvent('people', { detail: { count, list: [...people.values()] }, composed: true }));
    },
    show,
  };
}

function nameOf({ from, user }: Person): string {
  return `${from} ${user}`;
}
