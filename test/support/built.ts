/** Builds what a test needs from the present sources, at most once for all running tests. */
import { fileURLToPath } from 'node:url';
import { buildRelay } from '../../scripts/build.ts';
import { buildOnce } from '../../scripts/build-once.ts';
import { buildPage } from '../../scripts/page.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The inputs of both builds: a change of the page also rebuilds the relay, which is fast. */
const INPUTS = ['src', 'scripts/build.ts', 'scripts/page.ts', 'scripts/files.ts', 'package-lock.json'];

let relay: Promise<void> | undefined;
let page: Promise<void> | undefined;

/** Resolves once dist/relay.js and dist/backup.js are built. */
export function relayBuilt(): Promise<void> {
  const outputs = ['dist/relay.js', 'dist/backup.js'];
  relay ??= buildOnce({ root: ROOT, name: 'relay', inputs: INPUTS, outputs, build: buildRelay });
  return relay;
}

/** Resolves once the page is built into static/, with its compressed copies. */
export function pageBuilt(): Promise<void> {
  page ??= buildOnce({ root: ROOT, name: 'page', inputs: INPUTS, outputs: ['static'], build: buildPage });
  return page;
}
