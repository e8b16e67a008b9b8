/** Outcomes as a table for people. */
import { align } from '../bench/table.ts';
import { judge, lostBy, type Outcome } from './judge.ts';

const HEAD = [
  '',
  'elsewhere p99',
  'same room',
  'same address',
  'newcomer',
  'turn (CPU)',
  'memory',
  'open',
  'refused',
  'closed',
  'lost',
  'sent',
];

/** A row for each attack: figures before and during it, and what was wrong. */
export function table(outcomes: readonly Outcome[]): string {
  const lines = align([HEAD, ...outcomes.map(row)]);
  const verdicts = outcomes.map(outcome => {
    const faults = judge(outcome);
    return `  ${faults.length === 0 ? 'held' : 'FELL'}  ${outcome.attack}: ${faults.length === 0 ? outcome.title : faults.join('; ')}`;
  });
  return [
    'Times in ms, alone > attacked; memory in MB, fresh / before / most / after; open descriptors, before / most / after.',
    ...lines,
    '',
    ...verdicts,
  ].join('\n');
}

function row(outcome: Outcome): string[] {
  const { attack, alone, attacked, newcomersMs, longestTurnMs, memory, descriptors, effort } = outcome;
  const times = ['elsewhere', 'same', 'behind'].map(name =>
    [alone, attacked].map(fared => ms(fared.find(group => group.name === name)?.each.p99)).join(' > '),
  );
  const sum = (of: (group: Outcome['attacked'][number]) => number) =>
    `${attacked.reduce((all, group) => all + of(group), 0)}`;
  const worst = newcomersMs.includes(null) ? 'none' : `${Math.round(Math.max(0, ...newcomersMs.map(Number)))}`;
  return [
    attack,
    ...times,
    worst,
    longestTurnMs.toFixed(0),
    [memory.fresh, memory.before, memory.peak, memory.after].map(bytes => (bytes / 1e6).toFixed(0)).join(' / '),
    [descriptors.before, descriptors.peak, descriptors.after].join(' / '),
    sum(group => group.refused),
    sum(group => group.closed),
    sum(lostBy),
    `${(effort.bytes / 1e6).toFixed(1)} MB, ${effort.connections}`,
  ];
}

function ms(us: number | undefined): string {
  return us === undefined ? '-' : (us / 1000).toFixed(1);
}
