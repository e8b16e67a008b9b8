/**
 * `npm run bench`: measures the relay and the servers that people would use instead, in one run. Options:
 * `-- --only fanout,talk --peers heartline,ws --rounds 1 --seconds 2 --quick --profile --save results/name`; see README.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { buildAll } from '../scripts/build.ts';
import { readOptions } from '../scripts/options.ts';
import { chart } from './chart.ts';
import { runLoad } from './load.ts';
import { pick, reasonOf } from './options.ts';
import { inWork, PEERS, type Peer, RELAY } from './peers.ts';
import { BENCH, compile, MACHINE } from './programs.ts';
import type { Results, Sample } from './results.ts';
import { Server } from './server.ts';
import { round, table } from './table.ts';
import { WORKS, type Work } from './works.ts';

const options = readOptions('npm run bench', {
  only: { type: 'string' },
  peers: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '4' },
  warm: { type: 'string', default: '2' },
  quick: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
  save: { type: 'string' },
});

/** Enough to see that everything runs, and the order of the figures; too little for V8 to have compiled everything. */
const QUICK = ['warm=1', 'seconds=1'];

const say = (text: string) => process.stderr.write(text);

function install(): void {
  if (existsSync(join(BENCH, 'node_modules/.package-lock.json'))) return;
  say('installing the peers\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: BENCH, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the peers could not be installed');
}

async function measure(program: string, work: Work, peer: Peer, roundNumber: number): Promise<Sample> {
  const server = await Server.start(inWork(peer, work), { profile: options.profile && peer.name === RELAY });
  try {
    const settings = [`warm=${options.warm}`, `seconds=${options.seconds}`, ...work.load];
    const report = await runLoad(program, server, options.quick ? [...settings, ...QUICK] : settings);
    return {
      work: work.name,
      peer: peer.name,
      round: roundNumber,
      values: work.measures.map(({ of }) => of(report)),
      serverBusy: report.serverCpuUs / 1e6 / report.seconds,
      loadBusy: report.loadBusyUs / 1e6 / report.seconds,
    };
  } finally {
    await server.stop();
  }
}

function applies(work: Work, peer: Peer): boolean {
  return work.peers?.includes(peer.name) ?? !peer.special;
}

async function run(): Promise<Results> {
  const works = pick(WORKS, options.only);
  const peers = pick(PEERS, options.peers);
  install();
  await buildAll();
  const program = compile('load');
  const samples: Sample[] = [];
  const left = new Map<string, string>();
  const rounds = options.quick ? 1 : Number(options.rounds);
  for (const work of works) {
    for (let number = 1; number <= rounds; number++) {
      for (const peer of peers) {
        const name = `${work.name} ${peer.name}`;
        if (left.has(name) || !applies(work, peer)) continue;
        say(`${name.padEnd(20)} ${number}/${rounds}  `);
        try {
          const sample = await measure(program, work, peer, number);
          samples.push(sample);
          say(
            `${work.measures.map(({ name, unit }, index) => `${name} ${round(sample.values[index] ?? 0)} ${unit}`).join(', ')}\n`,
          );
        } catch (error) {
          left.set(name, reasonOf(error));
          say(`left out: ${reasonOf(error)}\n`);
        }
      }
    }
  }
  return { machine: MACHINE, samples, left: [...left].map(([name, reason]) => `${name}: ${reason}`) };
}

/** Keeps saved rows of this machine that were not measured now: each is of one run, in which all servers took turns. */
function withOthers(results: Results, path: string): Results {
  if (!existsSync(path)) return results;
  const saved: Results = JSON.parse(readFileSync(path, 'utf8'));
  if (!isDeepStrictEqual(saved.machine, results.machine)) return results;
  const measured = new Set(results.samples.map(({ work }) => work));
  return {
    ...results,
    samples: [...saved.samples.filter(({ work }) => !measured.has(work)), ...results.samples],
    left: [...saved.left.filter(line => !measured.has(line.split(' ')[0] ?? '')), ...results.left],
  };
}

try {
  const results = await run();
  process.stdout.write(`\n${table(results)}\n`);
  if (options.save !== undefined) {
    const path = join(BENCH, options.save);
    mkdirSync(dirname(path), { recursive: true });
    const all = withOthers(results, `${path}.json`);
    writeFileSync(`${path}.json`, `${JSON.stringify(all, null, 1)}\n`);
    writeFileSync(`${path}.svg`, chart(all));
  }
} catch (error) {
  say(`bench: ${reasonOf(error)}\n`);
  process.exitCode = 1;
}
