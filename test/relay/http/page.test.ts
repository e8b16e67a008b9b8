import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AppOptions } from '../../../src/relay/http/app.ts';
import { makeApp } from '../../support/app.ts';

const page = suite('http/page');

const LOCALIZED: Partial<AppOptions> = {
  languages: () => ['en', 'zh'],
  asset: (c, path) => {
    if (!/^\/(localized\/|chunks\/known)/.test(path)) return undefined;
    c.header('Vary', 'Accept-Encoding');
    c.header('Cache-Control', 'no-cache');
    return c.text(path);
  },
};

page('is served in the language that the browser asks for, with a Vary header', async () => {
  const { app } = makeApp({}, LOCALIZED);
  const served = async (accept?: string) => {
    const response = await app.request('/rooms/a', {
      headers: accept === undefined ? {} : { 'Accept-Language': accept },
    });
    assert.is(response.headers.get('Vary'), 'Accept-Encoding, Accept-Language');
    assert.is(response.headers.get('Cache-Control'), 'no-cache');
    return response.text();
  };
  assert.is(await served('zh-TW,en;q=0.9'), '/localized/zh.html');
  assert.is(await served('en-GB,zh;q=0.9'), '/localized/en.html');
  assert.is(await served('de,zh;q=0.1'), '/localized/zh.html');
  assert.is(await served('de'), '/localized/en.html');
  assert.is(await served('../chunks/known'), '/localized/en.html');
  assert.is(await served(), '/localized/en.html');
});

page('its localized documents have no addresses of their own', async () => {
  const { app } = makeApp({}, LOCALIZED);
  for (const path of ['/localized/zh.html', '/localized/languages.json', '/localized/']) {
    assert.is((await app.request(path)).status, 404, path);
  }
});

page('marks a chunk as immutable, but not a missing one', async () => {
  const { app } = makeApp({}, LOCALIZED);
  const known = await app.request('/chunks/known-ABCDEFGH.js');
  assert.is(known.headers.get('Cache-Control'), 'public, max-age=31536000, immutable');
  const unknown = await app.request('/chunks/other-ABCDEFGH.js');
  assert.is(unknown.status, 404);
  assert.is(unknown.headers.get('Cache-Control'), null);
});

page('marks a chunk as immutable also if the browser already has it', async () => {
  const { app } = makeApp({}, { asset: c => c.body(null, 304) });
  const { status, headers } = await app.request('/chunks/known-ABCDEFGH.js');
  assert.is(status, 304);
  assert.is(headers.get('Cache-Control'), 'public, max-age=31536000, immutable');
});

page.run();
