/** What an attack did to the relay and to the bystanders, and whether that is little enough. */
import type { Fared } from './bystanders.ts';
import type { Effort } from './target.ts';

export interface Outcome {
  readonly attack: string;
  readonly title: string;
  readonly effort: Effort;
  readonly seconds: number;
  /** How the bystanders fared before the attack, and during it. */
  readonly alone: readonly Fared[];
  readonly attacked: readonly Fared[];
  /** How long each newcomer from another address took to be in a room (ms); `null` for one who was not let in. */
  readonly newcomersMs: readonly (number | null)[];
  readonly longestTurnMs: number;
  /**
   * Resident memory in bytes: of a relay that was never attacked, before this attack but after a rehearsal of it, at most,
   * and after.
   */
  readonly memory: { readonly fresh: number; readonly before: number; readonly peak: number; readonly after: number };
  /** Open descriptors before, at most, and after. */
  readonly descriptors: { readonly before: number; readonly peak: number; readonly after: number };
  /** Messages that the attacker has stored in the attacked room. */
  readonly stored: number;
  /** Whether the relay was still running at the end. */
  readonly survived: boolean;
}

/** How much later a message may be read than without the attack (ms), behind the attacker's address and elsewhere. */
const MAX_DELAY_MS = { behind: 250, elsewhere: 50 };
const MAX_NEWCOMER_MS = 1000;
/** How much more memory may stay in use. What V8 and the C library keep for the next time was there before. */
const MAX_MEMORY_GROWTH = 0.1;
/** A twentieth of the 10,000 messages that a room keeps by default. */
const MAX_STORED_PER_MINUTE = 500;

/** What was worse than it may be; empty if the relay withstood the attack. */
export function judge(outcome: Outcome): string[] {
  if (!outcome.survived) return ['the relay ended'];
  const { alone, attacked, newcomersMs, memory, descriptors, stored, seconds } = outcome;
  const faults = attacked.flatMap(fared => faultsOf(fared, alone));
  const late = newcomersMs.filter(ms => ms !== null && ms > MAX_NEWCOMER_MS).length;
  const shut = newcomersMs.filter(ms => ms === null).length;
  if (late > 0) faults.push(`${late} newcomers waited more than ${MAX_NEWCOMER_MS} ms`);
  if (shut > 0) faults.push(`${shut} newcomers were not let in`);
  if (!isMemoryBack(memory.before, memory.after)) faults.push('memory was not given back');
  if (descriptors.after > descriptors.before)
    faults.push(`${descriptors.after - descriptors.before} descriptors stayed open`);
  const most = MAX_STORED_PER_MINUTE * Math.max(1, seconds / 60);
  if (stored > most) faults.push(`${stored} messages of the attacker were stored`);
  return faults;
}

/** Whether a process uses hardly more memory than before. */
export function isMemoryBack(before: number, now: number): boolean {
  return now <= before * (1 + MAX_MEMORY_GROWTH);
}

function faultsOf(fared: Fared, alone: readonly Fared[]): string[] {
  const { name, closed, refused, misplaced } = fared;
  const max = name === 'behind' ? MAX_DELAY_MS.behind : MAX_DELAY_MS.elsewhere;
  const delay = delayMs(fared, alone);
  const lost = lostBy(fared);
  const faults: string[] = [];
  if (delay > max) faults.push(`${name}: ${Math.round(delay)} ms later`);
  if (closed > 0) faults.push(`${name}: ${closed} connections closed`);
  if (refused > 0) faults.push(`${name}: ${refused} frames refused`);
  if (misplaced > 0) faults.push(`${name}: ${misplaced} messages out of order, twice or after a gap`);
  if (lost > 0) faults.push(`${name}: ${lost} messages lost`);
  return faults;
}

/** By how much the 99th percentile of the time to read a message has grown (ms). */
function delayMs({ name, each }: Fared, alone: readonly Fared[]): number {
  return (each.p99 - (alone.find(other => other.name === name)?.each.p99 ?? 0)) / 1000;
}

/** Messages that were never read, counted once for each reader. */
export function lostBy({ readers, sent, delivered }: Fared): number {
  return Math.max(0, sent * readers - delivered);
}
