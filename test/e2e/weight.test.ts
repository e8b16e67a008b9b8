/** The first load stays small: it fits into the first flight of a TCP connection (about 14 kB). */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Weight, weighChunks, weighClient, weighFiles, weighPage } from '../../scripts/weigh.ts';
import { pageBuilt } from '../support/built.ts';

/** Document, styles, script, words and icon, as sent with brotli. */
const MAX_PAGE_BYTES = 12_700;
/** Bytes that stay free, for another language or a bug fix. */
const SPARE_BYTES = 300;
const MAX_CHUNKS_BYTES = 30_000;
const MAX_CLIENT_BYTES = 3700;
const MAX_LAUNCHER_BYTES = 2200;

const weight = suite('weight');
weight.before(pageBuilt);

const sum = (weights: readonly Weight[]) => weights.reduce((total, { bytes }) => total + bytes, 0);

weight('the first load is at most 12,700 bytes, 300 of them to spare', async () => {
  const weights = await weighPage();
  const files = weights.map(({ file }) =>
    file.replace(/-[0-9A-Z]{8}/, '-HASH').replace(/\b[a-z]{2,3}(?:-[a-z0-9]+)*([.-])/, 'LANGUAGE$1'),
  );
  assert.equal(files, ['localized/LANGUAGE.html', 'style.css', 'chat.js', 'chunks/LANGUAGE-HASH.js', 'favicon.svg']);
  assert.ok(sum(weights) <= MAX_PAGE_BYTES - SPARE_BYTES, `${sum(weights)} bytes`);
});

weight('all chunks together are at most 30 kB', () => {
  const weights = weighChunks();
  assert.ok(weights.length > 3 && weights.every(({ bytes }) => bytes > 100));
  assert.ok(sum(weights) <= MAX_CHUNKS_BYTES, `${sum(weights)} bytes`);
});

weight('the client alone is at most 3,700 bytes', async () => {
  const bytes = await weighClient();
  assert.ok(bytes > 1000 && bytes <= MAX_CLIENT_BYTES, `${bytes} bytes`);
});

weight('the launcher is at most 2,200 bytes more', () => {
  const [launcher] = weighFiles(['launcher.js']);
  assert.ok(launcher && launcher.bytes > 500 && launcher.bytes <= MAX_LAUNCHER_BYTES, `${launcher?.bytes} bytes`);
});

weight.run();
