import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, makeApp } from '../../support/app.ts';

const http = suite('http/app');

http('lets a foreign page fetch the files for embedding the chat window if its origin may connect', async () => {
  const allowed = async (origins: '*' | string[], path: string) => {
    const { headers } = await makeApp({ origins }).app.request(path, { headers: { Origin: 'https://a.example' } });
    return headers.get('Access-Control-Allow-Origin');
  };
  for (const path of ['/chat.js', '/chunks/en-ABCDEFGH.js', '/rooms/a/messages']) {
    assert.is(await allowed('*', path), '*');
    assert.is(await allowed(['https://a.example'], path), 'https://a.example');
    assert.is(await allowed(['https://b.example'], path), null);
  }
  assert.is(await allowed('*', '/'), null);
});

http('answers other paths with 404 and other methods with 405', async () => {
  const { app } = makeApp();
  for (const path of ['/nothing', '/rooms', '/rooms/', '/rooms/a/b', '/../package.json', '/.git/config']) {
    const response = await app.request(path);
    assert.is(response.status, 404, path);
    assert.is(await codeOf(response), 'not-found');
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    assert.is((await app.request('/rooms/a', { method })).status, 405);
  }
  assert.is((await app.request('/', { method: 'HEAD' })).status, 200);
});

http('answers a bug of ours with 500, without details', async () => {
  const history = () => {
    throw new Error('the secret path /var/lib');
  };
  const { app, seen } = makeApp({}, { history });
  const response = await app.request('/rooms/a/messages');
  assert.is(response.status, 500);
  assert.not.match(await response.text(), /secret|Error:|at /);
  assert.is(seen.reports.length, 1);
});

http.run();
