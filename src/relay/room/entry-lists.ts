/** Cuts lists of entries, which are in the order of `seq`: at a `seq`, at a gap, or by size. */
import type { Entry } from '../log/entry.ts';
import { utf8Length } from '../utf8.ts';

/** The most bytes that a UTF-16 unit takes in UTF-8. */
const MAX_UNIT_BYTES = 3;

/** The index of the first entry after `seq`, by binary search. */
export function firstAfter(entries: readonly Entry[], seq: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.seq ?? 0) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The oldest entries up to the first gap between two of them. */
export function firstRun(entries: readonly Entry[]): readonly Entry[] {
  const end = entries.findIndex(({ seq }, index) => index > 0 && seq !== (entries[index - 1]?.seq ?? 0) + 1);
  return end < 0 ? entries : entries.slice(0, end);
}

/** The oldest entries that fit in `maxBytes`; one entry always fits. */
export function firstFitting(entries: readonly Entry[], maxBytes: number): readonly Entry[] {
  return entries.slice(0, countFitting(entries, maxBytes));
}

/** The newest entries that fit in `maxBytes`; one entry always fits. */
export function lastFitting(entries: readonly Entry[], maxBytes: number): readonly Entry[] {
  return entries.slice(entries.length - countFitting(entries.toReversed(), maxBytes));
}

function countFitting(entries: readonly Entry[], maxBytes: number): number {
  const length = entries.reduce((sum, { payload }) => sum + payload.length, 0);
  if (length * MAX_UNIT_BYTES <= maxBytes) return entries.length;
  let bytes = 0;
  for (const [index, { payload }] of entries.entries()) {
    bytes += utf8Length(payload);
    if (bytes > maxBytes && index > 0) return index;
  }
  return entries.length;
}
