import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Roster } from '../../../src/relay/room/presence.ts';

const roster = suite('roster');
const xs = { from: 'a', user: 'xs' };
const lin = { from: 'b', user: '林小雨' };

roster('counts a person once, however many lines it has', () => {
  const people = new Roster();
  people.join(xs);
  people.join({ ...xs });
  people.join(lin);
  assert.is(people.count, 2);
  people.changes();
  people.leave(xs);
  assert.not(people.changed, 'one line of two is gone');
  people.leave(xs);
  assert.equal(people.changes(), { type: 'people', count: 1, left: [xs] });
});

roster('counts one key under two names as two people', () => {
  const people = new Roster();
  people.join(xs);
  people.join({ from: 'a', user: 'sx' });
  assert.is(people.count, 2);
});

roster('tells apart names and ids that would read the same side by side', () => {
  const people = new Roster();
  people.join({ from: 'a', user: 'b c' });
  people.join({ from: 'a', user: 'bc' });
  assert.is(people.count, 2);
});

roster('says who came and who went since the last time, and then no more', () => {
  const people = new Roster();
  people.join(xs);
  people.join(lin);
  assert.equal(people.changes(), { type: 'people', count: 2, joined: [xs, lin] });
  assert.not(people.changed);
  people.leave(lin);
  assert.equal(people.changes(), { type: 'people', count: 1, left: [lin] });
});

roster('names who went even if it was never said that they came: a welcome may have', () => {
  const people = new Roster();
  people.join(xs);
  people.leave(xs);
  assert.equal(people.changes(), { type: 'people', count: 0, left: [xs] });
});

roster('puts who went and came back in both', () => {
  const people = new Roster();
  people.join(xs);
  people.changes();
  people.leave(xs);
  people.join(xs);
  assert.equal(people.changes(), { type: 'people', count: 1, joined: [xs], left: [xs] });
});

roster('lists 200 at most, and in a room of more announces the count alone', () => {
  const people = new Roster();
  for (let i = 0; i < 201; i++) people.join({ from: `${i}`, user: 'x' });
  assert.is(people.list().length, 200);
  assert.equal(people.changes(), { type: 'people', count: 201 });
});

roster('lists everyone once it can name them again, for what it left out meanwhile nobody heard of', () => {
  const people = new Roster();
  const crowd = Array.from({ length: 201 }, (_, i) => ({ from: `${i}`, user: 'x' }));
  for (const person of crowd) people.join(person);
  people.changes();
  for (const person of crowd.slice(0, 150)) people.leave(person);
  assert.equal(people.changes(), { type: 'people', count: 51, list: crowd.slice(150) });
  people.leave({ from: '200', user: 'x' });
  assert.equal(people.changes(), { type: 'people', count: 50, left: [{ from: '200', user: 'x' }] });
});

roster('has the same list as JSON, whoever comes and goes', () => {
  const people = new Roster();
  const crowd = Array.from({ length: 300 }, (_, index) => ({ from: `f${index}`, user: `u${index}` }));
  const check = () => assert.is(people.listJson, JSON.stringify(people.list()));
  check();
  for (const person of crowd) {
    people.join(person);
    check();
  }
  people.join(crowd[0] ?? xs);
  check();
  for (const person of crowd) {
    people.leave(person);
    check();
  }
  people.restore(lin);
  check();
});

roster.run();
