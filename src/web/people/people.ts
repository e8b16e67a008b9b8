/** Who is here: a few avatars and the count. */
import type { PeopleFrame, Person } from '../../protocol/frames.ts';
import { element } from '../browser/dom.ts';
import type { Words } from '../i18n/languages.ts';
import { makeAvatar } from './avatar.ts';

const MAX_AVATARS = 4;

/** The people of a room as the relay tells of them. */
export class PeopleList {
  readonly #people = new Map<string, Person>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** In the order in which they came; incomplete in a large room. */
  get list(): readonly Person[] {
    return [...this.#people.values()];
  }

  /** Takes in a `people` frame, or the people of a welcome: who left goes before who came, who may be the same. */
  update({ count, list, left, joined }: Omit<PeopleFrame, 'type'>): void {
    this.#count = count;
    if (list) this.#people.clear();
    for (const person of left ?? []) this.#people.delete(nameOf(person));
    for (const person of [...(list ?? []), ...(joined ?? [])]) this.#people.set(nameOf(person), person);
  }
}

/** The list as the page shows it. */
export class PeopleView {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #avatars = element('span', { class: 'avatars' });
  readonly #count = element('span', { class: 'count' });

  constructor(words: Words) {
    this.#words = words;
    this.element = element('div', { class: 'people' }, this.#avatars, this.#count);
  }

  /** Shows who is here; `isOwn` tells who is the one at the page. */
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
