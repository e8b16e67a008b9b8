import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fence, FenceError, parseFence } from '../../../src/relay/access/fence.ts';
import { codeOf, makeApp, UPGRADE } from '../../support/app.ts';

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

http('shows a room in a frame of the pages that the configuration names, with its refusals', async () => {
  const ancestors = (response: Response) =>
    /frame-ancestors ([^;]*)/.exec(response.headers.get('Content-Security-Policy') ?? '')?.[1];
  const { app, seen } = makeApp({ embedOrigins: ['https://a.example', 'http://b.example:8080'] });
  for (const [path, status] of [
    ['/embed/rooms/tea', 200],
    ['/embed/rooms/tea?lang=zh', 200],
    ['/embed/rooms/tea/', 308],
    ['/embed/rooms/cafe%CC%81', 308],
    ['/embed/rooms/a%20b', 404],
  ] as const) {
    const response = await app.request(path);
    assert.is(response.status, status, path);
    assert.is(ancestors(response), 'https://a.example http://b.example:8080', path);
    assert.is(response.headers.get('X-Content-Type-Options'), 'nosniff');
  }
  assert.equal((await app.request('/embed/rooms/cafe%CC%81?lang=zh')).headers.get('Location'), './caf%C3%A9?lang=zh');
  for (const path of ['/', '/rooms/tea', '/embed', '/embed/rooms', '/embed/tea', '/embed/rooms/a/b', '/nothing']) {
    assert.is(
      ancestors(await app.request(path)),
      path.startsWith('/embed/rooms') ? 'https://a.example http://b.example:8080' : "'none'",
      path,
    );
  }
  assert.is((await app.request('/embed/rooms/a/b')).status, 404);
  await app.request('/embed/rooms/tea', { headers: { Upgrade: 'websocket' } });
  assert.equal(seen.upgrades, [], 'a client connects at the room');
  assert.is(ancestors(await makeApp({ embedOrigins: '*' }).app.request('/embed/rooms/tea')), '*');
  const without = await makeApp().app.request('/embed/rooms/tea');
  assert.equal([without.status, ancestors(without)], [404, "'none'"]);
});

http(
  'refuses by the fence whatever a request offers to upgrade to, except where it is told by a close code',
  async () => {
    const rules = parseFence('room a');
    if (rules instanceof FenceError) throw rules;
    for (const isHandshake of [() => true, () => false]) {
      const { app, seen } = makeApp({ embedOrigins: '*' }, { isHandshake }, new Fence(rules));
      for (const path of ['/rooms/secret/messages', '/embed/rooms/secret', '/embed/rooms/secret/', '/rooms/secret']) {
        const response = await app.request(path, UPGRADE);
        if (path === '/rooms/secret' && isHandshake()) continue;
        assert.is(response.status, isHandshake() ? 404 : 403, path);
      }
      assert.equal(seen.history, []);
      assert.equal(seen.upgrades, isHandshake() ? ['v1 secret 192.0.2.1'] : []);
    }
  },
);

http('gives no WebSocket where there is no room', async () => {
  const { app, seen } = makeApp({ embedOrigins: '*' });
  for (const path of ['/embed/rooms/tea', '/rooms/tea/messages', '/healthz', '/chat.js', '/rooms', '/nothing']) {
    assert.is((await app.request(path, UPGRADE)).status, 404, path);
  }
  assert.equal([seen.upgrades, seen.history], [[], []]);
});

http('lets the page at the public address read messages, like those of the configured origins', async () => {
  const origins = { origins: ['https://shop.example'], publicOrigin: 'https://chat.example' };
  const { app } = makeApp(origins);
  for (const Origin of ['https://shop.example', 'https://chat.example']) {
    const { headers } = await app.request('/rooms/a/messages', { headers: { Origin } });
    assert.is(headers.get('Access-Control-Allow-Origin'), Origin);
  }
});

http('shows no link in a frame to a page that refuses to be there', async () => {
  const { app } = makeApp({ embedOrigins: '*' });
  const page = await (await app.request('/embed/rooms/a%20b', { headers: { Accept: 'text/html' } })).text();
  for (const [link] of page.matchAll(/<a [^>]*>/g)) assert.match(link, /target="_top"/);
  assert.match(page, /<a /);
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
