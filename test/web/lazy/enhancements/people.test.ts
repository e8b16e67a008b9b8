import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { button, element, relabel } from '../../../../src/web/browser/dom.ts';
import showPeople from '../../../../src/web/lazy/enhancements/people.ts';
import { makeAvatar } from '../../../../src/web/people/avatar.ts';
import { type DomContext, useDom } from '../../../support/dom.ts';
import { en } from '../../../support/words.ts';

const people = suite<DomContext>('people');
useDom(people);

const ann = { from: 'a', user: 'Ann' };
const bob = { from: 'b', user: 'Bob' };

/** The people on the page, and what a reader sees of them. */
function shown() {
  const [names, crowd] = [element('span', {}), element('div', {})];
  const update = showPeople({
    words: en,
    names,
    crowd,
    client: { you: 'a', user: 'Ann' },
    element,
    button,
    relabel,
    makeAvatar,
  });
  return {
    update,
    names: () => (names.textContent ?? '').split(', ').filter(Boolean),
    count: () => crowd.querySelector('.count')?.textContent,
    crowd,
    letters: () => [...crowd.querySelectorAll('.avatar')].map(avatar => avatar.textContent),
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

people('are a few avatars, the count, and the names in one line', () => {
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

people('are told to the host page by an event that leaves the shadow root and goes no further', () => {
  const { crowd, update } = shown();
  const told: Event[] = [];
  crowd.addEventListener('people', event => told.push(event));
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

people('are not all named in a room of many', () => {
  const { update, names } = shown();
  update({ count: 200, list: Array.from({ length: 200 }, (_, n) => ({ from: `f${n}`, user: `n${n}` })) });
  assert.is(names().length, 50);
});

people.run();
