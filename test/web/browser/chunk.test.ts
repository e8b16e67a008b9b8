import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadChunk } from '../../../src/web/browser/chunk.ts';

const chunk = suite<{ folder: string; url: (name: string) => string }>('chunk');

chunk.before(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'heartline-chunk-'));
  context.url = name => pathToFileURL(join(context.folder, name)).href;
});
chunk.after(({ folder }) => rmSync(folder, { recursive: true }));

chunk('is loaded once, however often it is requested', async ({ folder, url }) => {
  writeFileSync(join(folder, 'once.mjs'), 'export default { made: true };');
  const [a, b] = await Promise.all([loadChunk<object>(url('once.mjs')), loadChunk<object>(url('once.mjs'))]);
  assert.equal(a, { made: true });
  assert.ok(a === b);
  assert.ok(a === (await loadChunk<object>(url('once.mjs'))));
});

chunk('that failed to load is loaded when it is requested again, however often it failed', async ({ folder, url }) => {
  for (let failure = 0; failure < 3; failure++) {
    const [a, b] = await Promise.allSettled([loadChunk(url('late.mjs')), loadChunk(url('late.mjs'))]);
    assert.equal([a?.status, b?.status], ['rejected', 'rejected']);
  }
  // Behaves as a browser does: a URL that has failed to load fails forever.
  writeFileSync(join(folder, 'late.mjs'), 'export default import.meta.url;');
  const loaded = await loadChunk<string>(url('late.mjs'));
  assert.match(loaded, /late\.mjs#\d+$/);
  assert.is(await loadChunk<string>(url('late.mjs')), loaded);
});

chunk.run();
