import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findTests, judge, runFiles } from '../scripts/run-tests.ts';

const runner = suite<{ root: string }>('runner');

runner.before.each(context => {
  context.root = mkdtempSync(join(tmpdir(), 'heartline-runner-'));
  mkdirSync(join(context.root, 'test', 'deep'), { recursive: true });
  writeFileSync(join(context.root, 'package.json'), '{"type":"module"}');
  symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(context.root, 'node_modules'));
});
runner.after.each(context => rmSync(context.root, { recursive: true }));

const HEAD = "import { suite } from 'uvu';\nconst s = suite('unit');\n";

function run(root: string, deadlineMs = 20_000) {
  return runFiles(findTests(root), { root, deadlineMs: () => deadlineMs, totalMs: 60_000, parallel: 2 });
}

runner('finds the test files, in folders too, and counts what passed and failed', async ({ root }) => {
  writeFileSync(
    join(root, 'test/a.test.ts'),
    `${HEAD}s('one', () => {});\ns('two', () => { throw new Error('x'); });\ns.run();`,
  );
  writeFileSync(join(root, 'test/deep/b.test.ts'), `${HEAD}s('one', () => {});\ns.run();`);
  writeFileSync(join(root, 'test/rig.ts'), 'throw new Error()');
  const results = (await run(root)).sort((a, b) => a.file.localeCompare(b.file));
  assert.equal(
    results.map(({ file, passed, failed }) => [file, passed, failed]),
    [
      ['test/a.test.ts', 1, 1],
      ['test/deep/b.test.ts', 1, 0],
    ],
  );
});

runner('fails a file that runs nothing', async ({ root }) => {
  writeFileSync(join(root, 'test/a.test.ts'), `${HEAD}s('one', () => {});`);
  const [result] = await run(root);
  assert.is(result?.failed, 1);
  assert.match(result?.output ?? '', /ran no test/);
});

runner('ends a file that hangs with all it started, and says where', async ({ root }) => {
  writeFileSync(
    join(root, 'test/a.test.ts'),
    `${HEAD}import { spawn } from 'node:child_process';
s('one', () => {});
s('two', () => {
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
  return new Promise(() => setInterval(() => {}, 1000));
});
s.run();`,
  );
  const [result] = await run(root, 3000);
  assert.is(result?.failed, 1);
  assert.match(result?.output ?? '', /still running after 3 s/);
  // The child holds the file's output open: had it not ended too, there would be no result yet.
  assert.ok((result?.seconds ?? 0) < 20, `${result?.seconds} s`);
});

runner('ends what a file has left running, and does not wait for it', async ({ root }) => {
  writeFileSync(
    join(root, 'test/a.test.ts'),
    `${HEAD}import { spawn } from 'node:child_process';
s('one', () => {
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).unref();
});
s.run();`,
  );
  const [result] = await run(root, 20_000);
  assert.equal([result?.passed, result?.failed], [1, 0]);
  assert.ok((result?.seconds ?? 99) < 15, `${result?.seconds} s`);
});

runner('names the test that hung', () => {
  const { output } = judge(' room  • • ', null, 60_000);
  assert.match(output, 'It hung in test 3 of "room".');
});

runner('fails a file that skips, and one that ends badly after its tests', () => {
  assert.is(judge('  Total:     2\n  Passed:    1\n  Skipped:   1\n', 0).failed, 1);
  assert.is(judge('  Total:     2\n  Passed:    2\n  Skipped:   1\n', 0).failed, 1);
  assert.is(judge('  Total:     2\n  Passed:    2\n  Skipped:   0\n', 7).failed, 1);
  assert.is(judge('  Total:     2\n  Passed:    2\n  Skipped:   0\n', 0).failed, 0);
});

runner('runs nothing more once the time for all is up', async ({ root }) => {
  writeFileSync(join(root, 'test/a.test.ts'), `${HEAD}s('one', () => {});\ns.run();`);
  const [result] = await runFiles(findTests(root), { root, deadlineMs: () => 1000, totalMs: 0, parallel: 1 });
  assert.match(result?.output ?? '', /time for the whole run/);
});

runner.run();
