/** The bundle that a deploy would upload: it can be built without an account, and stays small. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageBuilt } from '../support/built.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAX_BUNDLE_BYTES = 140_000;
const bundle = suite('workers: bundle');
bundle.before(pageBuilt);

bundle('a dry run of the deploy passes, with a bundle of at most 140 kB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'heartline-bundle-'));
  try {
    const output = execFileSync(join(ROOT, 'node_modules/.bin/wrangler'), ['deploy', '--dry-run', '--outdir', folder], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' },
    });
    assert.match(output, /ROOMS[\s\S]*Durable Object/);
    assert.match(output, /ASSETS/);
    const { size } = statSync(join(folder, 'main.js'));
    process.stdout.write(`the bundle for Workers has ${size} bytes\n`);
    assert.ok(size > 10_000 && size <= MAX_BUNDLE_BYTES, `${size} bytes`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

bundle.run();
