import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeApp } from '../../support/app.ts';

const health = suite('http/health');

health('tells whether the relay is well or shutting down', async () => {
  const { app, gate } = makeApp();
  const well = await app.request('/healthz');
  assert.equal([well.status, await well.json()], [200, { status: 'ok' }]);
  gate.drain();
  const leaving = await app.request('/healthz');
  assert.equal([leaving.status, await leaving.json()], [503, { status: 'draining' }]);
  assert.is(leaving.headers.get('Cache-Control'), 'no-store');
});

health.run();
