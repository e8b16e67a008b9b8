import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, makeApp } from '../../support/app.ts';

const http = suite('http/app');

http('lets any page load the script and its chunks, and read messages if its origin may connect', async () => {
  const allowed = async (origins: '*' | string[], path: string) => {
    const { headers } = await makeApp({ origins }).app.request(path, { headers: { Origin: 'https://a.example' } });
    return headers.get('Access-Control-Allow-Origin');
  };
  for (const path of ['/chat.js', '/launcher.js', '/chunks/en-ABCDEFGH.js']) {
    assert.is(await allowed('*', path), '*');
    assert.is(await allowed(['https://b.example'], path), '*');
  }
  const messages = '/rooms/a/messages';
  assert.is(await allowed('*', messages), '*');
  assert.is(await allowed(['https://a.example'], messages), 'https://a.example');
  assert.is(await allowed(['https://b.example'], messages), null);
  assert.is(await allowed('*', '/'), null);
});

http('answers other paths with 404 and other methods with 405', async () => {
  const { app } = makeApp();
  for (const path of ['/nothing', '/rooms', '/rooms/', '/rooms/a/b', '/../package.json', '/.git/config']) {
    const response = await app.request(path);
    assert.is(response.status, 404, path);
    assert.is(await codeOf(response), 'not-found');
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
    for (const path of ['/', '/rooms/a', '/healthz']) {
      const response = await app.request(path, { method });
      assert.is(response.status, 405, method);
      assert.is(response.headers.get('Allow'), 'GET, HEAD, OPTIONS');
      assert.is(await codeOf(response), 'method-not-allowed');
    }
  }
  assert.is((await app.request('/', { method: 'HEAD' })).status, 200);
});

http('answers OPTIONS, as health checks of proxies send it', async () => {
  const { app } = makeApp();
  for (const path of ['/', '/rooms/a', '/healthz', '/nothing']) {
    const response = await app.request(path, { method: 'OPTIONS' });
    assert.equal([response.status, response.headers.get('Allow')], [204, 'GET, HEAD, OPTIONS'], path);
    assert.is(response.headers.get('Content-Type'), null);
  }
});

http('gives no answer without a body a type', async () => {
  const { app } = makeApp({}, { asset: c => c.body(null, 304, { ETag: '"x"', Vary: 'Accept-Encoding' }) });
  for (const path of ['/', '/rooms/a', '/chat.js', '/chunks/a.js', '/rooms/a/', '/rooms/%C3%A9', '/rooms/e%CC%81']) {
    const response = await app.request(path);
    assert.ok([304, 308].includes(response.status), path);
    assert.is(response.headers.get('Content-Type'), null, path);
    assert.is(response.headers.get('Content-Length'), null, path);
  }
});

http('serves nothing under paths that runtimes read differently', async () => {
  const asked: string[] = [];
  const asset = (_c: unknown, path: string) => void asked.push(path);
  const { app } = makeApp({}, { asset });
  for (const path of ['//', '///a', '/chat.js%20', '/chat.js%00', '/a%5cb', '/.git/config', '/a//b', '/%']) {
    assert.is((await app.request(`http://localhost${path}`)).status, 404, path);
  }
  assert.equal(asked, []);
  await app.request('/chat.js');
  assert.equal(asked, ['/chat.js']);
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

http('answers with 503 if the runtime says that a room has too much to do', async () => {
  const history = () => {
    throw new Error('busy');
  };
  const { app, seen } = makeApp({}, { history, isOverload: () => true });
  const response = await app.request('/rooms/a/messages');
  assert.equal([response.status, response.headers.get('Retry-After')], [503, '5']);
  assert.is(await codeOf(response), 'unavailable');
  assert.equal(seen.reports, []);
});

http.run();
