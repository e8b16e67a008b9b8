import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeApp, type TestApp } from '../../support/app.ts';

const health = suite('http/health');

async function look({ app }: TestApp, path: string): Promise<[number, unknown]> {
  const response = await app.request(path);
  assert.is(response.headers.get('Cache-Control'), 'no-store');
  const { status }: { status: unknown } = await response.json();
  return [response.status, status];
}

health('reports that the relay is alive and ready', async () => {
  const relay = makeApp();
  for (const path of ['/healthz', '/readyz']) assert.equal(await look(relay, path), [200, 'ok']);
});

health('reports that the relay is shutting down', async () => {
  const relay = makeApp();
  relay.gate.drain();
  for (const path of ['/healthz', '/readyz']) assert.equal(await look(relay, path), [503, 'draining']);
});

health('reports that a relay that cannot store messages is alive, but not ready', async () => {
  const relay = makeApp({}, { failing: () => 'The disk is full.' });
  assert.equal(await look(relay, '/healthz'), [200, 'failing']);
  assert.equal(await look(relay, '/readyz'), [503, 'failing']);
  const { message }: { message: unknown } = await (await relay.app.request('/readyz')).json();
  assert.is(message, 'The disk is full.');
});

health('answers HEAD', async () => {
  const { app } = makeApp();
  for (const path of ['/healthz', '/readyz']) assert.is((await app.request(path, { method: 'HEAD' })).status, 200);
});

health.run();
