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

chunk('is loaded once, whoever asks', async ({ folder, url }) => {
  writeFileSync(join(folder, 'once.mjs'), 'export default { made: true };');
  const [a, b] = await Promise.all([loadChunk<object>(url('once.mjs')), loadChunk<object>(url('once.mjs'))]);
  assert.equal(a, { made: true });
  assert.ok(a === b);
  assert.ok(a === (await loadChunk<object>(url('once.mjs'))));
});

chunk(
  'that could not be loaded is loaded when it is asked for again, as often as it takes',
  async ({ folder, url }) => {
    for (let failure = 0; failure < 3; failure++) {
      const [a, b] = await Promise.allSettled([loadChunk(url('late.mjs')), loadChunk(url('late.mjs'))]);
      assert.equal([a?.status, b?.status], ['rejected', 'rejected']);
    }
    // As a browser does: what failed under a URL fails there for good.
    writeFileSync(join(folder, 'late.mjs'), 'export default import.meta.url;');
    const loaded = await loadChunk<string>(url('late.mjs'));
    assert.match(loaded, /late\.mjs#\d+$/);
    assert.is(await loadChunk<string>(url('late.mjs')), loaded);
  },
);

chunk.run();
