/** Who is here, as the frames tell it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PeopleList } from '../../../src/web/people/people.ts';

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

people('who went and came back are here', () => {
  const people = new PeopleList();
  people.update({ count: 1, list: [ann] });
  people.update({ count: 1, left: [ann], joined: [ann] });
  assert.equal(people.list, [ann]);
});

people('with one key in two roles are two', () => {
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

people.run();
