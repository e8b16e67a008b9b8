/**
 * `npm run dev`: builds relay and page, starts the relay, and on every change builds what it touches and starts the relay
 * anew. Pages that are open reconnect by themselves; a change of the page itself wants a reload.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, context, type Plugin } from 'esbuild';
import { PAGE, precompress, RELAY, STATIC, squeezePage } from './build.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Changes that come together make one start. */
const GATHER_MS = 50;
/** The page's files that are written by hand. */
const BY_HAND = /^(?!chat\.js$).*\.(html|css|js|svg|webmanifest)$/;

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
  await stop();
  await squeezePage();
  precompress();
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

async function watchBuild(options: BuildOptions): Promise<void> {
  const restart: Plugin = {
    name: 'restart',
    setup(builder) {
      builder.onEnd(({ errors }) => {
        if (errors.length === 0) startSoon();
      });
    },
  };
  const building = await context({ ...options, plugins: [...(options.plugins ?? []), restart] });
  await building.watch();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    clearTimeout(timer);
    void starting.then(stop).then(() => process.exit(0));
  });
}
await Promise.all([watchBuild(RELAY), watchBuild(PAGE)]);
watch(STATIC, (_event, file) => {
  if (file !== null && BY_HAND.test(file)) startSoon();
});
