/** Results as a table for people. */
import { PEERS } from './peers.ts';
import { type Figure, figure, figureOf, type Results, type Sample, verdicts } from './results.ts';
import { WORKS, type Work } from './works.ts';

/** A value with three significant figures, with a comma for thousands. */
export function round(value: number): string {
  return value >= 1000
    ? Math.round(value).toLocaleString('en')
    : value
        .toPrecision(3)
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '');
}

/** A table of all measured works. */
export function table({ samples, left }: Results): string {
  const works = WORKS.filter(work => samples.some(sample => sample.work === work.name));
  return [...works.flatMap(work => [...rows(work, samples), '']), ...left.map(line => `left out: ${line}`)].join('\n');
}

function rows(work: Work, samples: readonly Sample[]): string[] {
  const head = ['', ...work.measures.map(({ name, unit }) => `${name} (${unit})`), 'server busy', 'load busy'];
  const body = PEERS.flatMap(({ name, title }) => {
    const own = samples.filter(sample => sample.work === work.name && sample.peer === name);
    if (own.length === 0) return [];
    const figures = work.measures.map((_measure, index) => spread(figureOf(samples, work.name, name, index)));
    return [[title, ...figures, share(own.map(s => s.serverBusy)), share(own.map(s => s.loadBusy))]];
  });
  const aims = verdicts(work, samples).map(({ target, ratio, met }) => {
    const measure = work.measures[target.measure ?? 0];
    const bound = `${measure?.more ? 'at least' : 'at most'} ${round(target.ratio)}`;
    return `  ${met ? 'met ' : 'NOT '} ${measure?.name}: ${round(ratio)} of ${target.than} (aim: ${bound})`;
  });
  return [`${work.name}: ${work.title}`, ...align([head, ...body]), ...aims];
}

function spread(of: Figure | undefined): string {
  if (!of) return '';
  return of.min === of.max ? round(of.median) : `${round(of.median)} (${round(of.min)}–${round(of.max)})`;
}

function share(values: readonly number[]): string {
  return `${Math.round(100 * (figure(values)?.median ?? 0))} %`;
}

/** Aligns cells in columns, the first to the left and the others to the right. */
export function align(lines: readonly (readonly string[])[]): string[] {
  const widths = lines[0]?.map((_cell, column) => Math.max(...lines.map(line => line[column]?.length ?? 0))) ?? [];
  return lines.map(
    line =>
      `  ${line.map((cell, column) => (column ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[0] ?? 0))).join('  ')}`,
  );
}
