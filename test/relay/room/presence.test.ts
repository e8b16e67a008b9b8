import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Presence } from '../../../src/relay/room/presence.ts';

const presence = suite('presence');
const xs = { from: 'a', user: 'xs' };
const lin = { from: 'b', user: '林小雨' };

presence('counts a person once, however many connections it has', () => {
  const people = new Presence();
  people.join(xs);
  people.join({ ...xs });
  people.join(lin);
  assert.is(people.count, 2);
  people.changes();
  people.leave(xs);
  assert.not(people.changed, 'one of two connections is closed');
  people.leave(xs);
  assert.equal(people.changes(), { type: 'people', count: 1, left: [xs] });
});

presence('counts one key under two names as two people', () => {
  const people = new Presence();
  people.join(xs);
  people.join({ from: 'a', user: 'sx' });
  assert.is(people.count, 2);
});

presence('keeps apart names and ids that are the same when joined', () => {
  const people = new Presence();
  people.join({ from: 'a', user: 'b c' });
  people.join({ from: 'a', user: 'bc' });
  assert.is(people.count, 2);
});

presence('reports who joined and who left since the last time, once', () => {
  const people = new Presence();
  people.join(xs);
  people.join(lin);
  assert.equal(people.changes(), { type: 'people', count: 2, joined: [xs, lin] });
  assert.not(people.changed);
  people.leave(lin);
  assert.equal(people.changes(), { type: 'people', count: 1, left: [lin] });
});

presence('reports people who left even if their joining was never announced: a welcome may have named them', () => {
  const people = new Presence();
  people.join(xs);
  people.leave(xs);
  assert.equal(people.changes(), { type: 'people', count: 0, left: [xs] });
});

presence('reports people who left and came back in both lists', () => {
  const people = new Presence();
  people.join(xs);
  people.changes();
  people.leave(xs);
  people.join(xs);
  assert.equal(people.changes(), { type: 'people', count: 1, joined: [xs], left: [xs] });
});

presence('lists at most 200 people, and announces only the count if there are more', () => {
  const people = new Presence();
  for (let i = 0; i < 201; i++) people.join({ from: `${i}`, user: 'x' });
  assert.is(people.list().length, 200);
  assert.equal(people.changes(), { type: 'people', count: 201 });
});

presence('lists everyone once there are few enough again, because the changes meanwhile were not announced', () => {
  const people = new Presence();
  const crowd = Array.from({ length: 201 }, (_, i) => ({ from: `${i}`, user: 'x' }));
  for (const person of crowd) people.join(person);
  people.changes();
  for (const person of crowd.slice(0, 150)) people.leave(person);
  assert.equal(people.changes(), { type: 'people', count: 51, list: crowd.slice(150) });
  people.leave({ from: '200', user: 'x' });
  assert.equal(people.changes(), { type: 'people', count: 50, left: [{ from: '200', user: 'x' }] });
});

presence('has the same list as JSON, whoever joins and leaves', () => {
  const people = new Presence();
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

presence.run();
