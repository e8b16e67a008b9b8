import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fared } from '../../attack/bystanders.ts';
import { judge, type Outcome } from '../../attack/judge.ts';

const judging = suite('attack: judge');

function fared(name: string, p99Ms: number, more: Partial<Fared> = {}): Fared {
  const each = { count: 30, p50: 500, p99: p99Ms * 1000, max: p99Ms * 1000 };
  return { name, readers: 3, sent: 10, delivered: 30, closed: 0, refused: 0, misplaced: 0, each, ...more };
}

function outcome(attacked: readonly Fared[], more: Partial<Outcome> = {}): Outcome {
  return {
    attack: 'pings',
    title: 'pings without pause',
    effort: { connections: 1, bytes: 1000 },
    seconds: 5,
    alone: [fared('elsewhere', 2), fared('behind', 2)],
    attacked,
    newcomersMs: [10],
    longestTurnMs: 5,
    memory: { fresh: 90e6, before: 100e6, peak: 200e6, after: 110e6 },
    descriptors: { before: 20, peak: 210, after: 19 },
    stored: 100,
    survived: true,
    ...more,
  };
}

judging('delays within the bounds are no fault, and behind the attacker they may be longer', () => {
  assert.equal(judge(outcome([fared('elsewhere', 52), fared('behind', 252)])), []);
  assert.equal(judge(outcome([fared('elsewhere', 53), fared('behind', 253)])), [
    'elsewhere: 51 ms later',
    'behind: 251 ms later',
  ]);
});

judging('each loss is a fault', () => {
  const hurt = fared('elsewhere', 2, { closed: 1, refused: 2, misplaced: 3, delivered: 26 });
  assert.equal(judge(outcome([hurt])), [
    'elsewhere: 1 connections closed',
    'elsewhere: 2 frames refused',
    'elsewhere: 3 messages out of order, twice or after a gap',
    'elsewhere: 4 messages lost',
  ]);
});

judging('what stays behind is a fault, and so are newcomers who wait', () => {
  const left = outcome([], {
    newcomersMs: [10, 1500, null],
    memory: { fresh: 90e6, before: 100e6, peak: 200e6, after: 110.1e6 },
    descriptors: { before: 20, peak: 210, after: 22 },
    stored: 501,
  });
  assert.equal(judge(left), [
    '1 newcomers waited more than 1000 ms',
    '1 newcomers were not let in',
    'memory was not given back',
    '2 descriptors stayed open',
    '501 messages of the attacker were stored',
  ]);
  assert.equal(judge(outcome([], { stored: 999, seconds: 120 })), []);
});

judging('a relay that has ended is the only fault', () => {
  assert.equal(judge(outcome([fared('elsewhere', 900)], { survived: false })), ['the relay ended']);
});

judging.run();
