import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inWork, PEERS, RELAY } from '../../bench/peers.ts';
import { type Sample, verdicts } from '../../bench/results.ts';
import { WORKS, type Work } from '../../bench/works.ts';

const results = suite('results');

const measure = (name: string, more = false) => ({ name, unit: '', more, of: () => 0 });
const work: Work = {
  name: 'work',
  title: '',
  load: [],
  measures: [measure('delivered', true), measure('p99')],
  targets: [
    { than: 'other', ratio: 0.6 },
    { than: 'other', ratio: 2, measure: 1 },
  ],
  env: { RATE: '5' },
};
const sample = (peer: string, ...values: number[]): Sample => ({
  ...{ work: 'work', peer, round: 1, values, serverBusy: 1, loadBusy: 1 },
});

results('compare each target with its own measure', () => {
  const met = (...values: number[]) =>
    verdicts(work, [sample(RELAY, ...values), sample('other', 100, 10)]).map(({ ratio, met }) => ({ ratio, met }));
  assert.equal(met(60, 20), [
    { ratio: 0.6, met: true },
    { ratio: 2, met: true },
  ]);
  assert.equal(met(50, 30), [
    { ratio: 0.5, met: false },
    { ratio: 3, met: false },
  ]);
});

results('a target names a measure and a server that there are', () => {
  for (const { name, targets, measures } of WORKS) {
    for (const { than, measure = 0 } of targets) {
      assert.ok(measures[measure], `${name}: ${measure}`);
      assert.ok(
        [...PEERS, ...WORKS].some(other => other.name === than),
        `${name}: ${than}`,
      );
    }
  }
});

results("a work's variables are the relay's alone", () => {
  const [relay, other] = PEERS;
  assert.equal(relay && inWork(relay, work).env, { ...relay?.env, RATE: '5' });
  assert.is(other && inWork(other, work), other);
});

results.run();
