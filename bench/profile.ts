/**
 * `npm run bench:profile -- FILE`: reads a profile that `npm run bench -- --profile` left in `out/` (by default the
 * newest), and prints the functions in which the relay spent the most time, without the time of their callees.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readOptions, wrongUse } from '../scripts/options.ts';
import { OUT } from './programs.ts';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** A profile as V8 writes it; times in µs. */
interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 30;

function newest(): string {
  const files = readdirSync(OUT)
    .filter(name => name.endsWith('.cpuprofile'))
    .map(name => join(OUT, name))
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  const [file] = files;
  if (file === undefined)
    throw new Error('there is no profile: npm run bench -- --only fanout --peers heartline --profile');
  return file;
}

/** Self time by function, in µs, and how long the process was idle. */
function selfTimes({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const names = new Map(nodes.map(node => [node.id, nameOf(node)]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return times;
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const place =
    url === '' ? '' : ` ${url.replace(/^.*node_modules\//, '').replace(/^file:.*\//, '')}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${place}`;
}

function read(): { file: string; profile: Profile } {
  const [given] = process.argv.slice(2);
  if (given?.startsWith('-')) readOptions('npm run bench:profile -- FILE', {});
  try {
    const file = given ?? newest();
    return { file, profile: JSON.parse(readFileSync(file, 'utf8')) };
  } catch (error) {
    return wrongUse(error);
  }
}

const { file, profile } = read();
const times = selfTimes(profile);
const idle = times.get('(idle)') ?? 0;
times.delete('(idle)');
const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
process.stdout.write(
  `${basename(file)}: busy for ${(busy / 1e6).toFixed(1)} s, idle for ${(idle / 1e6).toFixed(1)} s\n`,
);
for (const [name, time] of [...times].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN)) {
  process.stdout.write(`${((100 * time) / busy).toFixed(1).padStart(6)} %  ${name}\n`);
}
