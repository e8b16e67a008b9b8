/** Every program of package.json answers `--help` and an unknown option, and stops on a Node that is too old. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageBuilt, relayBuilt } from '../support/built.ts';
import { within } from '../support/deadline.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEST_MS = 120_000;
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const PROGRAMS = [
  ...Object.values(scripts).flatMap(script => /^node --import tsx (\S+)$/.exec(script)?.[1] ?? []),
  'dist/build.js',
  'dist/relay.js',
  'dist/backup.js',
];
/** As if Node were the one of Debian 12. */
const OLD = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process,'version',{value:'v18.19.0'})")}`;

function run(program: string, args: readonly string[], node: readonly string[] = ['--import', 'tsx']) {
  const options = { cwd: ROOT, env: { PATH: process.env.PATH, DATA: ':memory:' }, encoding: 'utf8' as const };
  return spawnSync(process.execPath, [...node, program, ...args], options);
}

const options = suite('options');
options.before(async () => {
  await Promise.all([relayBuilt(), pageBuilt()]);
  spawnSync('npm', ['run', '-s', 'build', '--', '--quiet'], { cwd: ROOT });
});

options(
  'are explained with --help, and refused in one line if they are not known',
  within(async () => {
    assert.ok(PROGRAMS.length > 10);
    for (const program of PROGRAMS) {
      const help = run(program, ['--help']);
      assert.equal([help.status, help.stderr], [0, ''], program);
      assert.match(help.stdout, /^Usage: /, program);
      const unknown = run(program, ['--nope']);
      assert.equal([unknown.status, unknown.stdout], [2, ''], program);
      assert.match(unknown.stderr, /^[^\n]+\n$/, program);
    }
    for (const args of [['--messages', 'many'], ['--seed', 'x'], ['extra']]) {
      const { status, stderr } = run('scripts/soak.ts', args);
      assert.is(status, 2);
      assert.match(stderr, /^[^\n]+\n$/);
    }
  }, TEST_MS),
);

options(
  'do not matter on a Node that is too old',
  within(async () => {
    for (const [program, ...args] of [['dist/relay.js'], ['dist/backup.js', '/tmp/none.db']] as const) {
      const { status, stdout, stderr } = run(program, args, ['--import', OLD]);
      assert.equal([status, stdout], [1, '']);
      assert.is(stderr, 'heartline: Node 18.19.0 is too old: 20.20 or later is needed\n');
    }
  }),
);

options.run();
