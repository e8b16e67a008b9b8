import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BUSY,
  crowded,
  crowdedInDialect,
  FOREIGN_ORIGIN,
  FULL,
  restarting,
  TOO_MANY_ANSWERS,
  tooManyRequests,
} from '../../../src/relay/access/refusal.ts';
import { Warnings, warningOf } from '../../../src/relay/runtime/warnings.ts';
import { HandClock } from '../../support/clock.ts';

const warnings = suite('runtime/warnings');

function open() {
  const clock = new HandClock();
  const lines: string[] = [];
  const list = new Warnings(clock, {
    tell: (level, { warning, times, seconds }, sentence) => {
      assert.ok(sentence.length > 0);
      lines.push(
        [
          level,
          warning,
          ...(times === undefined ? [] : [times]),
          ...(seconds === undefined ? [] : [`${seconds} s`]),
        ].join(' '),
      );
    },
  });
  /** Lets seconds pass, with what happens in each. */
  const live = (seconds: number, happens = () => {}) => {
    for (let second = 0; second < seconds; second++) {
      happens();
      clock.wind(1000);
      list.sweep();
    }
  };
  return { list, lines, live };
}

warnings('are told once however often they happen, and once when they have stopped happening', () => {
  const { list, lines, live } = open();
  live(3600, () => {
    for (let count = 0; count < 10; count++) list.raise('MAX_PER_ADDRESS');
  });
  assert.equal(lines, ['warn MAX_PER_ADDRESS']);
  live(61);
  assert.equal(lines, ['warn MAX_PER_ADDRESS', 'info MAX_PER_ADDRESS 36000']);
});

warnings('of a state are over when that is said', () => {
  const { list, lines, live } = open();
  list.over('commits');
  list.raise('commits');
  live(600);
  assert.is(lines.length, 1);
  list.over('commits');
  list.over('commits');
  assert.equal(lines, ['warn commits', 'info commits 600 s']);
});

warnings('that come and go are told at most every ten minutes', () => {
  const { list, lines, live } = open();
  let second = 0;
  live(3600, () => {
    second += 1;
    if (second % 2 === 0) list.over('commits');
    else list.raise('commits');
  });
  assert.ok(lines.length >= 10 && lines.length <= 14, `${lines.length} lines in an hour`);
});

warnings('of refusals name what to look at', () => {
  assert.is(warningOf(FULL), 'MAX_CONNECTIONS');
  assert.is(warningOf(BUSY), 'load');
  assert.is(warningOf(crowded()), 'MAX_PER_ADDRESS');
  assert.is(warningOf(crowdedInDialect(5000)), "the tutorial's clients");
  assert.is(warningOf(tooManyRequests(20)), 'requests');
  assert.is(warningOf(TOO_MANY_ANSWERS), 'requests');
  assert.is(warningOf(FOREIGN_ORIGIN), 'ORIGINS');
  assert.is(warningOf(restarting(500)), undefined);
});

warnings('of bounds are told by the bounds that are reached', () => {
  const { list, lines, live } = open();
  live(100, () => list.setBounds([]));
  live(100, () => list.setBounds(['MAX_ROOMS']));
  live(1, () => list.setBounds(['MAX_ROOMS', 'MAX_DISK']));
  live(100, () => list.setBounds(['MAX_DISK', 'MAX_DISK_EXCEEDED']));
  assert.equal(lines, ['warn MAX_ROOMS', 'warn MAX_DISK', 'info MAX_ROOMS 101 s', 'warn MAX_DISK_EXCEEDED']);
});

warnings('do not hide one another', () => {
  const { list, lines } = open();
  for (const name of ['TRUST_PROXY', 'MAX_CONNECTIONS', 'descriptors', 'TRUST_PROXY'] as const) list.raise(name);
  assert.equal(lines, ['warn TRUST_PROXY', 'warn MAX_CONNECTIONS', 'warn descriptors']);
});

warnings.run();
