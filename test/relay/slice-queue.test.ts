import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SliceQueue } from '../../src/relay/slice-queue.ts';
import { HandScheduler } from '../support/hand-scheduler.ts';

const queue = suite('slice queue');

/** A queue whose work takes a millisecond a slice, and what was done so far. */
function makeQueue() {
  const scheduler = new HandScheduler();
  const faults: unknown[] = [];
  const done: string[] = [];
  const slices = new SliceQueue({ scheduler, report: error => faults.push(error) });
  const add = (name: string, count = 1) => {
    let left = count;
    slices.add(() => {
      done.push(name);
      left -= 1;
      return left > 0;
    }, name);
  };
  return { scheduler, faults, done, slices, add };
}

queue('does everything at once without a scheduler', () => {
  const slices = new SliceQueue({ scheduler: undefined, report: () => {} });
  let count = 0;
  slices.add(() => {
    count += 1;
    return count < 1000;
  }, '');
  assert.is(count, 1000);
  assert.is(
    slices.answer(() => 7, ''),
    7,
  );
});

queue('works for 2 ms in a turn, and for all who wait in turn', () => {
  const { scheduler, done, add } = makeQueue();
  add('a', 3);
  assert.equal(done, ['a'], 'the first slice at once');
  add('b', 2);
  add('c');
  assert.equal(done, ['a'], 'nobody overtakes');
  scheduler.turn();
  assert.equal(done, ['a', 'a', 'b']);
  scheduler.turn();
  assert.equal(done, ['a', 'a', 'b', 'c', 'a']);
  scheduler.finish();
  assert.equal(done, ['a', 'a', 'b', 'c', 'a', 'b']);
  add('d');
  assert.is(done.at(-1), 'd', 'at once again');
});

queue('has a share of each turn, also for work that comes one by one', () => {
  const { scheduler, done, add } = makeQueue();
  for (const name of ['a', 'b', 'c', 'd', 'e']) add(name);
  const first = done.length;
  assert.ok(first >= 1 && first <= 2, `${first}`);
  for (let turns = 1; done.length < 5; turns++) {
    scheduler.turn();
    assert.ok(done.length <= first + 2 * turns);
  }
  assert.equal(done, ['a', 'b', 'c', 'd', 'e']);
  scheduler.finish();
  assert.is(scheduler.waiting, 0, 'it asks for no turn when nothing is left');
});

queue('reports a fault in a slice, and goes on', () => {
  const { scheduler, faults, done, slices, add } = makeQueue();
  add('a', 2);
  slices.add(() => {
    throw new Error('a bug');
  }, '');
  add('b');
  scheduler.finish();
  assert.equal(done, ['a', 'a', 'b']);
  assert.is(faults.length, 1);
});

queue('answers at once if it can, and later otherwise', async () => {
  const { scheduler, slices, add } = makeQueue();
  assert.is(
    slices.answer(() => 1, ''),
    1,
  );
  add('a', 2);
  const [later, broken] = [
    slices.answer(() => 2, ''),
    slices.answer(() => {
      throw new Error('a bug');
    }, ''),
  ];
  assert.instance(later, Promise);
  scheduler.finish();
  assert.is(await later, 2);
  const failed = await Promise.resolve(broken).catch((error: Error) => error.message);
  assert.is(failed, 'a bug');
});

queue('lets nobody wait for more than one slice of each other source', () => {
  const { scheduler, done, slices, add } = makeQueue();
  for (let count = 0; count < 1000; count++) add('flood');
  scheduler.turn();
  const before = done.length;
  let answered = false;
  void slices.answer(() => {
    answered = true;
  }, 'another');
  scheduler.turn();
  assert.ok(answered);
  assert.ok(done.length - before <= 2);
});

queue.run();
