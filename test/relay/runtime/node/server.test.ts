import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prepare } from '../../../../src/relay/runtime/node/server.ts';

const server = suite('runtime/node/server');

/** Prepares a request with these headers. Returns what has been called so far. */
function prepared(headers: Record<string, string>) {
  const request = Object.assign(new IncomingMessage(new Socket()), { method: 'POST', url: '/' });
  Object.assign(request.headers, { host: 'x' }, headers);
  const response = new ServerResponse(request);
  const called: string[] = [];
  const turns: (() => void)[] = [];
  prepare(request, response, {
    answer: () => void called.push('answer'),
    inTurn(run) {
      called.push('turn');
      turns.push(run);
    },
  });
  return { called, turns, request, response };
}

server('answers a request without a body at once', () => {
  for (const headers of [{}, { 'content-length': '0' }]) {
    const { called, response } = prepared(headers);
    assert.equal(called, ['answer']);
    response.emit('close');
  }
});

server('answers a request with a body when it is its turn again, since many bodies may end at once', () => {
  for (const end of ['end', 'close', 'too much']) {
    const { called, turns, request, response } = prepared({ 'content-length': '100000' });
    request.emit('data', Buffer.alloc(1));
    assert.equal(called, []);
    if (end === 'too much') request.emit('data', Buffer.alloc(65_536));
    else request.emit(end);
    assert.equal(called, ['turn'], end);
    turns.pop()?.();
    assert.equal(called, ['turn', 'answer']);
    response.emit('close');
  }
});

server.run();
