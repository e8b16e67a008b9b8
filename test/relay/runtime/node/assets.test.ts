import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Assets, loadAssets } from '../../../../src/relay/runtime/node/assets.ts';

const PAGE = '<!doctype html><p>页面</p>';

const assets = suite<{ folder: string; app: Hono; assets: Assets }>('runtime/node/assets');

assets.before(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'heartline-assets-'));
  writeFileSync(join(context.folder, 'index.html'), PAGE);
  writeFileSync(join(context.folder, 'index.html.br'), brotliCompressSync(PAGE));
  writeFileSync(join(context.folder, 'index.html.gz'), gzipSync(PAGE));
  writeFileSync(join(context.folder, 'plain.css'), 'p{}');
  writeFileSync(join(context.folder, 'chat.js.map'), '{}');
  writeFileSync(join(context.folder, '.secret'), 'x');
  for (const path of [
    'chunks/words-ABCDEFGH.js',
    'localized/en.html',
    'localized/pt-br.html',
    'localized/languages.json',
  ]) {
    mkdirSync(join(context.folder, path, '..'), { recursive: true });
    writeFileSync(join(context.folder, path), path);
  }
  writeFileSync(join(context.folder, 'chunks/words-ABCDEFGH.js.br'), brotliCompressSync('chunks/words-ABCDEFGH.js'));
  context.assets = loadAssets(context.folder);
  context.app = new Hono();
  context.app.get('*', c => context.assets.answer(c, c.req.path) ?? c.notFound());
});

assets.after(context => rmSync(context.folder, { recursive: true }));

assets('sends the smallest encoding that the client accepts', async ({ app }) => {
  const get = (accept?: string) =>
    app.request('/index.html', { headers: accept === undefined ? {} : { 'Accept-Encoding': accept } });
  const encodingOf = async (accept?: string) => (await get(accept)).headers.get('Content-Encoding');
  assert.is(await encodingOf('gzip, deflate, br'), 'br');
  assert.is(await encodingOf('gzip'), 'gzip');
  assert.is(await encodingOf('br;q=0, gzip;q=0.5'), 'gzip');
  assert.is(await encodingOf('br;q=0.0'), null);
  assert.is(await encodingOf(), null);
  const bytes = async (accept: string) => Buffer.from(await (await get(accept)).arrayBuffer());
  assert.is(brotliDecompressSync(await bytes('br')).toString(), PAGE);
  assert.is(gunzipSync(await bytes('gzip')).toString(), PAGE);
  for (const accept of ['br', 'gzip', '']) {
    const { headers } = await get(accept);
    assert.is(headers.get('Vary'), 'Accept-Encoding');
    assert.is(headers.get('Content-Type'), 'text/html; charset=utf-8');
    assert.is(headers.get('Cache-Control'), 'no-cache');
  }
});

assets('answers 304 if the client already has the file', async ({ app }) => {
  const first = await app.request('/index.html', { headers: { 'Accept-Encoding': 'br' } });
  const etag = first.headers.get('ETag') ?? '';
  const again = (tag: string, accept = 'br') =>
    app.request('/index.html', { headers: { 'If-None-Match': tag, 'Accept-Encoding': accept } });
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const response = await again(tag);
    assert.is(response.status, 304, tag);
    assert.is(await response.text(), '');
    assert.is(response.headers.get('ETag'), etag);
    assert.is(response.headers.get('Vary'), 'Accept-Encoding');
  }
  assert.is((await again('"other"')).status, 200);
  assert.is((await again(etag, 'gzip')).status, 200, 'another encoding is another representation');
});

assets('serves only files of known types', async ({ app }) => {
  assert.is((await app.request('/plain.css', { headers: { 'Accept-Encoding': 'br' } })).status, 200);
  for (const path of ['/chat.js.map', '/.secret', '/index.html.br', '/nothing', '/constructor', '/']) {
    assert.is((await app.request(path)).status, 404, path);
  }
});

assets('serves files in folders too, compressed', async ({ app }) => {
  const response = await app.request('/chunks/words-ABCDEFGH.js', { headers: { 'Accept-Encoding': 'br' } });
  assert.is(response.headers.get('Content-Encoding'), 'br');
  assert.is(response.headers.get('Content-Type'), 'text/javascript; charset=utf-8');
  assert.is(brotliDecompressSync(await response.arrayBuffer()).toString(), 'chunks/words-ABCDEFGH.js');
  for (const path of ['/chunks', '/chunks/', '/localized/languages.json', '/chunks/../plain.js']) {
    assert.is((await app.request(path)).status, 404, path);
  }
});

assets('lists the languages that have a page', ({ assets: { languages } }) => {
  assert.equal([...languages].sort(), ['en', 'pt-br']);
});

assets('throws if the folder does not exist', () => {
  assert.throws(() => loadAssets('/nowhere/at/all'));
});

assets.run();
