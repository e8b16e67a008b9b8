import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addressOf } from '../../../../src/relay/runtime/node/request.ts';

const request = suite('runtime/node/request');

function from(forwarded: string | undefined): IncomingMessage {
  const message = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: '192.0.2.1' }));
  if (forwarded !== undefined) message.headers['x-forwarded-for'] = forwarded;
  return message;
}

request("uses the socket's address, whatever a client sends, if no proxy is trusted", () => {
  assert.is(addressOf(from(undefined), false), '192.0.2.1');
  assert.is(addressOf(from('203.0.113.9'), false), '192.0.2.1');
});

request('uses the address that a trusted proxy appended, not one that a client wrote before it', () => {
  assert.is(addressOf(from('203.0.113.9'), true), '203.0.113.9');
  assert.is(addressOf(from('198.51.100.1, 203.0.113.9'), true), '203.0.113.9');
  for (const empty of [undefined, '', ' ', '198.51.100.1, ']) assert.is(addressOf(from(empty), true), '192.0.2.1');
});

request('is empty if the address is not known', () => {
  assert.is(addressOf(new IncomingMessage(new Socket()), false), '');
  assert.is(addressOf(undefined, true), '');
});

request.run();
