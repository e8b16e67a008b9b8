import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Hono } from 'hono';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { tooManyRequests } from '../../../../src/relay/access/refusal.ts';
import { RequestVisit } from '../../../../src/relay/access/request-visit.ts';
import type { AppEnv } from '../../../../src/relay/http/room-route.ts';
import { DIALECTS } from '../../../../src/relay/room/dialect.ts';
import { TaskQueue } from '../../../../src/relay/runtime/node/task-queue.ts';
import { createUpgrades, type Upgrades } from '../../../../src/relay/runtime/node/upgrade.ts';
import { within } from '../../../support/deadline.ts';
import { exchange } from '../../../support/http-server.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** When a refused handshake is closed at the latest. */
const REFUSED_MS = 5000;

const upgrade = suite('runtime/node/upgrade');

/** A server that takes handshakes, and its port. */
async function serve(upgrades: Upgrades): Promise<{ server: Server; port: number }> {
  const server = createServer();
  upgrades.listen(server);
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : 0 };
}

upgrade(
  'keeps nothing of a closed connection in memory',
  within(async () => {
    const app = new Hono<AppEnv>();
    const opened: WeakRef<WebSocket>[] = [];
    let [begun, ended] = [0, 0];
    const upgrades = createUpgrades(app, {
      onUpgraded: ws => opened.push(new WeakRef(ws)),
      begin: () => {
        begun += 1;
        const end = () => {
          ended += 1;
        };
        return { visit: new RequestVisit(undefined, end), source: '' };
      },
      onHandshake() {},
      isBusy: () => false,
      taskQueue: new TaskQueue({ now: () => 0, later: setImmediate, next: queueMicrotask }),
      report: error => assert.unreachable(String(error)),
    });
    app.get('/', upgrades.upgrade(DIALECTS.v1));
    const { server, port } = await serve(upgrades);
    for (let count = 0; count < 5; count++) {
      const client = new WebSocket(`ws://localhost:${port}`);
      await once(client, 'open');
      client.close();
      await once(client, 'close');
    }
    server.close();
    await once(server, 'close');
    assert.is(opened.length, 5);
    assert.equal([begun, ended], [5, 5]);
    while (opened.some(ref => ref.deref())) {
      await new Promise(resolve => setImmediate(resolve));
      collect();
    }
  }),
);

upgrade(
  'refuses a handshake before it waits for its turn, with the reason',
  within(async () => {
    const app = new Hono<AppEnv>();
    let ended = 0;
    const upgrades = createUpgrades(app, {
      onUpgraded: () => assert.unreachable(),
      begin: () => {
        const end = () => {
          ended += 1;
        };
        return { visit: new RequestVisit(tooManyRequests(1500), end), source: '' };
      },
      onHandshake() {},
      isBusy: () => false,
      taskQueue: new TaskQueue({ now: () => 0, later: () => assert.unreachable(), next: queueMicrotask }),
      report: error => assert.unreachable(String(error)),
    });
    const { server, port } = await serve(upgrades);
    const head = [
      'GET / HTTP/1.1',
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
    ];
    const received = await exchange(
      port,
      [...head, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'),
    );
    assert.match(received, /^HTTP\/1\.1 429 [\s\S]*Retry-After: 2\r\n[\s\S]*{"error":{"code":"too-fast",/);
    assert.is(ended, 1);
    server.close();
  }),
);

upgrade(
  'refuses a handshake where there is no room, and one for two hosts, and asks nobody',
  within(async () => {
    let asked = 0;
    const upgrades = createUpgrades(new Hono<AppEnv>(), {
      onUpgraded: () => assert.unreachable(),
      begin: () => {
        asked += 1;
        return { visit: new RequestVisit(tooManyRequests(1500), () => {}), source: '' };
      },
      onHandshake() {},
      isBusy: () => false,
      taskQueue: new TaskQueue({ now: () => 0, later: () => assert.unreachable(), next: queueMicrotask }),
      report: error => assert.unreachable(String(error)),
    });
    const { server, port } = await serve(upgrades);
    const status = async (path: string, more: readonly string[] = []) => {
      const head = [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', ...more];
      const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
      return (await exchange(port, [...head, ...key, '', ''].join('\r\n'))).split(' ')[1];
    };
    for (const path of [
      '/healthz',
      '/readyz',
      '/chat.js',
      '/chunks/a.js',
      '/rooms',
      '/rooms/',
      '/rooms/tea/messages',
    ]) {
      assert.is(await status(path), '404', path);
    }
    assert.is(await status('/rooms/tea', ['Host: y']), '400');
    assert.is(asked, 0);
    for (const path of ['/', '/?x', '/rooms/tea', '/rooms/tea/', '/rooms/tea?x=/y', '/rooms/%E5%A4%A7/?x']) {
      assert.is(await status(path), '429', path);
    }
    assert.is(asked, 6);
    server.close();
  }),
);

upgrade(
  'sees that a client leaves after its handshake was refused, and reads little of one that stays',
  within(async () => {
    const upgrades = createUpgrades(new Hono<AppEnv>(), {
      onUpgraded: () => assert.unreachable(),
      begin: () => ({ visit: new RequestVisit(tooManyRequests(1500), () => {}), source: '' }),
      onHandshake() {},
      isBusy: () => false,
      taskQueue: new TaskQueue({ now: () => 0, later: () => assert.unreachable(), next: queueMicrotask }),
      report: error => assert.unreachable(String(error)),
    });
    const { server, port } = await serve(upgrades);
    const head = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
    for (const path of ['/', '/healthz']) {
      for (const more of ['', 'x'.repeat(100_000)]) {
        const accepted = once(server, 'connection');
        const client = connect({ port, allowHalfOpen: true });
        client.on('error', () => {});
        const [socket] = await accepted;
        const closed = once(socket, 'close');
        const began = performance.now();
        client.write(`GET ${path} HTTP/1.1\r\n${head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
        await once(client, 'data');
        if (more) client.write(more);
        else client.end();
        await closed;
        client.destroy();
        assert.ok(performance.now() - began < REFUSED_MS, 'it is not the deadline that closes it');
      }
    }
    server.close();
  }),
);

upgrade.run();
