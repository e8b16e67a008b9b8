import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LoadShedder } from '../../../src/relay/access/load-shedder.ts';

const shedder = suite('access/load-shedder');

/** A shedder whose fullest subscriber has `most` connections, and which takes a sample every 100 ms. */
function rig(most: number) {
  const load = new LoadShedder(() => most);
  let now = 0;
  return {
    load,
    samples(lateMs: number, count: number) {
      for (let at = 0; at < count; at++) {
        now += 100;
        load.sample(lateMs, now);
      }
    },
  };
}

shedder('refuses nobody while the loop is on time, or late for a moment', () => {
  const { load, samples } = rig(1000);
  samples(150, 50);
  for (let at = 0; at < 20; at++) {
    samples(5000, 1);
    samples(0, 1);
  }
  assert.not(load.active);
  assert.not(load.refuses(1000));
});

shedder('refuses the fullest subscriber first, then fuller ones, and everyone only if that does not help', () => {
  const { load, samples } = rig(200);
  const refused = () => [1, 20, 60, 150].filter(count => load.refuses(count));
  samples(300, 2);
  assert.equal(refused(), [150]);
  samples(300, 2);
  assert.equal(refused(), [60, 150]);
  samples(300, 4);
  assert.equal(refused(), [20, 60, 150]);
  samples(300, 1);
  assert.equal(refused(), [20, 60, 150], 'a subscriber with few connections is spared as long as possible');
  samples(300, 1);
  assert.equal(refused(), [1, 20, 60, 150]);
  assert.ok(load.refuses(0));
});

shedder('admits again step by step, after the loop has been on time for a while', () => {
  const { load, samples } = rig(100);
  samples(300, 10);
  assert.ok(load.refuses(0));
  samples(100, 100);
  assert.ok(load.refuses(0), 'neither late nor on time');
  samples(0, 20);
  samples(100, 1);
  samples(0, 20);
  assert.ok(load.refuses(0), 'not on time for long enough');
  samples(0, 1);
  assert.equal([load.refuses(15), load.refuses(16)], [false, true]);
  samples(0, 20);
  assert.equal([load.refuses(31), load.refuses(32)], [false, true]);
  samples(0, 20);
  assert.equal([load.refuses(63), load.refuses(64)], [false, true]);
  samples(0, 20);
  assert.not(load.active);
});

shedder('is not confused by a clock that is set back', () => {
  const load = new LoadShedder(() => 100);
  load.sample(300, 1_000_000);
  load.sample(300, 1_000_100);
  assert.ok(load.active);
  load.sample(0, 1_000_200);
  load.sample(0, 500);
  load.sample(0, 2400);
  assert.ok(load.active);
  load.sample(0, 2500);
  assert.not(load.active);
});

shedder.run();
