import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeApp } from '../../support/app.ts';

const headers = suite('http/security-headers');

headers('are set on every response', async () => {
  const { app } = makeApp({ publicOrigin: 'https://chat.example' });
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

headers.run();
