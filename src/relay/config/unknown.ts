/** Finds variables that are not the relay's but look like one of its own: misspelled, or written in another case. */
import { NOT_BUILT_YET, VARIABLES } from './variables.ts';

export interface UnknownVariable {
  readonly name: string;
  /** The variable that it looks like. */
  readonly like: string;
}

const NAMES = [...Object.values(VARIABLES).map(({ name }) => name), ...NOT_BUILT_YET];
/** Names that other programs give to what one of ours is for. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['DATA_DIR', 'DATA'],
  ['DATA_FILE', 'DATA'],
  ['DATA_PATH', 'DATA'],
  ['ALLOWED_ORIGINS', 'ORIGINS'],
  ['CORS_ORIGINS', 'ORIGINS'],
  ['RATE_LIMIT', 'RATE'],
]);
/** In a name of up to this many letters, one difference counts as a misspelling; in a longer one, two. */
const SHORT = 6;
/** A longer name is none of ours, whatever it contains. */
const MAX_LENGTH = 40;

/** Returns the variables of an environment that have no effect although they look as if they were meant to. */
export function unknownVariables(env: Readonly<Record<string, unknown>>): UnknownVariable[] {
  return Object.keys(env).flatMap(name => {
    const like = NAMES.includes(name) ? undefined : likeOf(name);
    return like === undefined ? [] : [{ name, like }];
  });
}

function likeOf(name: string): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  const written = name
    .toUpperCase()
    .replaceAll('-', '_')
    .replace(/^HEARTLINE_/, '')
    .replace(/IES$/, 'Y');
  const other = OTHER_NAMES.get(written);
  if (other !== undefined) return other;
  const [nearest] = NAMES.map(ours => ({ ours, distance: distanceOf(written, ours) })).sort(
    (a, b) => a.distance - b.distance,
  );
  if (!nearest) return undefined;
  return nearest.distance <= (nearest.ours.length <= SHORT ? 1 : 2) ? nearest.ours : undefined;
}

/** The number of letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const options = [at(row, j - 1) + 1, at(last, j) + 1, at(last, j - 1) + (same ? 0 : 1)];
      row.push(Math.min(...options, swapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY));
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
