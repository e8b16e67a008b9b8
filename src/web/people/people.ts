/** The people in the room: their list, and its view with a few avatars and the count. */
import type { PeopleFrame, Person } from '../../protocol/frames.ts';
import { element } from '../browser/dom.ts';
import type { Words } from '../i18n/languages.ts';
import { makeAvatar } from './avatar.ts';

const MAX_AVATARS = 4;

/** The people in a room, from the relay's frames. */
export class PeopleList {
  readonly #people = new Map<string, Person>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** In the order in which they joined. Incomplete in a large room, where the relay sends counts only. */
  get list(): readonly Person[] {
    return [...this.#people.values()];
  }

  /** Applies a `people` frame or the people of a welcome, `left` before `joined`: a person may be in both. */
  update({ count, list, left, joined }: Omit<PeopleFrame, 'type'>): void {
    this.#count = count;
    if (list) this.#people.clear();
    for (const person of left ?? []) this.#people.delete(nameOf(person));
    for (const person of [...(list ?? []), ...(joined ?? [])]) this.#people.set(nameOf(person), person);
  }
}

/** Shows the list on the page. */
export class PeopleView {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #avatars = element('span', { class: 'avatars' });
  readonly #count = element('span', { class: 'count' });

  constructor(words: Words) {
    this.#words = words;
    this.element = element('div', { class: 'people' }, this.#avatars, this.#count);
  }

  /** Shows the people; `isOwn` tells which of them is the user of this page. */
  show(people: PeopleList, isOwn: (person: Person) => boolean): void {
    const { list, count } = people;
    this.#avatars.replaceChildren(...list.slice(0, MAX_AVATARS).map(person => makeAvatar(person, isOwn(person))));
    this.#count.textContent = this.#words.people(count);
    this.element.title = list.map(person => person.user).join('\n');
  }
}

function nameOf({ from, user }: Person): string {
  return `${from} ${user}`;
}
