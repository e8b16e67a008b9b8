import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { watchLoad } from '../../../../src/relay/runtime/node/event-loop.ts';
import { HandClock } from '../../../support/clock.ts';

const loop = suite('runtime/node/event-loop');

loop('measures how late it is, as far as the process itself was at work', () => {
  const clock = new HandClock();
  const samples: number[] = [];
  let busy = 0;
  watchLoad(clock, lateMs => samples.push(lateMs), { now: clock.now, busy: () => busy });
  const turn = (takes: number, busyFor: number) => {
    clock.sleep(takes);
    busy += busyFor;
    clock.wind(0);
    return samples.splice(0);
  };
  assert.equal(turn(99, 50), []);
  assert.equal(turn(1, 50), [0]);
  assert.equal(turn(500, 450), [400], 'a long turn');
  assert.equal(turn(500, 30), [30], 'the machine did something else');
  assert.equal(turn(100, 100), [0]);
});

loop.run();
