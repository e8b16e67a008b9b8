/**
 * The people in the room: their names, a few avatars, the count, and a panel with everyone, which a press of the avatars
 * opens.
 */
import type { PeopleFrame, Person } from '../../../protocol/frames.ts';
import type { button, element, relabel } from '../../browser/dom.ts';
import type { Words } from '../../i18n/languages.ts';
import type { makeAvatar } from '../../people/avatar.ts';
import { adopt } from './adopt.ts';
import styles from './people.css';
import { createPopup } from './popup.ts';

const MAX_AVATARS = 4;
/** The names that are shown; a line has room for no more. */
const MAX_NAMES = 50;
/** As many characters of the public id as tell two people of one name apart. */
const ID_LENGTH = 3;

export interface PeopleContext {
  readonly words: Words;
  /** Where the names go, and where avatars and count go. */
  readonly names: Element;
  readonly crowd: Element;
  /** The user of this page. */
  readonly client: { readonly you: string; readonly user: string };
  readonly element: typeof element;
  readonly button: typeof button;
  readonly relabel: typeof relabel;
  readonly makeAvatar: typeof makeAvatar;
}

/** Who is in the room, or who came and went: a `people` frame, or the people of a welcome. */
export type PeopleUpdate = Omit<PeopleFrame, 'type'>;

/** Returns a function that applies and shows an update, `left` before `joined`: a person may be in both. */
export default function showPeople({
  words,
  names,
  crowd,
  client,
  element,
  button,
  relabel,
  makeAvatar,
}: PeopleContext): (update: PeopleUpdate) => void {
  adopt(crowd, styles);
  /** In the order in which they joined. Incomplete in a large room, where the relay sends counts only. */
  const people = new Map<string, Person>();
  const avatars = element('span', { class: 'avatars' });
  let present = 0;
  const count = () => words.people(present);
  const total = element('span', { class: 'count' }, count);
  const everyone = button('', 'everyone', () => {
    fill();
    popup.openAt(everyone.getBoundingClientRect());
    panel.focus();
  });
  everyone.append(avatars, total);
  everyone.setAttribute('aria-haspopup', 'dialog');
  const title = element('h2', {}, count);
  const list = element('ul', { role: 'list' });
  const rest = element('p', { class: 'rest' }, () => words.others?.(present - people.size));
  const panel = element('div', { role: 'dialog', tabindex: '0' }, title, list, rest);
  crowd.append(everyone, panel);
  const popup = createPopup(panel);

  const makeSmallAvatar = (person: Person) => {
    const avatar = makeAvatar(person);
    const letters = avatar.textContent;
    // They overlap, and two letters have no room.
    avatar.textContent = /^\p{L}\p{M}*/u.exec(letters)?.[0] ?? letters;
    return avatar;
  };
  /** Shows everyone in the panel. */
  const fill = () => {
    const counts = new Map<string, number>();
    for (const { user } of people.values()) counts.set(user, (counts.get(user) ?? 0) + 1);
    list.replaceChildren(
      ...[...people.values()].map(person => {
        const { from, user } = person;
        const item = element('li', {}, makeAvatar(person), element('bdi', {}, user));
        if (Number(counts.get(user)) > 1) item.append(element('small', {}, `·${from.slice(0, ID_LENGTH)}`));
        if (from === client.you && user === client.user) item.append(element('small', {}, words.you ?? ''));
        return item;
      }),
    );
    panel.ariaLabel = count();
    relabel(title);
    relabel(rest);
    rest.hidden = present <= people.size;
  };
  return ({ count, list, left = [], joined = [] }) => {
    if (list) people.clear();
    for (const person of left) people.delete(nameOf(person));
    for (const person of [...(list ?? []), ...joined]) people.set(nameOf(person), person);
    const here = [...people.values()];
    avatars.replaceChildren(...here.slice(0, MAX_AVATARS).map(makeSmallAvatar));
    present = count;
    relabel(total);
    if (popup.isOpen()) fill();
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
