import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Bound } from '../../../src/relay/access/capacity.ts';
import { boundLog } from '../../../src/relay/runtime/bound-log.ts';
import { HandClock } from '../../support/clock.ts';

const log = suite('bound log');

log('tells each bound once by its name, and once that it is over, however often it is reached', () => {
  const clock = new HandClock();
  const lines: string[] = [];
  const onBounds = boundLog({
    tell: (level, { warning }, sentence) => lines.push(`${level} ${warning}: ${sentence}`),
    now: clock.now,
  });
  const pass = (seconds: number, ...reached: Bound[]) => {
    for (let second = 0; second < seconds; second++) {
      clock.wind(1000);
      onBounds(reached);
    }
    return lines.splice(0);
  };
  assert.equal(pass(100), []);
  assert.equal(pass(100, 'MAX_ROOMS'), [
    'warn MAX_ROOMS: new rooms are refused: there are as many as MAX_ROOMS allows',
  ]);
  assert.equal(pass(100), ['info MAX_ROOMS: this is over']);
  assert.equal([pass(1, 'MAX_ROOMS'), pass(1), pass(1, 'MAX_ROOMS'), pass(1)].flat(), [], 'not again so soon');
  assert.is(pass(700, 'MAX_ROOMS').length, 1);
  assert.match(pass(1, 'MAX_ROOMS', 'MAX_DISK').join(), /^warn MAX_DISK: new rooms are refused/);
  assert.match(pass(1, 'MAX_DISK_EXCEEDED').join('\n'), /^warn MAX_DISK_EXCEEDED: no message is stored/);
});

log.run();
