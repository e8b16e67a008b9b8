/** A build runs once for all processes that need it, and again if something has changed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildOnce } from '../../scripts/build-once.ts';
import { pageBuilt, relayBuilt } from '../support/built.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

interface Context {
  root: string;
}

const builds = suite<Context>('build once');
builds.before.each(context => {
  context.root = mkdtempSync(join(tmpdir(), 'heartline-build-'));
  mkdirSync(join(context.root, 'src/deep'), { recursive: true });
  writeFileSync(join(context.root, 'src/deep/a'), '1');
  writeFileSync(join(context.root, 'log'), '');
});
builds.after.each(({ root }) => rmSync(root, { recursive: true }));

const PATHS = { name: 'it', inputs: ['src'], outputs: ['dist/out'] };

/** One word for each time the build has started. */
const begun = (root: string) => readFileSync(join(root, 'log'), 'utf8');

/** Builds in this process, by copying the input. */
const buildHere = (root: string) =>
  buildOnce({
    root,
    ...PATHS,
    build: async () => {
      writeFileSync(join(root, 'log'), 'here ', { flag: 'a' });
      writeFileSync(join(root, 'dist/out'), readFileSync(join(root, 'src/deep/a')));
    },
  });

/** Starts a process that needs the build. Its build runs `body`, and it prints `done` once the build is available. */
function startBuilder(root: string, body: string): ChildProcess & { printed(): string } {
  const program = `
    import { appendFileSync, writeFileSync } from 'node:fs';
    import { buildOnce } from ${JSON.stringify(join(PROJECT, 'scripts/build-once.ts'))};
    process.chdir(${JSON.stringify(root)});
    const build = async () => { appendFileSync('log', 'there '); ${body} };
    await buildOnce({ root: ${JSON.stringify(root)}, ...${JSON.stringify(PATHS)}, build });
    process.stdout.write('done');`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', program];
  const child = spawn(process.execPath, args, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', data => {
    text += data;
  });
  return Object.assign(child, { printed: () => text });
}

builds(
  'runs once for processes that need it at the same time, and none continues before it is complete',
  async ({ root }) => {
    const half =
      "writeFileSync('dist/out', 'half'); await new Promise(r => setImmediate(r)); writeFileSync('dist/out', 'whole');";
    const builders = Array.from({ length: 4 }, () => startBuilder(root, half));
    await Promise.all(builders.map(builder => once(builder, 'close')));
    assert.equal(
      builders.map(builder => builder.printed()),
      ['done', 'done', 'done', 'done'],
    );
    assert.is(begun(root), 'there ');
    assert.is(readFileSync(join(root, 'dist/out'), 'utf8'), 'whole');
  },
);

builds('runs again if an input or an output has changed', async ({ root }) => {
  await buildHere(root);
  await buildHere(root);
  assert.is(begun(root), 'here ');
  writeFileSync(join(root, 'src/deep/a'), '2');
  await buildHere(root);
  assert.is(begun(root), 'here here ');
  assert.is(readFileSync(join(root, 'dist/out'), 'utf8'), '2');
  writeFileSync(join(root, 'src/new'), '');
  await buildHere(root);
  assert.is(begun(root), 'here here here ');
  rmSync(join(root, 'dist/out'));
  await buildHere(root);
  assert.is(begun(root), 'here here here here ');
  assert.is(readFileSync(join(root, 'dist/out'), 'utf8'), '2');
});

builds('is run by the next process if the one that runs it is killed', async ({ root }) => {
  const builder = startBuilder(
    root,
    "process.stdout.write('building'); setInterval(() => {}, 1000); await new Promise(() => {});",
  );
  if (!builder.printed()) await once(builder.stdout ?? builder, 'data');
  assert.is(builder.printed(), 'building');
  const next = buildHere(root);
  builder.kill('SIGKILL');
  await next;
  assert.is(begun(root), 'there here ');
});

builds("fails with the build's error, and runs again next time", async ({ root }) => {
  const build = () => Promise.reject(new Error('does not compile'));
  try {
    await buildOnce({ root, ...PATHS, build });
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), 'does not compile');
  }
  await buildHere(root);
  assert.is(begun(root), 'here ');
});

builds('the relay and the page are built from the present sources', async () => {
  await Promise.all([relayBuilt(), pageBuilt()]);
  assert.match(readFileSync(join(PROJECT, 'dist/relay.js'), 'utf8'), 'listening');
  assert.ok(readFileSync(join(PROJECT, 'static/chat.js.br')).length > 1000);
});

builds.run();
