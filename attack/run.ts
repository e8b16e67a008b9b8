/**
 * `npm run attack`: attacks a relay that has its default limits, while bystanders talk, and exits with 1 if they are hurt.
 * Options: `-- --only pings,rooms --seconds 10 --heap 256 --save FILE`, or `-- --edge --only pings,rooms --seconds 10` on
 * Workers; CONTRIBUTING.md says how to add an attack.
 */
import { writeFileSync } from 'node:fs';
import { pick, reasonOf, wholeNumber } from '../bench/options.ts';
import { compile } from '../bench/programs.ts';
import { buildAll } from '../scripts/build.ts';
import { readOptions } from '../scripts/options.ts';
import { ATTACKS } from './attacks.ts';
import { Edge, MAX_DELAY_MS } from './edge.ts';
import { FullRoom } from './full-room.ts';
import { judge, type Outcome } from './judge.ts';
import { table } from './table.ts';
import { tryAttack } from './trial.ts';

const options = readOptions('npm run attack', {
  only: { type: 'string' },
  seconds: { type: 'string', default: '5' },
  heap: { type: 'string', default: '256' },
  edge: { type: 'boolean', default: false },
  save: { type: 'string' },
});

/** As many as one after the other, with a pause between them, take about a second. */
const MESSAGES_PER_SECOND = 6;

const say = (text: string) => process.stderr.write(text);

async function run(): Promise<Outcome[]> {
  const attacks = pick(ATTACKS, options.only);
  const seconds = wholeNumber('seconds', options.seconds);
  const heapMb = wholeNumber('heap', options.heap);
  await buildAll();
  const program = compile('load');
  const fullRoom = new FullRoom();
  const outcomes: Outcome[] = [];
  try {
    for (const attack of attacks) {
      say(`${attack.name.padEnd(18)} `);
      const outcome = await tryAttack(attack, { program, fullRoom, seconds, heapMb });
      outcomes.push(outcome);
      say(`${judge(outcome).join('; ') || 'held'}\n`);
    }
  } finally {
    fullRoom.dispose();
  }
  return outcomes;
}

/** Returns whether every attack was withstood. */
async function runAtEdge(): Promise<boolean> {
  const attacks = pick(
    ATTACKS.filter(({ edge }) => edge),
    options.only,
  );
  const messages = wholeNumber('seconds', options.seconds) * MESSAGES_PER_SECOND;
  const edge = await Edge.start();
  let held = true;
  try {
    for (const attack of attacks) {
      const { longestMs, stored, connections, bytes, ...outcome } = await edge.withstand(attack, messages);
      const late = longestMs > MAX_DELAY_MS ? [`a message took more than ${MAX_DELAY_MS} ms`] : [];
      const faults = [...outcome.faults, ...late];
      const did = `${connections} connections, ${(bytes / 1e6).toFixed(1)} MB, ${stored} stored, ${Math.round(longestMs)} ms at most`;
      say(`${attack.name.padEnd(18)} ${faults.join('; ') || 'held'} (${did})\n`);
      held &&= faults.length === 0;
    }
  } finally {
    await edge.dispose();
  }
  return held;
}

async function runOnNode(): Promise<boolean> {
  const outcomes = await run();
  process.stdout.write(`\n${table(outcomes)}\n`);
  if (options.save !== undefined) writeFileSync(options.save, `${JSON.stringify(outcomes, null, 1)}\n`);
  return outcomes.every(outcome => judge(outcome).length === 0);
}

try {
  if (!(await (options.edge ? runAtEdge() : runOnNode()))) process.exitCode = 1;
} catch (error) {
  say(`attack: ${reasonOf(error)}\n`);
  process.exitCode = 1;
}
