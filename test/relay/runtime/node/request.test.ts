import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTrustProxy, type TrustProxy } from '../../../../src/relay/access/trust-proxy.ts';
import { addressFinder } from '../../../../src/relay/runtime/node/request.ts';

const request = suite('runtime/node/request');

/** The address that is found if that many proxies are trusted. */
const addressOf = (message: IncomingMessage | undefined, trust: number) =>
  addressFinder(trust, { onIgnored: () => {}, onMissing: () => {} })(message);

function from(forwarded: string | undefined, upgrade?: string): IncomingMessage {
  const message = new IncomingMessage(
    Object.defineProperty(new Socket(), 'remoteAddress', { value: '::ffff:192.0.2.1' }),
  );
  if (forwarded !== undefined) message.headers['x-forwarded-for'] = forwarded;
  if (upgrade !== undefined) message.headers.upgrade = upgrade;
  return message;
}

request("uses the socket's address, whatever a client sends, if no proxy is trusted", () => {
  assert.is(addressOf(from(undefined), 0), '192.0.2.1');
  assert.is(addressOf(from('203.0.113.9'), 0), '192.0.2.1');
});

request('uses the address that a trusted proxy appended, not one that a client wrote before it', () => {
  assert.is(addressOf(from('203.0.113.9'), 1), '203.0.113.9');
  assert.is(addressOf(from('198.51.100.1, 203.0.113.9'), 1), '203.0.113.9');
  for (const empty of [undefined, '', ' ', '198.51.100.1, ']) assert.is(addressOf(from(empty), 1), '192.0.2.1');
});

request('is empty if the address is not known', () => {
  assert.is(addressOf(new IncomingMessage(new Socket()), 0), '');
  assert.is(addressOf(undefined, 1), '');
});

request('notes each request with a header that is ignored although a proxy may have written it', () => {
  const ignored = (trust: TrustProxy, forwarded: string | undefined) => {
    let count = 0;
    const onIgnored = () => {
      count += 1;
    };
    const find = addressFinder(trust, { onIgnored, onMissing: () => {} });
    for (let request = 0; request < 3; request++) find(from(forwarded));
    return count;
  };
  const networks = parseTrustProxy('10.0.0.0/8') ?? 0;
  assert.is(ignored(0, '203.0.113.9'), 3);
  assert.is(ignored(networks, '203.0.113.9'), 3);
  assert.is(ignored(0, undefined), 0);
  assert.is(ignored(1, '203.0.113.9'), 0);
});

request('notes that a trusted proxy does not say for whom it asks', () => {
  const missing = (trust: TrustProxy, forwarded: string | undefined, upgrade?: string) => {
    let count = 0;
    const onMissing = () => {
      count += 1;
    };
    addressFinder(trust, { onIgnored: () => {}, onMissing })(from(forwarded, upgrade));
    return count;
  };
  const networks = parseTrustProxy('192.0.2.0/24') ?? 0;
  for (const trust of [1, networks]) {
    assert.is(missing(trust, undefined, 'websocket'), 1);
    assert.is(missing(trust, undefined), 0, 'a health check does not say it either');
    for (const garbage of ['', 'unknown', '198.51.100.1, ', '_hidden']) assert.is(missing(trust, garbage), 1, garbage);
    assert.is(missing(trust, '203.0.113.9', 'websocket'), 0);
  }
  assert.is(missing(2, '203.0.113.9'), 1, 'there are fewer proxies than that');
  assert.is(missing(networks, '192.0.2.7'), 0, 'a client in the same network');
  assert.is(missing(networks, 'x, 192.0.2.7'), 1);
  assert.is(missing(2, '203.0.113.9, 192.0.2.7'), 0);
  assert.is(missing(0, undefined, 'websocket'), 0);
  assert.is(missing(parseTrustProxy('10.0.0.0/8') ?? 0, undefined, 'websocket'), 0);
});

request.run();
