/** Tells the operator once when a bound on what the log holds is reached, and once when that is over. */
import type { Bound } from '../access/capacity.ts';

const SENTENCES: Readonly<Record<Bound, string>> = {
  MAX_ROOMS: 'new rooms are refused: there are as many as MAX_ROOMS allows',
  MAX_DISK: 'new rooms are refused: the log uses as many bytes as MAX_DISK allows',
  MAX_DISK_EXCEEDED: 'no message is stored: the log uses a tenth more bytes than MAX_DISK allows',
};

/** A bound that is reached again within this time is not told again (ms). */
const INTERVAL_MS = 10 * 60_000;

export interface BoundLogOptions {
  /** Writes a line: `warn` when a bound is reached, `info` when that is over. */
  readonly tell: (level: 'warn' | 'info', fields: { readonly warning: Bound }, sentence: string) => void;
  readonly now: () => number;
}

/** Returns a function to be called about once a second, with the bounds that are reached. */
export function boundLog({ tell, now }: BoundLogOptions): (reached: readonly Bound[]) => void {
  const told = new Set<Bound>();
  const toldAt = new Map<Bound, number>();
  return reached => {
    for (const warning of reached) {
      if (told.has(warning) || Math.abs(now() - (toldAt.get(warning) ?? Number.NEGATIVE_INFINITY)) < INTERVAL_MS)
        continue;
      told.add(warning);
      toldAt.set(warning, now());
      tell('warn', { warning }, SENTENCES[warning]);
    }
    for (const warning of told) {
      if (!reached.includes(warning) && told.delete(warning)) tell('info', { warning }, 'this is over');
    }
  };
}
