/**
 * Who is here: the people of a room, and who came and went since that was last announced. A person is a `from` in the
 * role of a `user`: two connections with one key and one name are one.
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
  /** The last announcement named nobody. */
  #unnamed = false;
  #listJson: string | undefined;

  /** People, exactly. */
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

  /** Takes in someone of whom everyone knows already. */
  restore(person: Person): void {
    const present = this.#present.get(nameOf(person));
    if (present) present.connections += 1;
    else this.#add(nameOf(person), person);
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
    // Announced or not: someone who came in between has read the name in a welcome.
    this.#left.set(name, person);
  }

  /** The first 200 people here. */
  list(): Person[] {
    const people: Person[] = [];
    for (const { person } of this.#present.values()) {
      if (people.length === MAX_PEOPLE_LISTED) break;
      people.push(person);
    }
    return people;
  }

  /** The same as JSON, made when someone in it has changed: everyone who comes is told it. */
  get listJson(): string {
    this.#listJson ??= JSON.stringify(this.list());
    return this.#listJson;
  }

  #add(name: string, person: Person): void {
    if (this.#present.size < MAX_PEOPLE_LISTED) this.#listJson = undefined;
    this.#present.set(name, { person, connections: 1 });
  }

  /** What to announce, and from now on counts as announced. In a room of more than 200, the count alone; then everyone. */
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
