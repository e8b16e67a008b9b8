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
import { createUpgrades, type Upgrades, type UpgradesOptions } from '../../../../src/relay/runtime/node/upgrade.ts';
import { within } from '../../../support/deadline.ts';
import { exchange } from '../../../support/http-server.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** When a refused handshake is closed at the latest. */
const REFUSED_MS = 5000;

const upgrade = suite('runtime/node/upgrade');

/** Refuses every handshake, and runs nothing later. */
const REFUSING: UpgradesOptions = {
  onUpgraded: () => assert.unreachable(),
  begin: () => ({ visit: new RequestVisit(tooManyRequests(1500), () => {}), source: '' }),
  onHandshake() {},
  isBusy: () => false,
  taskQueue: new TaskQueue({ now: () => 0, later: () => assert.unreachable(), next: queueMicrotask }),
  report: error => assert.unreachable(String(error)),
};
const FIELDS =
  'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

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
      ...REFUSING,
      begin: () => {
        const end = () => {
          ended += 1;
        };
        return { visit: new RequestVisit(tooManyRequests(1500), end), source: '' };
      },
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
      ...REFUSING,
      begin: request => {
        asked += 1;
        return REFUSING.begin(request);
      },
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
    const { server, port } = await serve(createUpgrades(new Hono<AppEnv>(), REFUSING));
    for (const path of ['/', '/healthz']) {
      for (const more of ['', 'x'.repeat(100_000)]) {
        const accepted = once(server, 'connection');
        const client = connect({ port, allowHalfOpen: true });
        client.on('error', () => {});
        const [socket] = await accepted;
        const closed = once(socket, 'close');
        const began = performance.now();
        client.write(`GET ${path} HTTP/1.1\r\n${FIELDS}`);
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

upgrade(
  'does nothing for a client that has left while its handshake waited for its turn',
  within(async () => {
    for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const turns: (() => void)[] = [];
      let [served, ended] = [0, 0];
      const app = new Hono<AppEnv>();
      const upgrades = createUpgrades(app, {
        ...REFUSING,
        begin: () => {
          const end = () => {
            ended += 1;
          };
          return { visit: new RequestVisit(undefined, end), source: '' };
        },
        taskQueue: new TaskQueue({ now: () => 0, later: run => turns.push(run), next: queueMicrotask }),
      });
      app.use(async (_c, next) => {
        served += 1;
        await next();
      });
      app.get('/', upgrades.upgrade(DIALECTS.v1));
      const { server, port } = await serve(upgrades);
      const [accepted, upgrade] = [once(server, 'connection'), once(server, 'upgrade')];
      const client = connect({ port, allowHalfOpen: true });
      client.on('error', () => {});
      const [socket] = await accepted;
      // `once` would reject with a connection that was reset.
      const happens = (event: string) => new Promise(resolve => socket.once(event, resolve));
      const closed = happens('close');
      client.write(`GET / HTTP/1.1\r\n${FIELDS}`);
      await upgrade;
      const left = happens(leave === 'resetAndDestroy' ? 'close' : 'end');
      client[leave]();
      await left;
      for (const run of turns.splice(0)) run();
      await closed;
      assert.equal([served, ended], [0, 1], leave);
      client.destroy();
      server.close();
    }
  }),
);

upgrade(
  'takes what a client sends while its handshake waits for its turn',
  within(async () => {
    const turns: (() => void)[] = [];
    const app = new Hono<AppEnv>();
    const heard: string[] = [];
    const opened: Promise<WebSocket> = new Promise(resolve => {
      const upgrades = createUpgrades(app, {
        ...REFUSING,
        onUpgraded: ws => {
          ws.on('message', data => heard.push(String(data)));
          resolve(ws);
        },
        begin: () => ({ visit: new RequestVisit(undefined, () => {}), source: '' }),
        taskQueue: new TaskQueue({ now: () => 0, later: run => turns.push(run), next: queueMicrotask }),
      });
      app.get('/', upgrades.upgrade(DIALECTS.v1));
      void serve(upgrades).then(async ({ server, port }) => {
        const upgrade = once(server, 'upgrade');
        const client = connect(port);
        client.write(`GET / HTTP/1.1\r\n${FIELDS}`);
        await upgrade;
        // A masked frame whose mask is 0, in two pieces, and then more than is read ahead.
        client.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0]));
        client.write('hi');
        for (let count = 0; count < 100; count++) {
          client.write(Buffer.concat([Buffer.from([0x81, 0xfe, 4, 0, 0, 0, 0, 0]), Buffer.alloc(1024, 'x')]));
        }
        await new Promise(resolve => setImmediate(resolve));
        for (const run of turns.splice(0)) run();
        (await opened).once('close', () => client.destroy());
        server.close();
      });
    });
    const ws = await opened;
    while (heard.length < 101) await once(ws, 'message');
    assert.equal(heard, ['hi', ...Array(100).fill('x'.repeat(1024))]);
    ws.terminate();
  }),
);

upgrade.run();
