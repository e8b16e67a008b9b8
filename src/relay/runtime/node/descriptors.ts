/** Watches how many of its file descriptors the process has used: when there are none, Node drops newcomers in silence. */
import { readFileSync } from 'node:fs';
import type { Warnings } from '../warnings.ts';

/** Descriptors of the process that are no connection: files, the database, the event loop. */
const OTHERS = 64;

/** The most descriptors that the process may have open; `undefined` if the system does not say, or sets no limit. */
export function descriptorLimit(read: () => string = readLimits): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(read())?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

export interface DescriptorUse {
  /** Open TCP connections. */
  readonly connections: number;
  readonly limit: number;
}

/** Raises the warning when nine tenths are used, and ends it when a fifth is free again. To be called regularly. */
export function noteDescriptors(warnings: Pick<Warnings, 'raise' | 'over'>, use: DescriptorUse): void {
  const used = use.connections + OTHERS;
  if (used >= use.limit * 0.9) warnings.raise('descriptors', { ...use });
  else if (used <= use.limit * 0.8) warnings.over('descriptors');
}

function readLimits(): string {
  return readFileSync('/proc/self/limits', 'utf8');
}
