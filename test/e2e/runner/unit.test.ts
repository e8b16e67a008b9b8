/**
 * The runner of the unit tests handles everything that a test file can do: it fails and names the file, and goes on.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Bundle } from '../../../scripts/tests/bundle.ts';
import { findTests } from '../../../scripts/tests/find-tests.ts';
import { ProgressReader } from '../../../scripts/tests/progress.ts';
import type { FileResult } from '../../../scripts/tests/result.ts';
import { runBundle } from '../../../scripts/tests/run-bundle.ts';
import { add, counts, GOOD, HEAD, LONG_MS, makeProject, type Project, removeProject, run, start } from './project.ts';

/** Bundles and runs the unit tests of a project. Returns the results by file name. */
async function runUnit(root: string, deadlineMs = LONG_MS): Promise<Record<string, FileResult>> {
  const { unit } = findTests(root);
  const bundle = await Bundle.of(root, unit);
  try {
    await bundle.write();
    const results = await runBundle(bundle, unit, { root, deadlineMs });
    return Object.fromEntries(results.map(result => [result.file.slice('test/'.length, -'.test.ts'.length), result]));
  } finally {
    await bundle.dispose();
  }
}

const unit = suite<Project>('runner: unit');
unit.before.each(makeProject);
unit.after.each(removeProject);

