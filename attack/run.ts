/**
 * `npm run attack`: attacks a relay that has its default limits, while bystanders talk, and exits with 1 if they are hurt.
 * Options: `-- --only pings,rooms --seconds 10 --heap 256 --save FILE`; CONTRIBUTING.md says how to add an attack.
 */
import { writeFileSync } from 'node:fs';
import { pick, reasonOf, wholeNumber } from '../bench/options.ts';
import { compile } from '../bench/programs.ts';
import { buildAll } from '../scripts/build.ts';
import { readOptions } from '../scripts/options.ts';
import { ATTACKS } from './attacks.ts';
import { FullRoom } from './full-room.ts';
import { judge, type Outcome } from './judge.ts';
import { table } from './table.ts';
import { tryAttack } from './trial.ts';

const options = readOptions('npm run attack', {
  only: { type: 'string' },
  seconds: { type: 'string', default: '5' },
  heap: { type: 'string', default: '256' },
  save: { type: 'string' },
});

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

try {
  const outcomes = await run();
  process.stdout.write(`\n${table(outcomes)}\n`);
  if (options.save !== undefined) writeFileSync(options.save, `${JSON.stringify(outcomes, null, 1)}\n`);
  if (outcomes.some(outcome => judge(outcome).length > 0)) process.exitCode = 1;
} catch (error) {
  say(`attack: ${reasonOf(error)}\n`);
  process.exitCode = 1;
}
