/** What a test needs built: made of the present sources when first asked for, once for all tests that run. */
import { fileURLToPath } from 'node:url';
import { buildRelay } from '../../scripts/build.ts';
import { buildOnce } from '../../scripts/build-once.ts';
import { buildPage } from '../../scripts/page.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** All that either build depends on: a change of the page builds the relay too, which takes no time. */
const INPUTS = ['src', 'scripts/build.ts', 'scripts/page.ts', 'scripts/files.ts', 'package-lock.json'];

let relay: Promise<void> | undefined;
let page: Promise<void> | undefined;

/** Resolves once dist/relay.js is built. */
export function relayBuilt(): Promise<void> {
  relay ??= buildOnce({ root: ROOT, name: 'relay', inputs: INPUTS, outputs: ['dist/relay.js'], build: buildRelay });
  return relay;
}

/** Resolves once static/ holds the page's script, and all that is served is compressed. */
export function pageBuilt(): Promise<void> {
  page ??= buildOnce({ root: ROOT, name: 'page', inputs: INPUTS, outputs: ['static'], build: buildPage });
  return page;
}
