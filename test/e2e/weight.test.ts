/** What a first visitor loads stays light: all of it fits the first flight of a TCP connection (about 14 kB). */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { weighClient, weighPage } from '../../scripts/build.ts';
import { pageBuilt } from '../support/built.ts';

/** Page, styles, script and icon, as sent with brotli. */
const MAX_PAGE_BYTES = 12 * 1024;
/** bench/NOTEBOOK.md says what was tried to make it smaller. */
const MAX_CLIENT_BYTES = 3700;

const weight = suite('weight');
weight.before(pageBuilt);

weight('the first load is at most 12 kB', () => {
  const weights = weighPage();
  assert.equal(
    weights.map(({ file }) => file),
    ['index.html', 'style.css', 'chat.js', 'favicon.svg'],
  );
  const sum = weights.reduce((total, { bytes }) => total + bytes, 0);
  assert.ok(sum <= MAX_PAGE_BYTES, `${sum} bytes`);
});

weight('the client alone is at most 3,700 bytes', async () => {
  const bytes = await weighClient();
  assert.ok(bytes > 1000 && bytes <= MAX_CLIENT_BYTES, `${bytes} bytes`);
});

weight.run();
