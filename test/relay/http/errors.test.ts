import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { restarting } from '../../../src/relay/access/refusal.ts';
import { errorOf, makeApp } from '../../support/app.ts';

const errors = suite('http/errors');

const BROWSER = { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

errors('are a page for a person in a browser, and JSON for a program', async () => {
  const { app } = makeApp();
  for (const path of ['/nothing', '/rooms/a%20b', '/rooms/', '//', '/%', '/rooms/%ff']) {
    const page = await app.request(path, BROWSER);
    assert.is(page.status, 404, path);
    assert.match(page.headers.get('Content-Type') ?? '', /^text\/html/);
    const html = await page.text();
    assert.match(html, '<!doctype html>');
    assert.not.match(html, /<script|style=|\son\w+=/, 'the security policy allows nothing inline');
    for (const init of [{}, { headers: { Accept: '*/*' } }, { headers: { Accept: 'application/json' } }]) {
      const response = await app.request(path, init);
      assert.match(response.headers.get('Content-Type') ?? '', /^application\/json/, path);
      assert.type((await errorOf(response)).code, 'string');
      assert.match(response.headers.get('Vary') ?? '', 'Accept');
    }
  }
});

errors('say when to try again, in whole seconds', async () => {
  for (const [retryMs, seconds] of [
    [1, '1'],
    [1000, '1'],
    [1001, '2'],
    [5000, '5'],
  ] as const) {
    const { app } = makeApp({}, { begin: () => restarting(retryMs) });
    const response = await app.request('/rooms/a');
    assert.equal([response.status, response.headers.get('Retry-After')], [503, seconds]);
    assert.is((await errorOf(response)).retryMs, retryMs);
  }
  assert.is((await makeApp().app.request('/nothing')).headers.get('Retry-After'), null);
});

errors.run();
