import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Loop, TaskQueue } from '../../../../src/relay/runtime/node/task-queue.ts';

const tasks = suite('runtime/node/task-queue');

/** An event loop whose turns the test runs, and whose clock a job can advance. */
class HandLoop implements Loop {
  time = 0;
  #later: (() => void)[] = [];
  #next: (() => void)[] = [];

  now(): number {
    return this.time;
  }

  later(run: () => void): void {
    this.#later.push(run);
  }

  next(run: () => void): void {
    this.#next.push(run);
  }

  turn(): void {
    for (const run of this.#later.splice(0)) run();
    for (let run = this.#next.shift(); run; run = this.#next.shift()) run();
  }
}

tasks('lets small work be done at once, but only so much of it in a turn', () => {
  const loop = new HandLoop();
  const queue = new TaskQueue(loop);
  const atOnce = (cost: number) => {
    let count = 0;
    while (!queue.mustWait(cost) && count < 100_000) count += 1;
    return count;
  };
  assert.is(atOnce(2000), 1000);
  assert.is(atOnce(2000), 0);
  loop.turn();
  assert.is(atOnce(2000), 1000);
  // A little in each turn is never too much.
  for (let turn = 0; turn < 1000; turn++) {
    loop.turn();
    assert.is(queue.mustWait(200_000), false, `turn ${turn}`);
  }
});

tasks('runs short jobs in one turn, in order', () => {
  const loop = new HandLoop();
  const queue = new TaskQueue(loop);
  const done: number[] = [];
  for (const job of [1, 2, 3]) queue.add(() => done.push(job));
  assert.equal(done, []);
  loop.turn();
  assert.equal(done, [1, 2, 3]);
  queue.add(() => done.push(4));
  loop.turn();
  assert.equal(done, [1, 2, 3, 4]);
});

tasks('spreads long jobs over later turns', () => {
  const loop = new HandLoop();
  const queue = new TaskQueue(loop);
  const done: number[] = [];
  for (const job of [1, 2, 3, 4, 5]) {
    queue.add(() => {
      loop.time += 1;
      done.push(job);
    });
  }
  loop.turn();
  assert.equal(done, [1, 2]);
  loop.turn();
  assert.equal(done, [1, 2, 3, 4]);
  queue.add(() => done.push(6));
  loop.turn();
  assert.equal(done, [1, 2, 3, 4, 5, 6]);
});

tasks('continues after a job that throws, and counts asynchronous work of a job', () => {
  const loop = new HandLoop();
  const queue = new TaskQueue(loop);
  const done: string[] = [];
  queue.add(() => {
    throw new Error('a bug');
  });
  queue.add(() => {
    loop.next(() => {
      loop.time += 5;
    });
    done.push('begun');
  });
  queue.add(() => done.push('later'));
  assert.throws(() => loop.turn(), 'a bug');
  loop.turn();
  assert.equal(done, ['begun', 'later']);
});

tasks('takes turns over the sources of jobs, and keeps the order of each', () => {
  const loop = new HandLoop();
  const queue = new TaskQueue(loop);
  const done: string[] = [];
  const add = (source: string, count: number) => {
    for (let job = 1; job <= count; job++) {
      queue.add(() => {
        loop.time += 1;
        done.push(`${source}${job}`);
      }, source);
    }
  };
  add('a', 5);
  add('b', 2);
  loop.turn();
  assert.equal(done.splice(0), ['a1', 'b1']);
  add('c', 1);
  loop.turn();
  assert.equal(done.splice(0), ['a2', 'b2']);
  loop.turn();
  assert.equal(done.splice(0), ['c1', 'a3']);
  loop.turn();
  assert.equal(done.splice(0), ['a4', 'a5']);
});

tasks('lets a newcomer wait for one job of each other source, however many jobs one of them has', () => {
  const loop = new HandLoop();
  const queue = new TaskQueue(loop);
  let flooded = 0;
  for (let job = 0; job < 10_000; job++) {
    queue.add(() => {
      loop.time += 1;
      flooded += 1;
    }, 'flood');
  }
  loop.turn();
  const before = flooded;
  let answered = false;
  queue.add(() => {
    answered = true;
  }, 'newcomer');
  loop.turn();
  assert.ok(answered);
  assert.ok(flooded - before <= 2);
});

tasks.run();
