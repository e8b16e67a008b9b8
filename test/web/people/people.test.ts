import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Person } from '../../../src/protocol/frames.ts';
import en from '../../../src/web/i18n/en.ts';
import { OWN_COLOUR } from '../../../src/web/people/avatar.ts';
import { createPeople } from '../../../src/web/people/people.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const people = suite<DomContext>('people');
useDom(people);

const ann = { from: 'a', user: 'Ann' };
const bob = { from: 'b', user: 'Bob' };

/** The people on the page, and what a reader sees of them. */
function shown(isOwn: (person: Person) => boolean = () => false) {
  const { element, update, show } = createPeople(en, isOwn);
  const avatars = () => [...element.querySelectorAll<HTMLElement>('.avatar')];
  return {
    update,
    show,
    names: () => element.title.split('\n').filter(Boolean),
    count: () => element.querySelector('.count')?.textContent,
    letters: () => avatars().map(avatar => avatar.textContent),
    colours: () => avatars().map(avatar => avatar.style.background),
  };
}

people('come and go', () => {
  const { update, names, count } = shown();
  update({ count: 1, list: [ann] });
  update({ count: 2, joined: [bob] });
  assert.equal(names(), ['Ann', 'Bob']);
  assert.is(count(), en.people(2));
  update({ count: 1, left: [ann] });
  assert.equal(names(), ['Bob']);
  assert.is(count(), en.people(1));
});

people('keep someone who left and came back in one frame', () => {
  const { update, names } = shown();
  update({ count: 1, list: [ann] });
  update({ count: 1, left: [ann], joined: [ann] });
  assert.equal(names(), ['Ann']);
});

people('count one key under two names as two', () => {
  const { update, names } = shown();
  update({ count: 2, list: [ann, { from: 'a', user: 'Anna' }] });
  assert.equal(names(), ['Ann', 'Anna']);
  update({ count: 1, left: [ann] });
  assert.equal(names(), ['Anna']);
});

people('are replaced by a list, and counted without one', () => {
  const { update, names, count } = shown();
  update({ count: 1, list: [ann] });
  update({ count: 1, list: [bob] });
  assert.equal(names(), ['Bob']);
  update({ count: 5000 });
  assert.is(count(), en.people(5000));
});

people('are a few avatars, the count, and all the names in the title', () => {
  const { update, names, count, letters } = shown();
  const all = ['Ann', 'Bob', 'Cat', 'Dan', 'Eve'];
  update({ count: 5, list: all.map(user => ({ from: user, user })) });
  assert.equal(letters(), ['A', 'B', 'C', 'D']);
  assert.is(count(), en.people(5));
  assert.equal(names(), all);
  update({ count: 1, list: [ann] });
  assert.equal([letters(), count(), names()], [['A'], en.people(1), ['Ann']]);
});

people('are only counted in a large room', () => {
  const { update, count, letters } = shown();
  update({ count: 5000 });
  assert.equal([letters(), count()], [[], en.people(5000)]);
});

people('give the person at the page the colour of one’s own messages, after a change of name too', () => {
  let own: Person = bob;
  const { update, show, colours } = shown(person => person === own);
  update({ count: 2, list: [ann, bob] });
  assert.equal(
    colours().map(colour => colour === OWN_COLOUR),
    [false, true],
  );
  own = ann;
  show();
  assert.equal(
    colours().map(colour => colour === OWN_COLOUR),
    [true, false],
  );
});

people('are told to the host page by an event that leaves the shadow root and goes no further', () => {
  const { element, update } = createPeople(en, () => false);
  const told: Event[] = [];
  element.addEventListener('people', event => told.push(event));
  update({ count: 1, list: [ann] });
  update({ count: 300, joined: [bob] });
  assert.equal(
    told.map(event => event instanceof CustomEvent && event.detail),
    [
      { count: 1, list: [ann] },
      { count: 300, list: [ann, bob] },
    ],
  );
  assert.ok(told.every(({ composed, bubbles }) => composed && !bubbles));
});

people.run();
