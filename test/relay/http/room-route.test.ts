import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FULL, type Refusal, restarting } from '../../../src/relay/access/refusal.ts';
import { ADDRESS, codeOf, errorOf, makeApp, UPGRADE } from '../../support/app.ts';

const route = suite('http/room-route');

route('rejects an invalid room name before the upgrade', async () => {
  const { app, seen } = makeApp();
  const names = ['a b', 'a/b', '\u0000', '\u0301e', '%', 'a'.repeat(65), '<b>', '\u202e'];
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
  assert.equal(seen.requests, []);
});

route('asks the gate before every route of a room does anything', async () => {
  const { app, seen } = makeApp();
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    await app.request(path, { headers });
    return seen.requests.at(-1);
  };
  const address = ADDRESS;
  assert.equal(await ask('/'), { address, room: 'lobby', origin: undefined, upgrade: false });
  assert.equal(await ask('/rooms/a', { Origin: 'https://a.example', Upgrade: 'websocket' }), {
    address,
    room: 'a',
    origin: 'https://a.example',
    upgrade: true,
  });
  assert.equal(await ask('/rooms/b/messages'), { address, room: 'b', origin: undefined, upgrade: false });
  assert.is(seen.requests.length, 3);
  await app.request('/healthz');
  assert.is(seen.requests.length, 3, 'the health check does not ask the gate');
});

route('answers a refusal of the gate with its status, code, message and retryMs, and does nothing else', async () => {
  const answers = async (refusal: Refusal) => {
    const { app, seen } = makeApp({}, { gate: { request: () => refusal, draining: false } });
    for (const path of ['/', '/rooms/a', '/rooms/a/messages']) {
      for (const init of [{}, UPGRADE]) {
        if (init === UPGRADE && path.endsWith('/messages')) continue;
        const response = await app.request(path, init);
        assert.is(response.status, refusal.status, path);
        const { code, message, retryMs } = refusal;
        assert.equal(await errorOf(response), { code, message, ...(retryMs !== undefined && { retryMs }) });
        assert.is(response.headers.get('X-Content-Type-Options'), 'nosniff');
      }
    }
    assert.equal([seen.upgrades, seen.history], [[], []]);
  };
  await answers(FULL);
  await answers(restarting(700));
});

route('admits only allowed origins, and clients that send none', async () => {
  const { app, seen } = makeApp({ origins: ['https://chat.example'] });
  const from = (origin?: string) =>
    app.request('/rooms/a', { headers: { Upgrade: 'websocket', ...(origin !== undefined && { Origin: origin }) } });
  for (const origin of ['https://evil.example', 'null', 'https://chat.example.evil.example']) {
    const response = await from(origin);
    assert.is(response.status, 403);
    assert.equal(await errorOf(response), { code: 'forbidden', message: 'This origin may not connect.' });
  }
  assert.is(seen.upgrades.length, 0);
  await from('https://chat.example');
  await from();
  assert.is(seen.upgrades.length, 2);
});

route("admits the relay's own page whatever the other allowed origins are", async () => {
  const { app } = makeApp({ publicOrigin: 'https://own.example', origins: ['https://chat.example'] });
  const status = async (Origin: string) =>
    (await app.request('/rooms/a', { headers: { Upgrade: 'websocket', Origin } })).status;
  assert.equal(await Promise.all([status('https://own.example'), status('https://evil.example')]), [200, 403]);
});

route.run();
