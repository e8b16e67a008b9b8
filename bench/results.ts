/** Results: one figure per measure, server and round; medians and ranges; comparison with the targets. */
import { RELAY } from './peers.ts';
import type { Machine } from './programs.ts';
import type { Target, Work } from './works.ts';

/** One run. */
export interface Sample {
  readonly work: string;
  readonly peer: string;
  readonly round: number;
  /** In the order of the work's measures. */
  readonly values: readonly number[];
  /** Shares of a core; 1 is a whole one. */
  readonly serverBusy: number;
  readonly loadBusy: number;
}

export interface Results {
  readonly machine: Machine;
  readonly samples: readonly Sample[];
  /** Works and servers that could not be measured, with the reason. */
  readonly left: readonly string[];
}

/** Median and range over the rounds. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function figure(values: readonly number[]): Figure | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  const upper = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (min === undefined || max === undefined || lower === undefined || upper === undefined) return undefined;
  return { median: (lower + upper) / 2, min, max };
}

/** The figure of one server at one work, over all rounds, for one of its measures. */
export function figureOf(samples: readonly Sample[], work: string, peer: string, measure = 0): Figure | undefined {
  const values = samples
    .filter(sample => sample.work === work && sample.peer === peer)
    .flatMap(sample => sample.values[measure] ?? []);
  return figure(values);
}

export interface Verdict {
  readonly target: Target;
  /** The relay's figure divided by the other's. */
  readonly ratio: number;
  readonly met: boolean;
}

/** Compares the relay with each target of a work for which both sides were measured. */
export function verdicts(work: Work, samples: readonly Sample[]): Verdict[] {
  return work.targets.flatMap(target => {
    const { than, measure = 0 } = target;
    const own = figureOf(samples, work.name, RELAY, measure);
    const other = figureOf(samples, work.name, than, measure) ?? figureOf(samples, than, RELAY, measure);
    if (!own || !other) return [];
    const ratio = own.median / other.median;
    const met = work.measures[measure]?.more ? ratio >= target.ratio : ratio <= target.ratio;
    return [{ target, ratio, met }];
  });
}
