import { Hono } from 'hono';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AppEnv, type AppParts, addRoutes } from '../../../src/relay/http/app.ts';

const http = suite('app');

interface Seen {
  readonly upgrades: string[];
  readonly history: unknown[];
  readonly reports: unknown[];
}

function makeApp(more: Partial<AppParts> = {}): { app: Hono<AppEnv>; seen: Seen } {
  const seen: Seen = { upgrades: [], history: [], reports: [] };
  const app = new Hono<AppEnv>();
  addRoutes(app, {
    config: { publicOrigin: undefined, origins: '*' },
    draining: () => false,
    upgrade: dialect => async (c, next) => {
      if (c.req.header('Upgrade') !== 'websocket') return next();
      seen.upgrades.push(`${dialect.name} ${c.get('room')}`);
      return new Response();
    },
    asset: (c, path) => (path === '/index.html' ? c.html('<p>page') : undefined),
    history: (...args) => {
      seen.history.push(args);
      return { epoch: 'E', head: 2, payloads: ['{"seq":1}', '{"seq":2}'] };
    },
    report: error => seen.reports.push(error),
    ...more,
  });
  return { app, seen };
}

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  const { error } = body as { error: { code: unknown } };
  return error.code;
}

const UPGRADE = { headers: { Upgrade: 'websocket' } };

http('serves the page for the lobby and for any room', async () => {
  const { app } = makeApp();
  for (const path of ['/', '/rooms/support', `/rooms/${encodeURIComponent('大厅')}`, '/rooms/a.b-c_9']) {
    const response = await app.request(path);
    assert.is(response.status, 200, path);
    assert.is(await response.text(), '<p>page');
  }
});

http('upgrades in two dialects', async () => {
  const { app, seen } = makeApp();
  await app.request('/', UPGRADE);
  await app.request(`/rooms/${encodeURIComponent('大厅')}`, UPGRADE);
  assert.equal(seen.upgrades, ['tutorial lobby', 'v1 大厅']);
});

http('knows no room by a bad name, and refuses it before the upgrade', async () => {
  const { app, seen } = makeApp();
  const names = ['a b', 'a/b', '\u0000', 'e\u0301', '%', 'a'.repeat(65), '<b>', '\u202e'];
  for (const name of names.map(encodeURIComponent)) {
    for (const init of [{}, UPGRADE]) {
      const response = await app.request(`/rooms/${name}`, init);
      assert.is(response.status, 404, name);
    }
  }
  assert.is((await app.request('/rooms/%ff')).status, 404);
  assert.is((await app.request('/rooms/%ff/messages')).status, 404);
  assert.is(await codeOf(await app.request('/rooms/a%20b')), 'bad-room');
  assert.equal(seen.upgrades, []);
});

http('lets its own page in whatever the other origins are', async () => {
  const { app } = makeApp({ config: { publicOrigin: 'https://own.example', origins: ['https://chat.example'] } });
  const status = async (Origin: string) =>
    (await app.request('/rooms/a', { headers: { Upgrade: 'websocket', Origin } })).status;
  assert.equal(await Promise.all([status('https://own.example'), status('https://evil.example')]), [200, 403]);
});

http('lets in only the origins it should, and whoever sends none', async () => {
  const { app, seen } = makeApp({ config: { publicOrigin: undefined, origins: ['https://chat.example'] } });
  const from = (origin?: string) =>
    app.request('/rooms/a', { headers: { Upgrade: 'websocket', ...(origin !== undefined && { Origin: origin }) } });
  assert.is((await from('https://evil.example')).status, 403);
  assert.is((await from('null')).status, 403);
  assert.is((await from('https://chat.example.evil.example')).status, 403);
  assert.is(seen.upgrades.length, 0);
  await from('https://chat.example');
  await from();
  assert.is(seen.upgrades.length, 2);
});

http('lets a foreign page fetch what it needs to embed the chat window, where its origin may connect', async () => {
  const allowed = async (origins: '*' | string[], path: string) => {
    const { app } = makeApp({ config: { publicOrigin: undefined, origins } });
    const { headers } = await app.request(path, { headers: { Origin: 'https://a.example' } });
    return headers.get('Access-Control-Allow-Origin');
  };
  for (const path of ['/chat.js', '/rooms/a/messages']) {
    assert.is(await allowed('*', path), '*');
    assert.is(await allowed(['https://a.example'], path), 'https://a.example');
    assert.is(await allowed(['https://b.example'], path), null);
  }
  assert.is(await allowed('*', '/'), null);
});

http('gives the messages of a room', async () => {
  const { app, seen } = makeApp();
  const response = await app.request('/rooms/a/messages?after=3&limit=200');
  assert.equal(await response.json(), { room: 'a', epoch: 'E', head: 2, messages: [{ seq: 1 }, { seq: 2 }] });
  assert.match(response.headers.get('Content-Type') ?? '', /^application\/json/);
  await app.request('/rooms/a/messages?before=9');
  await app.request('/rooms/a/messages');
  assert.equal(seen.history, [
    ['a', { after: 3 }, 200],
    ['a', { before: 9 }, 50],
    ['a', undefined, 50],
  ]);
});

http('answers a bad question with a clear error', async () => {
  const { app } = makeApp();
  for (const query of [
    'after=x',
    'after=-1',
    'after=1&before=2',
    'limit=0',
    'limit=201',
    'limit=x',
    'after=',
    'before=1.5',
  ]) {
    const response = await app.request(`/rooms/a/messages?${query}`);
    assert.is(response.status, 400, query);
    assert.is(await codeOf(response), 'bad-frame');
  }
});

http('tells its health', async () => {
  const well = await makeApp().app.request('/healthz');
  assert.equal([well.status, await well.json()], [200, { status: 'ok' }]);
  const leaving = await makeApp({ draining: () => true }).app.request('/healthz');
  assert.equal([leaving.status, await leaving.json()], [503, { status: 'draining' }]);
});

http('knows nothing else, and no other method', async () => {
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

http('keeps a bug of ours to itself', async () => {
  const { app, seen } = makeApp({
    history: () => {
      throw new Error('the secret path /var/lib');
    },
  });
  const response = await app.request('/rooms/a/messages');
  assert.is(response.status, 500);
  assert.not.match(await response.text(), /secret|Error:|at /);
  assert.is(seen.reports.length, 1);
});

http('guards everything it serves', async () => {
  const { app } = makeApp({ config: { publicOrigin: 'https://chat.example', origins: '*' } });
  for (const path of ['/', '/nothing', '/healthz']) {
    const { headers } = await app.request(path, { headers: { Host: 'evil.example' } });
    assert.is(headers.get('X-Content-Type-Options'), 'nosniff');
    assert.is(headers.get('Referrer-Policy'), 'no-referrer');
    assert.is(headers.get('Cross-Origin-Opener-Policy'), 'same-origin');
    const policy = headers.get('Content-Security-Policy') ?? '';
    assert.match(policy, "connect-src 'self' ws://chat.example wss://chat.example;");
    assert.match(policy, "require-trusted-types-for 'script'; trusted-types 'none'");
    assert.not.match(policy, 'evil');
  }
  const plain = (await makeApp().app.request('/')).headers.get('Content-Security-Policy') ?? '';
  assert.match(plain, "connect-src 'self';");
});

http.run();
