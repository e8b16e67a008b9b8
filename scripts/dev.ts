/**
 * `npm run dev`: builds the relay and the page and starts the relay. On every change it builds again and restarts the
 * relay. Open pages reconnect by themselves; a change of the page itself needs a reload.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAll } from './build.ts';
import { readOptions } from './options.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Changes within this time cause one restart. */
const GATHER_MS = 50;
/** Source files. The build writes other files into static/, which must not trigger another build. */
const BY_HAND = { src: /\.(ts|css)$/, static: /^(?!chat\.js$)[^/]*\.(html|css|js|svg|webmanifest)$/ };

let relay: ChildProcess | undefined;
let timer: NodeJS.Timeout | undefined;
let starting: Promise<void> = Promise.resolve();

function startSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    starting = starting.then(start);
  }, GATHER_MS);
}

async function start(): Promise<void> {
  try {
    await buildAll();
  } catch (error) {
    // esbuild has printed what does not compile. The running relay is kept until the build succeeds.
    if (!(error instanceof Error && 'errors' in error)) console.error(error);
    return;
  }
  await stop();
  relay = spawn(process.execPath, ['--enable-source-maps', join(ROOT, 'dist/relay.js')], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}

async function stop(): Promise<void> {
  if (!relay || relay.exitCode !== null || relay.signalCode !== null) return;
  const exit = once(relay, 'exit');
  relay.kill('SIGTERM');
  await exit;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    clearTimeout(timer);
    void starting.then(stop).then(() => process.exit(0));
  });
}
readOptions('npm run dev', {});
startSoon();
for (const [folder, byHand] of Object.entries(BY_HAND)) {
  watch(join(ROOT, folder), { recursive: true }, (_event, file) => {
    if (file !== null && byHand.test(file)) startSoon();
  });
}
