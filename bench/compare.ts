/**
 * `npm run bench:pairs`: measures two versions of the relay in pairs of runs, in which they take turns. Options:
 * `-- --before REF --after REF --only fanout,idle --pairs 11 --seconds 4 --warm 2 --save file.json`; see README.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readOptions } from '../scripts/options.ts';
import { type Comparison, jsonOf, type Row, type Sides, tableOf } from './comparison.ts';
import { runLoad } from './load.ts';
import { pick, reasonOf, secondsOf, wholeNumber } from './options.ts';
import { inWork, type Peer, relayIn } from './peers.ts';
import { compile, MACHINE } from './programs.ts';
import { Server } from './server.ts';
import { round } from './table.ts';
import { checkOut, type Version, workingTree } from './version.ts';
import { type PairedWork, WORKS } from './works.ts';

const ORDER = ['before', 'after'] as const;
const INTERRUPTED = 130;

const say = (text: string) => process.stderr.write(text);
const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());

function parse() {
  const values = readOptions('npm run bench:pairs', {
    before: { type: 'string' },
    after: { type: 'string' },
    only: { type: 'string' },
    pairs: { type: 'string', default: '11' },
    seconds: { type: 'string' },
    warm: { type: 'string' },
    save: { type: 'string' },
  });
  const { before, after, only, pairs, seconds, warm, save } = values;
  if (before === undefined) throw new Error('--before names the commit to compare with');
  return {
    before,
    after,
    save,
    works: pick(
      WORKS.filter((work): work is PairedWork => work.pairs !== undefined),
      only,
    ),
    pairs: wholeNumber('pairs', pairs),
    settings: [...secondsOf('seconds', seconds), ...secondsOf('warm', warm)],
  };
}

/** The values of one run, one for each of the work's measures. */
async function measure(program: string, peer: Peer, work: PairedWork, settings: readonly string[]): Promise<number[]> {
  signal.throwIfAborted();
  const { load, collect = false, measures } = work.pairs;
  const server = await Server.start(inWork(peer, work), { collect });
  try {
    const all = [...work.load, ...load, ...(collect ? ['collect=1'] : []), ...settings];
    const report = await runLoad(program, server, all, signal);
    return measures.map(({ of }) => of(report));
  } finally {
    await server.stop();
  }
}

/** Measures a pair and adds it to the rows of a work, one for each of its measures. */
async function addPair(rows: readonly Row[], number: number, run: (side: keyof Sides<Peer>) => Promise<number[]>) {
  const values: Record<keyof Sides<Peer>, number[]> = { before: [], after: [] };
  for (const side of number % 2 === 1 ? ORDER : ORDER.toReversed()) values[side] = await run(side);
  const texts = rows.map(({ measure, unit, pairs }, index) => {
    const pair = { before: values.before[index] ?? Number.NaN, after: values.after[index] ?? Number.NaN };
    if (!(pair.before > 0 && pair.after > 0)) throw new Error(`${measure}: ${pair.before} and ${pair.after} ${unit}`);
    pairs.push(pair);
    const { before, after } = pair;
    return `${measure} ${round(before)} → ${round(after)} ${unit} (${(after / before).toFixed(3)})`;
  });
  say(`${texts.join(', ')}\n`);
}

async function main(versions: Version[]): Promise<void> {
  const { before, after, works, pairs, settings, save } = parse();
  if (save !== undefined) mkdirSync(dirname(save), { recursive: true });
  const program = compile('load');
  const build = (name: string, make: () => Version): Version => {
    signal.throwIfAborted();
    say(`building ${name}\n`);
    const version = make();
    versions.push(version);
    return version;
  };
  const sides: Sides<Version> = {
    before: build(before, () => checkOut(before)),
    after: after === undefined ? build('the working tree', workingTree) : build(after, () => checkOut(after)),
  };
  const rows: Row[] = [];
  const failed: string[] = [];
  const comparison: Comparison = {
    machine: MACHINE,
    before: `${sides.before.name} (${sides.before.commit})`,
    after: `${sides.after.name} (${sides.after.commit})`,
    rows,
    failed,
  };
  for (const work of works) {
    const own: Row[] = work.pairs.measures.map(({ name, unit }) => ({
      work: work.name,
      measure: name,
      unit,
      pairs: [],
    }));
    rows.push(...own);
    try {
      for (let number = 1; number <= pairs; number++) {
        say(`${work.name.padEnd(8)} ${String(number).padStart(2)}/${pairs}  `);
        await addPair(own, number, side =>
          measure(program, relayIn(sides[side].root, side, sides[side].name), work, settings),
        );
      }
    } catch (error) {
      if (signal.aborted) throw error;
      say(`failed: ${reasonOf(error)}\n`);
      failed.push(`${work.name}: ${reasonOf(error)}`);
    }
    if (save !== undefined) writeFileSync(save, jsonOf(comparison));
  }
  process.stdout.write(`\n${tableOf(comparison)}\n`);
  if (failed.length > 0) process.exitCode = 1;
}

const versions: Version[] = [];
try {
  await main(versions);
} catch (error) {
  say(signal.aborted ? '\nbench: interrupted\n' : `bench: ${reasonOf(error)}\n`);
  process.exitCode = signal.aborted ? INTERRUPTED : 1;
} finally {
  for (const version of versions) version.dispose();
}
