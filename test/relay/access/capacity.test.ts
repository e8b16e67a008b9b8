import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Capacity } from '../../../src/relay/access/capacity.ts';

const capacity = suite('capacity');

function stateOf({ isFull, isExceeded, reached }: Capacity) {
  return { isFull, isExceeded, reached };
}

capacity('takes rooms up to the bound, counting those since the last measurement', () => {
  const bounded = new Capacity({ maxRooms: 10, maxDisk: 0 });
  bounded.measure({ rooms: 8, bytes: 1e12 });
  assert.equal(stateOf(bounded), { isFull: false, isExceeded: false, reached: [] });
  bounded.add('x', true);
  assert.not(bounded.isFull);
  bounded.add('x', false);
  assert.not(bounded.isFull);
  bounded.add('x', true);
  assert.equal(stateOf(bounded), { isFull: true, isExceeded: false, reached: ['MAX_ROOMS'] });
  bounded.measure({ rooms: 9, bytes: 0 });
  assert.not(bounded.isFull);
});

capacity('takes no new room at the bound on bytes, and nothing at all a tenth above it', () => {
  const bounded = new Capacity({ maxRooms: 0, maxDisk: 1000 });
  bounded.measure({ rooms: 1e6, bytes: 999 });
  assert.equal(stateOf(bounded), { isFull: false, isExceeded: false, reached: [] });
  bounded.measure({ rooms: 1e6, bytes: 1000 });
  assert.equal(stateOf(bounded), { isFull: true, isExceeded: false, reached: ['MAX_DISK'] });
  bounded.measure({ rooms: 1e6, bytes: 1100 });
  assert.equal(stateOf(bounded), { isFull: true, isExceeded: true, reached: ['MAX_DISK', 'MAX_DISK_EXCEEDED'] });
});

capacity('counts the bytes of messages since the last measurement, so that a flood cannot pass the bound', () => {
  const bounded = new Capacity({ maxRooms: 0, maxDisk: 1_000_000 });
  bounded.measure({ rooms: 1, bytes: 990_000 });
  let stored = 0;
  while (!bounded.isExceeded && stored < 1000) {
    bounded.add('聊'.repeat(1000), false);
    stored += 1;
  }
  assert.ok(stored > 30 && stored <= 37, `${stored}`);
  bounded.measure({ rooms: 1, bytes: 990_000 });
  assert.not(bounded.isFull, 'the measurement counts');
});

capacity('has no bound of its own', () => {
  const unbounded = new Capacity({ maxRooms: 0, maxDisk: 0 });
  unbounded.measure({ rooms: 1e9, bytes: 1e15 });
  assert.equal(stateOf(unbounded), { isFull: false, isExceeded: false, reached: [] });
});

capacity.run();
