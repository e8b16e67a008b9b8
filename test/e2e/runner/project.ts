/** A temporary project with its own test files, for the tests of the programs that run tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileResult } from '../../../scripts/tests/result.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** The head of a test file with a suite `s`. */
export const HEAD = "import { suite } from 'uvu';\nconst s = suite('unit');\n";
/** A test file with one test that passes. */
export const GOOD = `${HEAD}s('one', () => {});\ns.run();`;
/** Far more than any run here takes, on a busy machine too. */
export const LONG_MS = 60_000;

/** A temporary project. */
export interface Project {
  root: string;
}

/** Creates the project. For `before.each`. */
export function makeProject(context: Project): void {
  context.root = mkdtempSync(join(tmpdir(), 'heartline-runner-'));
  add(context.root, 'package.json', '{"type":"module"}');
  mkdirSync(join(context.root, 'src'));
  mkdirSync(join(context.root, 'test'));
  symlinkSync(join(ROOT, 'node_modules'), join(context.root, 'node_modules'));
}

/** Removes the project. For `after.each`. */
export const removeProject = ({ root }: Project) => rmSync(root, { recursive: true });

/** Writes a file of the project. */
export function add(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** Starts a program of scripts/, as `npm run` would in the project. */
export function start(root: string, script: string, ...args: string[]): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'scripts', script), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (data: Buffer) => {
    output += data;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return { child, output: () => output };
}

/** Runs a program of scripts/ until it exits. `last` is the last line of its output. */
export async function run(root: string, script: string, ...args: string[]) {
  const { child, output } = start(root, script, ...args);
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  return { code, output: output(), last: output().trimEnd().split('\n').at(-1) };
}

/** The numbers of passed and failed tests. */
export const counts = (result: FileResult | undefined) => [result?.passed, result?.failed];
