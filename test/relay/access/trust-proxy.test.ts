import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clientAddress, isTrustedProxy, parseTrustProxy } from '../../../src/relay/access/trust-proxy.ts';

const trust = suite('access/trust-proxy');

/** The client's address as a relay with this TRUST_PROXY sees it. */
function client(setting: string, peer: string, forwarded?: string): string {
  const proxies = parseTrustProxy(setting);
  if (proxies === undefined) throw new Error(setting);
  return clientAddress(peer, forwarded, { trust: proxies });
}

trust('trusts nobody when it is off, whatever a client sends', () => {
  for (const setting of ['off', '0']) {
    assert.is(client(setting, '192.0.2.1', '203.0.113.9'), '192.0.2.1');
    assert.not(isTrustedProxy('192.0.2.1', parseTrustProxy(setting) ?? 1));
  }
  assert.is(client('off', '::ffff:192.0.2.1'), '192.0.2.1');
  assert.is(client('off', ''), '');
});

trust('trusts a number of proxies in a row', () => {
  for (const setting of ['on', '1']) {
    assert.is(client(setting, '127.0.0.1', '198.51.100.1, 203.0.113.9'), '203.0.113.9');
  }
  assert.is(client('2', '127.0.0.1', '198.51.100.1, 203.0.113.9, 192.0.2.7'), '203.0.113.9');
  assert.is(client('2', '127.0.0.1', '203.0.113.9'), '203.0.113.9', 'fewer than expected');
  assert.is(client('2', '127.0.0.1'), '127.0.0.1');
});

trust('trusts the proxies of a network, however many there are in a row', () => {
  const networks = '127.0.0.0/8, 10.0.0.0/8,2001:db8:a::/48';
  assert.is(client(networks, '127.0.0.1', '198.51.100.1, 203.0.113.9'), '203.0.113.9');
  assert.is(client(networks, '::ffff:127.0.0.1', '198.51.100.1, 203.0.113.9, 10.0.0.2'), '203.0.113.9');
  assert.is(client(networks, '2001:db8:a::1', '203.0.113.9, 10.0.0.3:4711, 10.0.0.2'), '203.0.113.9');
  assert.is(client(networks, '192.0.2.1', '203.0.113.9'), '192.0.2.1', 'a stranger may not name an address');
  assert.is(client(networks, '127.0.0.1', '10.0.0.3, 10.0.0.2'), '10.0.0.3', 'a client within the network');
  assert.ok(isTrustedProxy('10.0.0.9', parseTrustProxy(networks) ?? 0));
  assert.not(isTrustedProxy('192.0.2.1', parseTrustProxy(networks) ?? 1));
});

trust('counts every form of an address as the same address', () => {
  for (const form of ['203.0.113.9', '203.0.113.9:1', '::ffff:203.0.113.9', '[::ffff:cb00:7109]:9', ' 203.0.113.9 ']) {
    assert.is(client('on', '127.0.0.1', form), '203.0.113.9', form);
  }
  assert.is(client('on', '127.0.0.1', '[2001:DB8::1]:443'), '2001:db8::1');
});

trust('counts the proxy as the client where it wrote no address', () => {
  for (const garbage of ['', ' ', 'unknown', '203.0.113.9, ', '203.0.113.9, _x', '203.0.113.9,,', 'x'.repeat(9000)]) {
    assert.is(client('on', '127.0.0.1', garbage), '127.0.0.1', garbage.slice(0, 20));
    assert.is(client('127.0.0.1', '127.0.0.1', garbage), '127.0.0.1', garbage.slice(0, 20));
  }
  assert.is(client('2', '127.0.0.1', '203.0.113.9, x, 10.0.0.2'), '10.0.0.2');
});

trust('takes no value that cannot be right', () => {
  for (const text of [
    'maybe',
    '17',
    '-1',
    '1.5',
    '10.0.0.0/33',
    '0.0.0.0/0',
    '10.0.0.0/8,',
    'proxy.example',
    'on,off',
  ]) {
    assert.is(parseTrustProxy(text), undefined, text);
  }
});

trust.run();
