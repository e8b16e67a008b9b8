/**
 * The runner of the end-to-end tests handles everything that a test file can do: it fails and names the file, and goes
 * on.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findTests } from '../../../scripts/tests/find-tests.ts';
import { judge, runFiles } from '../../../scripts/tests/run-files.ts';
import { add, counts, GOOD, HEAD, LONG_MS, makeProject, type Project, removeProject, run } from './project.ts';

const e2e = suite<Project>('runner: e2e');
e2e.before.each(makeProject);
e2e.after.each(removeProject);

function runE2e(root: string, deadlineMs = LONG_MS, totalMs = LONG_MS) {
  return runFiles(findTests(root).e2e, { root, deadlineMs, totalMs, parallel: 2 });
}

e2e('counts what passed and failed in each file', async ({ root }) => {
  add(root, 'test/e2e/a.test.ts', `${HEAD}s('one', () => {});\ns('two', () => { throw new Error('x'); });\ns.run();`);
  add(root, 'test/e2e/deep/b.test.ts', GOOD);
  add(root, 'test/c.test.ts', 'throw new Error();');
  add(root, 'test/e2e/rig.ts', 'throw new Error()');
  const { code, output, last } = await run(root, 'e2e.ts');
  assert.is(last, '2 passed, 1 failed', output);
  assert.is(code, 1);
  assert.match(output, /FAIL {2}test\/e2e\/a\.test\.ts \(1 in /);
  assert.match(output, /ok {4}test\/e2e\/deep\/b\.test\.ts \(1 in /);
});

e2e('shows what a file that passed has left out', async ({ root }) => {
  add(root, 'test/e2e/a.test.ts', `${GOOD}\nprocess.stdout.write('note: no proxy\\nother output\\n');`);
  const { output, last } = await run(root, 'e2e.ts');
  assert.is(last, '1 passed, 0 failed', output);
  assert.match(output, /^ok {4}test\/e2e\/a\.test\.ts .*\n {6}note: no proxy\n1 passed/m);
});

e2e('runs only the files whose path contains a name, and fails if there is none', async ({ root }) => {
  add(root, 'test/e2e/a.test.ts', GOOD);
  add(root, 'test/e2e/b.test.ts', 'throw new Error();');
  assert.is((await run(root, 'e2e.ts', 'a.test')).last, '1 passed, 0 failed');
  assert.is((await run(root, 'e2e.ts', 'nowhere')).last, '0 passed, 1 failed');
});

e2e('fails a file that runs no test', async ({ root }) => {
  add(root, 'test/e2e/a.test.ts', `${HEAD}s('one', () => {});`);
  const [result] = await runE2e(root);
  assert.is(result?.failed, 1);
  assert.match(result?.output ?? '', /ran no test/);
});

e2e('kills a file that hangs, with everything it started, and reports it', async ({ root }) => {
  add(
    root,
    'test/e2e/a.test.ts',
    `${HEAD}import { spawn } from 'node:child_process';
s('one', () => {});
s('two', () => {
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
  return new Promise(() => setInterval(() => {}, 1000));
});
s.run();`,
  );
  const [result] = await runE2e(root, 3000);
  assert.is(result?.failed, 1);
  assert.match(result?.output ?? '', /still running after 3 s/);
  // The child keeps the file's output open: if it had not been killed too, there would be no result yet.
  assert.ok((result?.seconds ?? 0) < 20, `${result?.seconds} s`);
});

e2e('kills what a file has left running, without waiting for it', async ({ root }) => {
  add(
    root,
    'test/e2e/a.test.ts',
    `${HEAD}import { spawn } from 'node:child_process';
s('one', () => {
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).unref();
});
s.run();`,
  );
  const [result] = await runE2e(root);
  assert.equal(counts(result), [1, 0], result?.output);
});

e2e('names the test that hung', () => {
  const { output } = judge(' room  • • ', null, 60_000);
  assert.match(output, 'Test 3 of "room" hung.');
});

e2e('fails a file that skips a test, and one that exits with an error after its tests', () => {
  assert.is(judge('  Total:     2\n  Passed:    1\n  Skipped:   1\n', 0).failed, 1);
  assert.is(judge('  Total:     2\n  Passed:    2\n  Skipped:   1\n', 0).failed, 1);
  assert.is(judge('  Total:     2\n  Passed:    2\n  Skipped:   0\n', 7).failed, 1);
  assert.is(judge('  Total:     2\n  Passed:    2\n  Skipped:   0\n', 0).failed, 0);
});

e2e('runs no more files once the whole run has exceeded its time limit', async ({ root }) => {
  add(root, 'test/e2e/a.test.ts', GOOD);
  const [result] = await runE2e(root, LONG_MS, 0);
  assert.match(result?.output ?? '', /the whole run has exceeded its time limit/);
});

e2e.run();
