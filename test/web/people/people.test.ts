import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Person } from '../../../src/protocol/frames.ts';
import en from '../../../src/web/i18n/en.ts';
import { OWN_COLOUR } from '../../../src/web/people/avatar.ts';
import { PeopleList, PeopleView } from '../../../src/web/people/people.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const people = suite('people');
const ann = { from: 'a', user: 'Ann' };
const bob = { from: 'b', user: 'Bob' };

people('come and go', () => {
  const people = new PeopleList();
  people.update({ count: 1, list: [ann] });
  people.update({ count: 2, joined: [bob] });
  assert.equal(people.list, [ann, bob]);
  people.update({ count: 1, left: [ann] });
  assert.equal(people.list, [bob]);
  assert.is(people.count, 1);
});

people('keep someone who left and came back in one frame', () => {
  const people = new PeopleList();
  people.update({ count: 1, list: [ann] });
  people.update({ count: 1, left: [ann], joined: [ann] });
  assert.equal(people.list, [ann]);
});

people('count one key under two names as two', () => {
  const people = new PeopleList();
  people.update({ count: 2, list: [ann, { from: 'a', user: 'Anna' }] });
  assert.is(people.list.length, 2);
  people.update({ count: 1, left: [ann] });
  assert.equal(people.list, [{ from: 'a', user: 'Anna' }]);
});

people('are replaced by a list, and counted without one', () => {
  const people = new PeopleList();
  people.update({ count: 1, list: [ann] });
  people.update({ count: 1, list: [bob] });
  assert.equal(people.list, [bob]);
  people.update({ count: 5000 });
  assert.is(people.count, 5000);
});

const view = suite<DomContext>('people on the page');
useDom(view);

const nobody = () => false;

view('are a few avatars, the count, and all the names in the title', () => {
  const people = new PeopleList();
  const list = ['Ann', 'Bob', 'Cat', 'Dan', 'Eve'].map(user => ({ from: user, user }));
  people.update({ count: 5, list });
  const { element, show } = shown(people);
  assert.equal(
    [...element.querySelectorAll('.avatar')].map(avatar => avatar.textContent),
    ['A', 'B', 'C', 'D'],
  );
  assert.is(element.querySelector('.count')?.textContent, en.people(5));
  assert.is(element.title, 'Ann\nBob\nCat\nDan\nEve');
  people.update({ count: 1, list: [ann] });
  show();
  assert.is(element.querySelectorAll('.avatar').length, 1);
  assert.is(element.querySelector('.count')?.textContent, en.people(1));
  assert.is(element.title, 'Ann');
});

view('are only counted in a large room', () => {
  const people = new PeopleList();
  people.update({ count: 5000 });
  const { element } = shown(people);
  assert.is(element.querySelectorAll('.avatar').length, 0);
  assert.is(element.querySelector('.count')?.textContent, en.people(5000));
});

view('give the person at the page the colour of one’s own messages', () => {
  const people = new PeopleList();
  people.update({ count: 2, list: [ann, bob] });
  const { element } = shown(people, person => person === bob);
  const [others, own] = [...element.querySelectorAll<HTMLElement>('.avatar')].map(avatar => avatar.style.background);
  assert.is(own, OWN_COLOUR);
  assert.is.not(others, OWN_COLOUR);
});

function shown(people: PeopleList, isOwn: (person: Person) => boolean = nobody) {
  const view = new PeopleView(en);
  const show = () => view.show(people, isOwn);
  show();
  return { element: view.element, show };
}

people.run();
view.run();
