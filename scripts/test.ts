/**
 * `npm test`: types, format and lint, the build, then every test file; with a word, only the files whose path holds it.
 * The last line counts what passed and failed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAll } from './build.ts';
import { endAll, findTests, runFiles } from './run-tests.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHECKS: readonly (readonly string[])[] = [
  ['tsc', '-p', '.'],
  ['tsc', '-p', 'src/relay'],
  ['tsc', '-p', 'src/relay/runtime/workers'],
  ['tsc', '-p', 'src/web'],
  ['biome', 'ci', '.'],
];
const FILE_MS = 60_000;
/** Files that drive browsers and relays. */
const LIVE_FILE_MS = 240_000;
const TOTAL_MS = 600_000;

let passed = 0;
let failed = 0;

function check(name: string, output: string | undefined): void {
  if (output === undefined) passed += 1;
  else failed += 1;
  process.stdout.write(output === undefined ? `ok    ${name}\n` : `FAIL  ${name}\n${output}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    endAll();
    process.exit(1);
  });
}

const words = process.argv.slice(2);
const all = findTests(ROOT);
const files = words.length === 0 ? all : all.filter(file => words.some(word => file.includes(word)));

if (words.length === 0) {
  for (const [tool = '', ...args] of CHECKS) {
    const { status, stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin', tool), args, {
      cwd: ROOT,
      encoding: 'utf8',
    });
    check([tool, ...args].join(' '), status === 0 ? undefined : `${stdout}${stderr}`);
  }
  const silent = all.filter(file => !readFileSync(join(ROOT, file), 'utf8').includes('.run()'));
  check('every test file runs its suites', silent.length === 0 ? undefined : silent.join('\n'));
}
try {
  await buildAll();
  check('build', undefined);
} catch (error) {
  check('build', String(error));
}

await runFiles(files, {
  root: ROOT,
  deadlineMs: file => (/e2e|soak|contract|live/.test(file) ? LIVE_FILE_MS : FILE_MS),
  totalMs: TOTAL_MS,
  parallel: 2,
  onResult(result) {
    passed += result.passed;
    failed += result.failed;
    const line = `${result.file} (${result.passed} in ${result.seconds.toFixed(1)} s)`;
    process.stdout.write(result.failed === 0 ? `ok    ${line}\n` : `FAIL  ${line}\n${result.output}\n`);
  },
});
if (files.length === 0) check(`a test file with ${words.join(' or ')} in its path`, 'there is none');
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
