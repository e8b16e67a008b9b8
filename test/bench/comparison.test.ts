import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Comparison, jsonOf, tableOf } from '../../bench/comparison.ts';

const table = suite('comparison');

const comparison = (of: Partial<Comparison>): Comparison => ({
  machine: { cpu: '', cores: 2, node: '', pinned: true },
  before: 'main (abc)',
  after: 'working tree (def+)',
  rows: [],
  failed: [],
  ...of,
});
const row = (ratio: number, count: number) => ({
  work: 'fanout',
  measure: 'CPU',
  unit: 'µs',
  pairs: Array.from({ length: count }, () => ({ before: 2, after: 2 * ratio })),
});
const cellsOf = (line: string | undefined) => line?.trim().split(/ {2,}/);

table('shows medians, ratio, interval and whether it reaches below the limit', () => {
  const [versions, head, ...lines] = tableOf(comparison({ rows: [row(1.02, 11), row(1.1, 6)] })).split('\n');
  assert.match(versions ?? '', /^before: main \(abc\), after: working tree \(def\+\);/);
  assert.match(head ?? '', /measure +before +after +pairs +ratio +95 % interval +reaches below 1\.03$/);
  assert.equal(cellsOf(lines[0]), ['fanout', 'CPU (µs)', '2', '2.04', '11', '1.020', '1.020–1.020', 'yes']);
  assert.equal(cellsOf(lines[1]), ['fanout', 'CPU (µs)', '2', '2.2', '6', '1.100', '1.100–1.100', 'NO']);
});

table('says that few pairs tell nothing, and which works failed', () => {
  const lines = tableOf(comparison({ rows: [row(1.1, 5), row(1, 0)], failed: ['storm: does not start'] })).split('\n');
  assert.equal(cellsOf(lines[2]), ['fanout', 'CPU (µs)', '2', '2.2', '5', '1.100', 'none below 6 pairs', 'not known']);
  assert.equal(lines.slice(3), ['failed: storm: does not start']);
});

table('is saved with the pairs and their ratio, if there are any', () => {
  const { rows, before }: Comparison = JSON.parse(jsonOf(comparison({ rows: [row(1.02, 1), row(1, 0)] })));
  assert.is(before, 'main (abc)');
  assert.equal(rows, [{ ...row(1.02, 1), ratio: { median: 1.02 } }, row(1, 0)]);
});

table.run();
