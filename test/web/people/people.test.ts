/** Who is here, as the frames tell it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Roster } from '../../../src/web/people/people.ts';

const people = suite('people');
const ann = { from: 'a', user: 'Ann' };
const bob = { from: 'b', user: 'Bob' };

people('come and go', () => {
  const roster = new Roster();
  roster.update({ count: 1, list: [ann] });
  roster.update({ count: 2, joined: [bob] });
  assert.equal(roster.list, [ann, bob]);
  roster.update({ count: 1, left: [ann] });
  assert.equal(roster.list, [bob]);
  assert.is(roster.count, 1);
});

people('who went and came back are here', () => {
  const roster = new Roster();
  roster.update({ count: 1, list: [ann] });
  roster.update({ count: 1, left: [ann], joined: [ann] });
  assert.equal(roster.list, [ann]);
});

people('with one key in two roles are two', () => {
  const roster = new Roster();
  roster.update({ count: 2, list: [ann, { from: 'a', user: 'Anna' }] });
  assert.is(roster.list.length, 2);
  roster.update({ count: 1, left: [ann] });
  assert.equal(roster.list, [{ from: 'a', user: 'Anna' }]);
});

people('are replaced by a list, and counted without one', () => {
  const roster = new Roster();
  roster.update({ count: 1, list: [ann] });
  roster.update({ count: 1, list: [bob] });
  assert.equal(roster.list, [bob]);
  roster.update({ count: 5000 });
  assert.is(roster.count, 5000);
});

people.run();
