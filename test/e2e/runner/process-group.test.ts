/** A program that is started in a group of its own: with it ends what it has started, and it ends with its parent. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startGroup } from '../../../scripts/tests/process-group.ts';
import { within } from '../../support/deadline.ts';

const group = suite('runner: process group');

const MODULE = fileURLToPath(new URL('../../../scripts/tests/process-group.ts', import.meta.url));
/** Prints its own process id and that of a child, and goes on. */
const WORKING = `
const { spawn } = require('node:child_process');
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
console.log(process.pid, child.pid);
setInterval(() => {}, 1000);`;
/** Starts that in a group of its own. */
const PARENT = `
import { startGroup } from ${JSON.stringify(MODULE)};
startGroup(process.execPath, ['-e', ${JSON.stringify(WORKING)}]).stdout.pipe(process.stdout);`;

/** Whether a process goes on. One that has ended may stay until its new parent looks at it. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self') || !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Resolves with the numbers on the first line that a process prints. */
async function numbersOf(stdout: NodeJS.ReadableStream): Promise<number[]> {
  const [line] = await once(stdout, 'data');
  return String(line).trim().split(' ').map(Number);
}

group(
  'ends with its parent, even if that is killed',
  within(async () => {
    const parent = startGroup(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PARENT]);
    const pids = await numbersOf(parent.stdout);
    assert.equal(pids.map(isRunning), [true, true]);
    assert.ok(parent.kill('SIGKILL'));
    while (pids.some(isRunning)) await setTimeout(5);
  }),
);

group(
  'ends with its leader, whose exit code, signal and process id are its own',
  within(async () => {
    const leader = startGroup(process.execPath, ['-e', WORKING]);
    const pids = await numbersOf(leader.stdout);
    assert.is(pids[0], leader.pid);
    leader.kill('SIGTERM');
    assert.equal(await once(leader, 'close'), [null, 'SIGTERM']);
    while (pids.some(isRunning)) await setTimeout(5);
    const failing = startGroup(process.execPath, ['-e', 'process.stdin.resume().on("end", () => process.exit(7))']);
    assert.equal(await once(failing, 'close'), [7, null], 'nothing is to be read');
  }),
);

group.run();
