import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FULL } from '../../../src/relay/access/refusal.ts';
import type { Begin } from '../../../src/relay/http/bounds.ts';
import { codeOf, makeApp } from '../../support/app.ts';

const bounds = suite('http/bounds');

bounds('asks about every request before anything is done for it, with its cost', async () => {
  const asked: unknown[] = [];
  const begin: Begin = (c, work) => {
    asked.push([c.req.path, work.cost, work.vital]);
    return FULL;
  };
  const { app, seen } = makeApp({}, { begin });
  const paths = [
    '/',
    '/rooms/a',
    '/rooms/a/',
    '/rooms/a/messages',
    '/chat.js',
    '/chunks/a.js',
    '/nothing',
    '/healthz',
    '/readyz',
  ];
  for (const path of paths) {
    const response = await app.request(path, { headers: { Origin: 'https://a.example' } });
    assert.equal([response.status, await codeOf(response)], [503, 'full'], path);
    assert.is(response.headers.get('X-Content-Type-Options'), 'nosniff');
    // A page that embeds the chat must be able to read why.
    const foreign = path === '/chat.js' || path.endsWith('/messages');
    if (foreign) assert.is(response.headers.get('Access-Control-Allow-Origin'), '*');
  }
  assert.is((await app.request('/rooms/a', { method: 'POST' })).status, 503);
  assert.equal([seen.requests, seen.history, seen.upgrades], [[], [], []]);
  const work = (path: string) => [path, path.endsWith('/messages') ? 5 : 1, /z$/.test(path)];
  assert.equal(asked, [...paths.map(work), work('/rooms/a')]);
});

bounds('asks about the preflight of a foreign page too, and answers it', async () => {
  const paths = ['/', '/rooms/a/messages', '/chat.js', '/chunks/a.js'];
  const preflight = { method: 'OPTIONS', headers: { Origin: 'https://a.example' } };
  for (const refusal of [undefined, FULL]) {
    const asked: string[] = [];
    const begin: Begin = c => {
      asked.push(c.req.path);
      return refusal;
    };
    const { app } = makeApp({}, { begin });
    for (const path of paths) assert.is((await app.request(path, preflight)).status, refusal ? 503 : 204, path);
    assert.equal(asked, paths);
  }
});

bounds('refuses a body, which no route takes', async () => {
  const { app, seen } = makeApp();
  const bodies = [{ 'Content-Length': '1' }, { 'Content-Length': '0009' }, { 'Transfer-Encoding': 'chunked' }];
  for (const headers of bodies) {
    for (const method of ['GET', 'OPTIONS']) {
      const response = await app.request('/rooms/a', { method, headers });
      assert.equal([response.status, await codeOf(response)], [413, 'too-long']);
    }
    assert.is((await app.request('/rooms/a', { method: 'HEAD', headers })).status, 413);
    assert.is((await app.request('/rooms/a', { method: 'POST', headers })).status, 405);
  }
  assert.equal(seen.requests, []);
  assert.is((await app.request('/rooms/a', { headers: { 'Content-Length': '0' } })).status, 200);
});

bounds.run();
