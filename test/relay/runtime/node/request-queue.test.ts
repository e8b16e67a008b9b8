import type { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestQueue } from '../../../../src/relay/runtime/node/request-queue.ts';
import { TaskQueue } from '../../../../src/relay/runtime/node/task-queue.ts';

const queue = suite('runtime/node/request-queue');

/** A queue whose answers the test ends. */
class Rig {
  readonly begun: string[] = [];
  /** The requests for which a connection was closed. */
  readonly floods: string[] = [];
  readonly #responses = new Map<string, EventEmitter>();
  readonly #later: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly requests: RequestQueue;

  constructor() {
    const later = (run: () => void) => void this.#later.push(run);
    this.requests = new RequestQueue(new TaskQueue({ now: () => 0, later, next: later }), {
      answer: ({ url = '' }, _response, inTurn) => {
        this.begun.push(url);
        if (url.endsWith('later')) this.#waiting.push(() => inTurn(() => void this.begun.push('later')));
      },
      sourceOf: ({ headers }) => `${headers.host}`,
      onFlood: ({ url = '' }) => void this.floods.push(url),
      report: error => assert.unreachable(`${error}`),
    });
  }

  /** Receives a request; its path names it. */
  receive(socket: Socket, path: string, host = 'a'): void {
    const request = Object.assign(new IncomingMessage(socket), { url: path });
    request.headers.host = host;
    const response = new ServerResponse(request);
    this.#responses.set(path, response);
    this.requests.add(request, response);
    this.turn();
  }

  turn(): void {
    while (this.#later.length > 0) for (const run of this.#later.splice(0)) run();
  }

  /** What answers were waiting for has come. */
  goOn(): void {
    for (const run of this.#waiting.splice(0)) run();
  }

  /** The answer has been sent, or its connection is closed. */
  end(path: string): void {
    this.#responses.get(path)?.emit('close');
    this.turn();
  }
}

queue('answers the requests of a connection one after another, and those of several at the same time', () => {
  const rig = new Rig();
  const [one, two] = [new Socket(), new Socket()];
  for (const path of ['/1', '/2', '/3']) rig.receive(one, path);
  rig.receive(two, '/other');
  assert.equal(rig.begun, ['/1', '/other']);
  assert.ok(rig.requests.isBusy(one));
  rig.end('/other');
  rig.end('/1');
  assert.equal(rig.begun, ['/1', '/other', '/2']);
  rig.end('/2');
  rig.end('/3');
  assert.equal(rig.begun, ['/1', '/other', '/2', '/3']);
  assert.not(rig.requests.isBusy(one));
  assert.is(rig.requests.open, 0);
  rig.receive(one, '/4');
  assert.is(rig.begun.at(-1), '/4');
  rig.end('/4');
  assert.is(one.listenerCount('close'), 0);
});

queue('goes on with a request in its turn, unless its connection is closed', () => {
  const rig = new Rig();
  const [open, closed] = [new Socket(), new Socket()];
  rig.receive(open, '/1/later');
  rig.receive(closed, '/2/later');
  closed.destroy();
  rig.goOn();
  assert.equal(rig.begun, ['/1/later', '/2/later']);
  rig.turn();
  assert.equal(rig.begun, ['/1/later', '/2/later', 'later']);
});

queue('answers nothing more on a closed connection', () => {
  const rig = new Rig();
  const socket = new Socket();
  for (const path of ['/1', '/2']) rig.receive(socket, path);
  socket.destroy();
  rig.end('/1');
  rig.receive(socket, '/3');
  assert.equal(rig.begun, ['/1']);
  assert.is(rig.requests.open, 0);
});

queue('begins no request after an answer that closes its connection', () => {
  const rig = new Rig();
  const socket = new Socket();
  for (const path of ['/1', '/2']) rig.receive(socket, path);
  socket.end();
  rig.end('/1');
  rig.receive(socket, '/3');
  assert.equal(rig.begun, ['/1']);
  assert.is(rig.requests.open, 0);
});

queue('forgets the requests of a closed connection whose responses are never closed', () => {
  const rig = new Rig();
  const host = 'many';
  for (let at = 0; at < 20; at++) {
    const socket = new Socket();
    for (let count = 0; count <= 95; count++) rig.receive(socket, `/${at}/${count}`, host);
    assert.not(socket.destroyed);
    socket.emit('close');
    assert.is(rig.requests.open, 0);
  }
});

queue('closes a connection with more than 100 requests waiting', () => {
  const rig = new Rig();
  const socket = new Socket();
  for (let count = 0; count <= 100; count++) rig.receive(socket, `/${count}`);
  assert.not(socket.destroyed);
  rig.receive(socket, '/over');
  assert.ok(socket.destroyed);
  assert.is(rig.floods.length, 1);
  rig.end('/0');
  assert.equal(rig.begun, ['/0']);
});

queue('closes a connection if more than 1000 requests of its address wait, and no other', () => {
  const rig = new Rig();
  const sockets = Array.from({ length: 11 }, () => new Socket());
  for (const [at, socket] of sockets.entries()) {
    for (let count = 0; count <= 95; count++) rig.receive(socket, `/${at}/${count}`);
  }
  assert.equal(
    sockets.map(({ destroyed }) => destroyed),
    [...Array(10).fill(false), true],
  );
  const other = new Socket();
  for (let count = 0; count <= 50; count++) rig.receive(other, `/b/${count}`, 'b');
  assert.not(other.destroyed);
  assert.is(rig.floods.length, sockets.filter(({ destroyed }) => destroyed).length);
  for (const [at, socket] of sockets.entries()) {
    socket.destroy();
    rig.end(`/${at}/0`);
  }
  assert.is(rig.requests.open, 1);
  const again = new Socket();
  for (let count = 0; count <= 100; count++) rig.receive(again, `/again/${count}`);
  assert.not(again.destroyed, 'requests of closed connections no longer count');
});

queue.run();
