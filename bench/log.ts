/**
 * `npm run bench:log`: measures only the log, on a real file: CPU of this process per message at 1, 32 and 256
 * messages per commit, encoding and trimming included.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions } from '../scripts/options.ts';
import { keyOf, type NewMessage } from '../src/relay/log/entry.ts';
import { LogFileError, openLogFile } from '../src/relay/runtime/node/log-file.ts';
import { figure } from './results.ts';
import { round } from './table.ts';

readOptions('npm run bench:log', {});

const ROUNDS = 5;
const WARM_MESSAGES = 5000;
/** Enough to make a tick of the CPU clock insignificant, and to trim whole rows. */
const MESSAGES = 40_000;
const FROM = 'aaaaaaaaaaaaaaaaaaaaaa';
const MESSAGE = 'x'.repeat(120);

/** A message as a room makes it. */
class BenchMessage implements NewMessage {
  readonly type = 'normal';
  readonly key: string;
  readonly at = 1.7e12;
  readonly #id: string;
  readonly speaker = FROM;

  constructor(id: string) {
    this.key = keyOf(FROM, id);
    this.#id = id;
  }

  payloadAt(seq: number): string {
    const { type, at } = this;
    return JSON.stringify({ seq, type, id: this.#id, from: FROM, user: 'someone', message: MESSAGE, at });
  }

  onStored(): void {}

  onFailed(): void {
    throw new Error('a commit failed');
  }
}

/** µs of CPU, and of time, per message. */
function measure(perCommit: number): { cpu: number; wall: number } {
  const folder = mkdtempSync(join(tmpdir(), 'heartline-bench-log-'));
  const report = (error: unknown) => {
    throw error;
  };
  const file = openLogFile({ data: join(folder, 'log.db'), durability: 'normal', history: 10_000 }, report);
  if (file instanceof LogFileError) throw new Error(file.message);
  const { log } = file;
  let stored = 0;
  const room = log.open('bench', {
    stored: entries => {
      stored += entries.length;
    },
    rewritten: () => {
      throw new Error('nothing was edited');
    },
  });
  const write = (count: number) => {
    const end = stored + count;
    while (stored < end) {
      for (let index = 0; index < perCommit; index++) {
        room.append(new BenchMessage(`${index}-${stored}`));
      }
      log.commit();
    }
  };
  write(WARM_MESSAGES);
  const before = stored;
  const cpu = process.cpuUsage();
  const wall = performance.now();
  write(MESSAGES);
  const { user, system } = process.cpuUsage(cpu);
  const ms = performance.now() - wall;
  file.close();
  rmSync(folder, { recursive: true });
  return { cpu: (user + system) / (stored - before), wall: (1000 * ms) / (stored - before) };
}

const sizes = [1, 32, 256];
const rounds = Array.from({ length: ROUNDS }, () => sizes.map(measure));
for (const [index, size] of sizes.entries()) {
  const runs = rounds.flatMap(round => round[index] ?? []);
  const cpu = figure(runs.map(run => run.cpu));
  const wall = figure(runs.map(run => run.wall));
  if (!cpu || !wall) continue;
  process.stdout.write(
    `${String(size).padStart(4)} per commit: ${round(cpu.median)} µs of CPU a message ` +
      `(${round(cpu.min)}–${round(cpu.max)}), ${round(wall.median)} µs of time\n`,
  );
}
