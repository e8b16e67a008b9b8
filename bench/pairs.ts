/**
 * The ratio of two versions from pairs of runs: the median of the pairs' ratios, with a 95 % interval that a few
 * disturbed runs do not move.
 *
 * The interval is that of the sign test, interpolated between two order statistics to hold 95 % (Hettmansperger and
 * Sheather, "Confidence intervals based on interpolated order statistics", 1986). It assumes nothing about how runs
 * vary. The intervals of Student's t and, with eleven pairs, of the signed-rank test grow with a single disturbed run,
 * and a wide interval reaches below any limit.
 */

/** One measure of both versions, in two consecutive runs; less is better. */
export interface Pair {
  readonly before: number;
  readonly after: number;
}

/** The ratio after / before for a measure. */
export interface Ratio {
  readonly median: number;
  /** Absent with fewer than six pairs, for which no interval has 95 %. */
  readonly interval?: { readonly low: number; readonly high: number };
}

const CONFIDENCE = 0.95;
/** A version counts as no worse than the one before if the interval reaches below this. */
export const LIMIT = 1.03;

/** Throws if there is no pair, or if the values of one have no ratio above 0. */
export function ratioOf(pairs: readonly Pair[]): Ratio {
  const logs = pairs.map(logRatio).toSorted((a, b) => a - b);
  const count = logs.length;
  const at = (index: number): number => {
    const log = logs[index];
    if (log === undefined) throw new Error('there is no pair');
    return log;
  };
  const median = Math.exp((at(Math.floor((count - 1) / 2)) + at(Math.ceil((count - 1) / 2))) / 2);
  const ends = intervalEnds(count);
  if (!ends) return { median };
  const { depth, inward } = ends;
  const end = (outer: number, inner: number) => Math.exp((1 - inward) * at(outer) + inward * at(inner));
  return { median, interval: { low: end(depth - 1, depth), high: end(count - depth, count - depth - 1) } };
}

/** Whether the interval reaches below {@link LIMIT}; undefined if there is no interval. */
export function reachesBelow({ interval }: Ratio): boolean | undefined {
  return interval && interval.low < LIMIT;
}

function logRatio({ before, after }: Pair): number {
  const log = Math.log(after / before);
  if (!(before > 0) || !Number.isFinite(log)) throw new Error(`${after} and ${before} have no ratio`);
  return log;
}

/**
 * The ends of the interval, counted from either end of `count` sorted values: the value of this depth (the outermost
 * has depth 1), moved by the share `inward` towards the next. Undefined if even the outermost values hold too little.
 */
function intervalEnds(count: number): { readonly depth: number; readonly inward: number } | undefined {
  let depth = 1;
  let held = heldWithin(count, depth);
  if (held < CONFIDENCE) return undefined;
  let next = heldWithin(count, depth + 1);
  for (; next >= CONFIDENCE; next = heldWithin(count, depth + 1)) {
    depth += 1;
    held = next;
  }
  const share = (held - CONFIDENCE) / (held - next);
  return { depth, inward: ((count - depth) * share) / (depth + (count - 2 * depth) * share) };
}

/** The probability that the median is between the two values of this depth: binomial, as each is above or below it. */
function heldWithin(count: number, depth: number): number {
  let outside = 0;
  let exactly = 0.5 ** count;
  for (let below = 0; below < depth; below++) {
    outside += exactly;
    exactly *= (count - below) / (below + 1);
  }
  return 1 - 2 * outside;
}
