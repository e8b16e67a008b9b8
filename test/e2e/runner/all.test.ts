/** `npm test` finds all tests, and runs all of them or those that match a name. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findTests } from '../../../scripts/tests/find-tests.ts';
import { add, GOOD, HEAD, makeProject, type Project, removeProject, run } from './project.ts';

const finder = suite<Project>('runner: find');
finder.before.each(makeProject);
finder.after.each(removeProject);

finder('finds the test files of each tier by folder, and those whose path contains a name', ({ root }) => {
  for (const file of ['b.test.ts', 'deep/a.test.ts', 'e2e/c.test.ts', 'e2e/deep/d.test.ts', 'rig.ts', 'e2e/stage.ts']) {
    add(root, `test/${file}`, '');
  }
  assert.equal(findTests(root), {
    unit: ['test/b.test.ts', 'test/deep/a.test.ts'],
    e2e: ['test/e2e/c.test.ts', 'test/e2e/deep/d.test.ts'],
  });
  assert.equal(findTests(root, ['deep', 'b.']), {
    unit: ['test/b.test.ts', 'test/deep/a.test.ts'],
    e2e: ['test/e2e/deep/d.test.ts'],
  });
});

finder.run();

const all = suite<Project>('runner: all');
all.before.each(makeProject);
all.after.each(removeProject);

all('runs the checks, then both tiers, and counts everything', async ({ root }) => {
  add(root, 'package.json', '{"type":"module","scripts":{"check":"tsc --version && tsc --nothing"}}');
  add(root, 'test/a.test.ts', GOOD);
  add(root, 'test/e2e/b.test.ts', GOOD);
  const { code, output, last } = await run(root, 'test.ts');
  assert.is(last, '3 passed, 1 failed', output);
  assert.is(code, 1);
  assert.match(output, /ok {4}tsc --version[\s\S]*ok {4}test\/a\.test\.ts[\s\S]*ok {4}test\/e2e\/b\.test\.ts/);
  assert.match(output, /FAIL {2}tsc --nothing\n.*--nothing/);
});

all('with a name runs the matching files of both tiers, and no checks', async ({ root }) => {
  add(root, 'test/room.test.ts', GOOD);
  add(root, 'test/e2e/room.test.ts', GOOD);
  add(root, 'test/other.test.ts', GOOD);
  assert.is((await run(root, 'test.ts', 'room')).last, '2 passed, 0 failed');
  assert.is((await run(root, 'test.ts', 'nowhere')).last, '0 passed, 1 failed');
});

all('with --node-versions runs the unit tests on other versions too, and fails if one is missing', async ({ root }) => {
  add(
    root,
    'test/a.test.ts',
    `${HEAD}s('one', () => { if (process.argv0.endsWith('other/bin/node')) throw new Error('other'); });\ns.run();`,
  );
  add(root, '.ci/node-versions/package.json', '{"dependencies":{"other":"npm:node-somewhere@99.1.2"}}');
  const missing = await run(root, 'test.ts', '--node-versions', 'a.test');
  assert.is(missing.last, '1 passed, 1 failed', missing.output);
  assert.match(missing.output, /other\/bin\/node is missing: run npm ci --prefix \.ci\/node-versions/);
  mkdirSync(join(root, '.ci/node-versions/node_modules/other/bin'), { recursive: true });
  symlinkSync(process.execPath, join(root, '.ci/node-versions/node_modules/other/bin/node'));
  const there = await run(root, 'test.ts', '--node-versions', 'a.test');
  assert.is(there.last, '1 passed, 1 failed', there.output);
  assert.match(there.output, /FAIL {2}test\/a\.test\.ts on Node 99\.1\.2/);
});

all('refuses an option that it does not know', async ({ root }) => {
  add(root, 'test/a.test.ts', GOOD);
  for (const script of ['test.ts', 'unit.ts', 'e2e.ts']) {
    const { code, output } = await run(root, script, '--wach');
    assert.is(code, 2);
    assert.match(output, /^unknown option --wach\n$/);
  }
});

all.run();
