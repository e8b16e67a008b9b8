import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFrameQueue } from '../../../src/web/messages/frame-queue.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const queue = suite<DomContext>('frame queue');
useDom(queue);

/** A queue, and what it has handed over so far, call by call. */
function makeQueue() {
  const taken: number[][] = [];
  const queue = createFrameQueue<number>(changes => taken.push([...changes]));
  return { queue, taken };
}

queue('hands over in one frame, in order, everything that was added before it', ({ dom }) => {
  const { queue, taken } = makeQueue();
  for (const change of [1, 2, 3]) queue.add(change);
  assert.equal(taken, [], 'not before the frame');
  dom.frame();
  assert.equal(taken, [[1, 2, 3]]);
  dom.frame();
  assert.equal(taken, [[1, 2, 3]], 'no frame without a change');
  queue.add(4);
  dom.frame();
  assert.equal(taken, [[1, 2, 3], [4]]);
});

queue('keeps changes that are added during a hand-over for the next frame', ({ dom }) => {
  const taken: number[][] = [];
  const queue = createFrameQueue<number>(changes => {
    taken.push([...changes]);
    if (taken.length === 1) queue.add(2);
  });
  queue.add(1);
  dom.frame();
  assert.equal(taken, [[1]]);
  dom.frame();
  assert.equal(taken, [[1], [2]]);
});

queue('hands over once a second while the page is hidden and has no frames', ({ dom }) => {
  const { queue, taken } = makeQueue();
  dom.hide(true);
  taken.length = 0;
  queue.add(1);
  dom.clock.wind(999);
  queue.add(2);
  assert.equal(taken, []);
  dom.clock.wind(1);
  assert.equal(taken, [[1, 2]]);
  dom.clock.wind(10_000);
  assert.equal(taken, [[1, 2]]);
});

queue('hands over at once when the page is hidden', ({ dom }) => {
  const { queue, taken } = makeQueue();
  queue.add(1);
  dom.hide(true);
  assert.equal(taken, [[1]]);
  dom.frame();
  dom.clock.wind(10_000);
  assert.equal(taken, [[1]], 'and not a second time');
});

queue('hands over at once when the page is shown again, even without changes', ({ dom }) => {
  const { queue, taken } = makeQueue();
  dom.hide(true);
  queue.add(1);
  dom.hide(false);
  assert.equal(taken, [[], [1]]);
  dom.clock.wind(10_000);
  assert.equal(taken, [[], [1]], 'and not a second time');
  dom.hide(true);
  dom.hide(false);
  assert.equal(taken, [[], [1], [], []]);
});

queue('hands over at once when told to, and not a second time', ({ dom }) => {
  const { queue, taken } = makeQueue();
  queue.add(1);
  queue.flush();
  assert.equal(taken, [[1]]);
  dom.frame();
  assert.equal(taken, [[1]]);
});

queue('hands over nothing once disposed of, and leaves nothing behind', ({ dom }) => {
  for (const hidden of [false, true]) {
    dom.hide(hidden);
    const { queue, taken } = makeQueue();
    queue.add(1);
    assert.ok(dom.leftovers.length > 0);
    queue.dispose();
    assert.equal(dom.leftovers, []);
    dom.frame();
    dom.clock.wind(10_000);
    dom.hide(!hidden);
    assert.equal(taken, []);
  }
});

queue.run();
