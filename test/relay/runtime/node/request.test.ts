import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTrustProxy, type TrustProxy } from '../../../../src/relay/access/trust-proxy.ts';
import { addressFinder } from '../../../../src/relay/runtime/node/request.ts';

const request = suite('runtime/node/request');

/** The address that is found if that many proxies are trusted. */
const addressOf = (message: IncomingMessage | undefined, trust: number) => addressFinder(trust, () => {})(message);

function from(forwarded: string | undefined): IncomingMessage {
  const message = new IncomingMessage(
    Object.defineProperty(new Socket(), 'remoteAddress', { value: '::ffff:192.0.2.1' }),
  );
  if (forwarded !== undefined) message.headers['x-forwarded-for'] = forwarded;
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
    const find = addressFinder(trust, () => {
      count += 1;
    });
    for (let request = 0; request < 3; request++) find(from(forwarded));
    return count;
  };
  const networks = parseTrustProxy('10.0.0.0/8') ?? 0;
  assert.is(ignored(0, '203.0.113.9'), 3);
  assert.is(ignored(networks, '203.0.113.9'), 3);
  assert.is(ignored(0, undefined), 0);
  assert.is(ignored(1, '203.0.113.9'), 0);
});

request.run();
