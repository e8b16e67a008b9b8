/** Two versions compared in pairs of runs, as a table for people and as JSON. */
import { LIMIT, type Pair, ratioOf, reachesBelow } from './pairs.ts';
import type { Machine } from './programs.ts';
import { figure } from './results.ts';
import { align, round } from './table.ts';

export interface Sides<T> {
  readonly before: T;
  readonly after: T;
}

/** One measure of one work. */
export interface Row {
  readonly work: string;
  readonly measure: string;
  readonly unit: string;
  readonly pairs: Pair[];
}

/** The sides are names of versions, each with its commit. */
export interface Comparison extends Sides<string> {
  readonly machine: Machine;
  readonly rows: readonly Row[];
  /** Works that were not measured to the end, with the reason. */
  readonly failed: readonly string[];
}

const HEAD = ['', 'measure', 'before', 'after', 'pairs', 'ratio', '95 % interval', `reaches below ${LIMIT}`];

/** A row per measure: medians, the ratio after / before, its interval, and whether that reaches below the limit. */
export function tableOf({ before, after, rows, failed }: Comparison): string {
  const body = rows.filter(({ pairs }) => pairs.length > 0).map(cells);
  return [
    `before: ${before}, after: ${after}; the ratio is the median of after / before, its interval that of the sign test`,
    ...align([HEAD, ...body]),
    ...failed.map(reason => `failed: ${reason}`),
  ].join('\n');
}

/** The comparison with the ratio of each row that has pairs. */
export function jsonOf(comparison: Comparison): string {
  const rows = comparison.rows.map(row => (row.pairs.length === 0 ? row : { ...row, ratio: ratioOf(row.pairs) }));
  return `${JSON.stringify({ ...comparison, rows }, null, 1)}\n`;
}

function cells({ work, measure, unit, pairs }: Row): string[] {
  const ratio = ratioOf(pairs);
  const { median, interval } = ratio;
  const middle = (values: readonly number[]) => round(figure(values)?.median ?? 0);
  const reaches = reachesBelow(ratio);
  return [
    work,
    `${measure} (${unit})`,
    middle(pairs.map(pair => pair.before)),
    middle(pairs.map(pair => pair.after)),
    String(pairs.length),
    median.toFixed(3),
    interval ? `${interval.low.toFixed(3)}–${interval.high.toFixed(3)}` : 'none below 6 pairs',
    reaches === undefined ? 'not known' : reaches ? 'yes' : 'NO',
  ];
}
