/**
 * The people in a room, and the ones who joined or left since the last announcement. A person is a pair of `from` and
 * `user`: two connections with the same key and the same name are one person.
 */
import type { PeopleFrame, Person } from '../../protocol/frames.ts';
import { MAX_PEOPLE_LISTED } from '../../protocol/limits.ts';

interface Present {
  readonly person: Person;
  connections: number;
}

export class Presence {
  readonly #present = new Map<string, Present>();
  readonly #joined = new Map<string, Person>();
  readonly #left = new Map<string, Person>();
  /** Whether the last announcement had only the count. */
  #unnamed = false;
  #listJson: string | undefined;

  /** The exact number of people. */
  get count(): number {
    return this.#present.size;
  }

  /** Whether anything changed since the last {@link changes}. */
  get changed(): boolean {
    return this.#joined.size > 0 || this.#left.size > 0;
  }

  join(person: Person): void {
    const name = nameOf(person);
    const present = this.#present.get(name);
    if (present) {
      present.connections += 1;
      return;
    }
    this.#add(name, person);
    this.#joined.set(name, person);
  }

  /** Adds a person whom the clients already know, if there are not too many to be named. */
  restore(person: Person): void {
    const present = this.#present.get(nameOf(person));
    if (present) present.connections += 1;
    else this.#add(nameOf(person), person);
    this.#unnamed = this.count > MAX_PEOPLE_LISTED;
  }

  leave(person: Person): void {
    const name = nameOf(person);
    const present = this.#present.get(name);
    if (!present) return;
    present.connections -= 1;
    if (present.connections > 0) return;
    this.#present.delete(name);
    this.#listJson = undefined;
    this.#joined.delete(name);
    // Even if never announced: a client that joined in between has read the name in its welcome.
    this.#left.set(name, person);
  }

  /** The first 200 people. */
  list(): Person[] {
    const people: Person[] = [];
    for (const { person } of this.#present.values()) {
      if (people.length === MAX_PEOPLE_LISTED) break;
      people.push(person);
    }
    return people;
  }

  /** The list as JSON, encoded again only after it has changed, because every welcome contains it. */
  get listJson(): string {
    this.#listJson ??= JSON.stringify(this.list());
    return this.#listJson;
  }

  #add(name: string, person: Person): void {
    if (this.#present.size < MAX_PEOPLE_LISTED) this.#listJson = undefined;
    this.#present.set(name, { person, connections: 1 });
  }

  /** Takes the changes to announce. With more than 200 people it is only the count; after that, once, the full list. */
  changes(): PeopleFrame {
    const joined = [...this.#joined.values()];
    const left = [...this.#left.values()];
    this.#joined.clear();
    this.#left.clear();
    const count = this.count;
    const unnamed = this.#unnamed;
    this.#unnamed = count > MAX_PEOPLE_LISTED;
    if (this.#unnamed) return { type: 'people', count };
    if (unnamed) return { type: 'people', count, list: this.list() };
    return { type: 'people', count, ...(joined.length > 0 && { joined }), ...(left.length > 0 && { left }) };
  }
}

function nameOf({ from, user }: Person): string {
  return `${from} ${user}`;
}
