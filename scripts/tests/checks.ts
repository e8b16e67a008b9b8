/** Runs the checks of types, format and lint in parallel. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGroup } from './process-group.ts';
import type { Report } from './report.ts';

/** Runs every command of the `check` script in package.json and adds the results to the report. */
export async function runChecks(root: string, report: Report): Promise<void> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const commands: string[] = scripts.check.split(' && ');
  await Promise.all(
    commands.map(async command => {
      report.check(command, await problemOf(command, root));
    }),
  );
}

/** Runs a package's program. Resolves with its output if it fails, else with `undefined`. */
function problemOf(command: string, root: string): Promise<string | undefined> {
  const [tool = '', ...args] = command.split(' ');
  const child = startGroup(join(root, 'node_modules/.bin', tool), args, { cwd: root });
  let output = '';
  const keep = (data: Buffer) => {
    output += data;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve(code === 0 ? undefined : output));
  });
}