unit('runs all files in one process, with each module they share evaluated once', async ({ root }) => {
  const note = `import { appendFileSync } from 'node:fs';\nexport const note = (text) => appendFileSync('notes', text);`;
  add(root, 'src/note.ts', note);
  add(
    root,
    'src/shared.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program.
    "import { note } from './note.ts';\nnote(`shared by ${process.pid}\\n`);\nexport const x = 1;",
  );
  for (const name of ['a', 'b', 'deep/c']) {
    const up = name.includes('/') ? '../..' : '..';
    add(root, `test/${name}.test.ts`, `import '${up}/src/shared.ts';\n${GOOD}`);
  }
  add(root, 'test/e2e/d.test.ts', GOOD);
  const { code, output, last } = await run(root, 'unit.ts');
  assert.is(last, '3 passed, 0 failed', output);
  assert.is(code, 0);
  assert.match(output, /ok {4}test\/deep\/c\.test\.ts \(1 in /);
  assert.match(readFileSync(join(root, 'notes'), 'utf8'), /^shared by \d+\n$/);
});

unit('runs only the files whose path contains a name, and fails if there is none', async ({ root }) => {
  add(root, 'test/a.test.ts', GOOD);
  add(root, 'test/b.test.ts', `${HEAD}s('one', () => { throw new Error('x'); });\ns.run();`);
  const one = await run(root, 'unit.ts', 'a.test');
  assert.is(one.last, '1 passed, 0 failed', one.output);
  const none = await run(root, 'unit.ts', 'nowhere');
  assert.is(none.last, '0 passed, 1 failed', none.output);
  assert.is(none.code, 1);
  assert.match(none.output, /nowhere[\s\S]*there is none/);
});

unit('shows a failure with its message and its position in the TypeScript source', async ({ root }) => {
  add(
    root,
    'test/a.test.ts',
    `interface Long {\n  readonly gone: true;\n}\n${HEAD}s('one', () => {});
s('two', () => {
  const broken: Long | string = 'the message';
  throw new Error(broken);
});
s.run();`,
  );
  const { code, output, last } = await run(root, 'unit.ts');
  assert.is(last, '1 passed, 1 failed', output);
  assert.is(code, 1);
  assert.match(output, /FAIL {2}test\/a\.test\.ts/);
  assert.match(output, /two[\s\S]*the message[\s\S]*test\/a\.test\.ts:9:9/);
});

unit('reports what does not compile, and where', async ({ root }) => {
  add(root, 'test/a.test.ts', `${GOOD}\nconst = 1;`);
  const { code, output, last } = await run(root, 'unit.ts');
  assert.is(last, '0 passed, 1 failed', output);
  assert.is(code, 1);
  assert.match(output, /test\/a\.test\.ts:5:6: ERROR/);
});

unit('fails a file without a test, a suite without .run(), and a skipped test', async ({ root }) => {
  add(root, 'test/empty.test.ts', 'export {};');
  add(root, 'test/idle.test.ts', `${GOOD}\nconst idle = suite('idle');\nidle('never', () => {});`);
  add(root, 'test/skip.test.ts', `${HEAD}s('one', () => {});\ns.skip('two', () => {});\ns.run();`);
  add(root, 'test/only.test.ts', `${HEAD}s.only('one', () => {});\ns('two', () => {});\ns.run();`);
  const { empty, idle, skip, only } = await runUnit(root);
  assert.equal([empty, idle, skip, only].map(counts), [
    [0, 1],
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  assert.match(empty?.output ?? '', /ran no test/);
  assert.match(idle?.output ?? '', /suite "idle" has no \.run\(\)/);
  assert.match(skip?.output ?? '', /skipped 1/);
  assert.match(only?.output ?? '', /skipped \d/);
});

unit('shows the error of a hook, and counts the tests that did not run', async ({ root }) => {
  add(
    root,
    'test/before.test.ts',
    `${HEAD}s.before(() => { throw new Error('no bench'); });\ns('one', () => {});\ns.run();`,
  );
  add(
    root,
    'test/each.test.ts',
    `${HEAD}s.after.each(() => { throw new Error('no end'); });\ns('one', () => {});\ns.run();`,
  );
  add(
    root,
    'test/after.test.ts',
    `${HEAD}s.after(() => { throw new Error('no rest'); });\ns('one', () => {});\ns.run();`,
  );
  const { before, each, after } = await runUnit(root);
  assert.equal(counts(before), [0, 1]);
  assert.match(before?.output ?? '', /a hook of "unit" failed: Error: no bench/);
  assert.equal(counts(each), [0, 1]);
  assert.match(each?.output ?? '', /a hook of "unit" failed: Error: no end/);
  assert.is(after?.failed, 1);
  assert.match(after?.output ?? '', /a hook of "unit" failed: Error: no rest/);
});

unit('kills a test that hangs, names it, and runs the files after it', async ({ root }) => {
  add(
    root,
    'test/a.test.ts',
    `${HEAD}s('one', () => {});\ns('two', () => new Promise(() => setInterval(() => {}, 1000)));\ns.run();`,
  );
  add(root, 'test/b.test.ts', `${HEAD}s('busy', () => { for (;;); });\ns.run();`);
  add(root, 'test/c.test.ts', GOOD);
  const { a, b, c } = await runUnit(root, 5000);
  assert.equal([a, b, c].map(counts), [
    [0, 1],
    [0, 1],
    [1, 0],
  ]);
  assert.match(a?.output ?? '', /killed: still running after 5 s\. It hung in "two" of "unit"\./);
  assert.match(b?.output ?? '', /killed: still running after 5 s\. It hung in "busy" of "unit"\./);
});

unit('reports a crash with the running test, and runs the files after it', async ({ root }) => {
  add(root, 'test/exit.test.ts', `${HEAD}s('leaves', () => process.exit(0));\ns.run();`);
  add(root, 'test/late.test.ts', `${HEAD}s('drops', () => { Promise.reject(new Error('nobody waits')); });\ns.run();`);
  add(root, 'test/load.test.ts', `throw new Error('not even loaded');\n${GOOD}`);
  add(root, 'test/never.test.ts', `${HEAD}s('waits', () => new Promise(() => {}));\ns.run();`);
  add(root, 'test/z.test.ts', GOOD);
  const { exit, late, load, never, z } = await runUnit(root);
  assert.equal(
    [exit, late, load, never, z].map(result => result?.failed),
    [1, 1, 1, 1, 0],
  );
  assert.match(exit?.output ?? '', /ended the process with 0 in "leaves" of "unit"/);
  assert.match(late?.output ?? '', /nobody waits[\s\S]*test\/late\.test\.ts:3[\s\S]*ended the process with 1/);
  assert.match(load?.output ?? '', /not even loaded/);
  assert.match(never?.output ?? '', /in "waits" of "unit"\. It waited for a promise/);
});

unit('import.meta.url is that of the source, and a style sheet is imported as text', async ({ root }) => {
  add(root, 'src/look.css', 'p {\n  color: red;\n}\n');
  add(root, 'src/here.ts', 'export const here: string = import.meta.url;');
  add(
    root,
    'test/deep/a.test.ts',
    `import * as assert from 'uvu/assert';
import { fileURLToPath } from 'node:url';
import { here } from '../../src/here.ts';
import css from '../../src/look.css';
${HEAD}s('one', () => {
  assert.is(css, 'p{color:red}');
  assert.is(fileURLToPath(here), ${JSON.stringify(join(root, 'src/here.ts'))});
  assert.is(fileURLToPath(new URL('../..', import.meta.url)), ${JSON.stringify(`${root}/`)});
});
s.run();`,
  );
  const { 'deep/a': result } = await runUnit(root);
  assert.equal(counts(result), [1, 0], result?.output);
});

unit('with --watch runs again on each change, including a new file', async ({ root }) => {
  add(root, 'src/value.ts', 'export const value: number = 1;');
  const test = `import * as assert from 'uvu/assert';\nimport { value } from '../src/value.ts';\n${HEAD}s('one', () => assert.is(value, 1));\ns.run();`;
  add(root, 'test/a.test.ts', test);
  const { child, output } = start(root, 'unit.ts', '--watch', 'a.test', 'new');
  const closed = new Promise(resolve => child.on('close', resolve));
  /** Resolves once the output after `from` ends with a line of counts that matches. */
  const shows = (last: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (last.test(output())) resolve();
      };
      child.stdout?.on('data', look);
      child.on('close', () => reject(new Error(output())));
      look();
    });
  try {
    await shows(/^1 passed, 0 failed\n$/m);
    add(root, 'src/value.ts', 'export const value: number = 2;');
    await shows(/^0 passed, 1 failed\n$/m);
    add(root, 'src/value.ts', 'export const value: number = 1;');
    add(root, 'test/new.test.ts', GOOD);
    await shows(/^2 passed, 0 failed\n$/m);
  } finally {
    child.kill();
    await closed;
  }
});

unit('separates messages from output wherever a chunk ends', () => {
  const text = 'out\x1e{"type":"file","file":"a"}\n\x1e{"type":"file","file":"b"}\nmore\n\x1enone of ours\n';
  for (const size of [1, 7, text.length]) {
    const seen: unknown[] = [];
    let output = '';
    const reader = new ProgressReader(
      progress => seen.push(progress),
      part => {
        output += part;
      },
    );
    for (let i = 0; i < text.length; i += size) reader.read(text.slice(i, i + size));
    assert.equal(seen, [
      { type: 'file', file: 'a' },
      { type: 'file', file: 'b' },
    ]);
    assert.is(output, 'outmore\nnone of ours\n');
  }
});

unit.run();
