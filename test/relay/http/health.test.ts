import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeApp } from '../../support/app.ts';

const health = suite('http/health');

health('reports whether the relay is healthy or shutting down', async () => {
  const { app, gate } = makeApp();
  const healthy = await app.request('/healthz');
  assert.equal([healthy.status, await healthy.json()], [200, { status: 'ok' }]);
  gate.drain();
  const draining = await app.request('/healthz');
  assert.equal([draining.status, await draining.json()], [503, { status: 'draining' }]);
  assert.is(draining.headers.get('Cache-Control'), 'no-store');
});

health.run();
