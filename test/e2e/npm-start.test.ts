/** `npm start` runs what is built, and builds only if something is missing or its source has changed. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEST_MS = 120_000;

interface Context {
  /** A copy of the project, and a folder that it may write to. */
  project: string;
  data: string;
}

const npmStart = suite<Context>('npm start');

npmStart.before.each(context => {
  const folder = mkdtempSync(join(tmpdir(), 'heartline-start-'));
  context.project = join(folder, 'project');
  context.data = join(folder, 'data');
  for (const name of ['src', 'scripts', 'static', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    const isMade = (path: string) =>
      /static\/(chunks|localized|_headers)\b|\.(br|gz|map)$|static\/[^/]*\.js$/.test(path);
    cpSync(join(ROOT, name), join(context.project, name), { recursive: true, filter: path => !isMade(path) });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(context.project, 'node_modules'));
});
npmStart.after.each(({ project }) => {
  setWritable(project, true);
  rmSync(join(project, '..'), { recursive: true });
});

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => !name.startsWith('node_modules'));
}

/** Every file of the project with the time of its last change. */
function state(project: string): string[] {
  return files(project).map(name => `${name} ${statSync(join(project, name)).mtimeMs}`);
}

function setWritable(project: string, on: boolean): void {
  for (const name of ['', ...files(project)]) {
    const path = join(project, name);
    chmodSync(path, statSync(path).mode & 0o111 ? (on ? 0o755 : 0o555) : on ? 0o644 : 0o444);
  }
}

/** Starts the relay, ends it by SIGTERM to the started process alone, and returns what was printed. */
async function run({ project, data }: Context, command = ['npm', 'start']): Promise<string> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: project,
    env: { PATH: process.env.PATH, HOME: data, PORT: '0', DATA: join(data, 'heartline.db') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const onOutput = (text: Buffer) => {
    output += text;
    if (/"msg":"listening"/.test(output)) child.kill('SIGTERM');
  };
  child.stdout.on('data', onOutput);
  child.stderr.on('data', onOutput);
  await new Promise(resolve => child.once('close', resolve));
  return output;
}

npmStart('builds once, then writes nothing outside DATA, until a source changes', context =>
  within(async () => {
    const { project } = context;
    assert.match(await run(context), /"msg":"closed"/);
    const built = state(project);
    assert.ok(built.some(line => line.startsWith('dist/backup.js ')));
    setWritable(project, false);
    assert.match(await run(context), /"msg":"closed"/);
    assert.match(await run(context, [process.execPath, 'dist/relay.js']), /"msg":"closed"/);
    assert.equal(state(project), built);
    setWritable(project, true);
    writeFileSync(join(project, 'src/relay/runtime/node/added.ts'), '');
    assert.is(spawnSync(process.execPath, ['dist/fresh.js'], { cwd: project }).status, 1);
    rmSync(join(project, 'src/relay/runtime/node/added.ts'));
    assert.is(spawnSync(process.execPath, ['dist/fresh.js'], { cwd: project }).status, 0);
    rmSync(join(project, 'static/chat.js.br'));
    assert.match(await run(context), /"msg":"closed"/);
    assert.ok(files(project).includes('static/chat.js.br'));
    for (const name of ['src', 'scripts']) rmSync(join(project, name), { recursive: true });
    assert.match(await run(context), /"msg":"closed"/, 'without sources it runs what is built');
  }, TEST_MS)(),
);

npmStart.run();
