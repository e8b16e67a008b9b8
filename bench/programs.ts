/** Compiles the C programs, into a folder that git ignores, and pins each side to a core. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BENCH = fileURLToPath(new URL('.', import.meta.url));
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const OUT = join(BENCH, 'out');

/** Compiles `bench/NAME.c` and returns the program's path; throws an error of one line if that fails. */
export function compile(name: string): string {
  mkdirSync(OUT, { recursive: true });
  const program = join(OUT, name);
  const { error, status, stderr } = spawnSync('cc', ['-O2', '-o', program, join(BENCH, `${name}.c`)], {
    encoding: 'utf8',
  });
  if (error) throw new Error('there is no C compiler (cc)');
  if (status !== 0) throw new Error(`${name}.c does not compile: ${stderr.trim()}`);
  return program;
}

/** Whether the server and the load generator get a core each. */
export const PINNED = cpus().length > 1 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;

/** The machine on which the results were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly pinned: boolean;
}

export const MACHINE: Machine = {
  cpu: cpus()[0]?.model ?? '',
  cores: cpus().length,
  node: process.version,
  pinned: PINNED,
};

/** The command that runs another command on one core, if {@link PINNED}. */
export function onCore(core: number, command: readonly string[]): readonly string[] {
  return PINNED ? ['taskset', '-c', String(core), ...command] : command;
}
