import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import en from '../../../src/web/i18n/en.ts';
import { OWN_COLOUR } from '../../../src/web/people/avatar.ts';
import { createPeople } from '../../../src/web/people/people.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const people = suite<DomContext>('people');
useDom(people);

const ann = { from: 'a', user: 'Ann' };
const bob = { from: 'b', user: 'Bob' };

/** The people on the page, and what a reader sees of them. */
function shown(isOwn: Parameters<typeof createPeople>[1] = () => false) {
  const { element, update } = createPeople(en, isOwn);
  const avatars = () => [...element.querySelectorAll<HTMLElement>('.avatar')];
  return {
    update,
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

people('give the person at the page the colour of one’s own messages, under any name', () => {
  const { update, colours } = shown(({ from }) => from === 'a');
  update({ count: 2, list: [ann, bob] });
  assert.is(colours()[0], OWN_COLOUR);
  assert.is.not(colours()[1], OWN_COLOUR);
  update({ count: 2, left: [ann], joined: [{ from: 'a', user: 'Anna' }] });
  assert.is.not(colours()[0], OWN_COLOUR);
  assert.is(colours()[1], OWN_COLOUR);
});

people.run();
