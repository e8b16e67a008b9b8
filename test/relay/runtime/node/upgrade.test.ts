import { once } from 'node:events';
import { createServer } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Hono } from 'hono';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import type { AppEnv } from '../../../../src/relay/http/room-route.ts';
import { DIALECTS } from '../../../../src/relay/room/dialect.ts';
import { TaskQueue } from '../../../../src/relay/runtime/node/task-queue.ts';
import { createUpgrades } from '../../../../src/relay/runtime/node/upgrade.ts';
import { within } from '../../../support/deadline.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const upgrade = suite('runtime/node/upgrade');

upgrade(
  'keeps nothing of a closed connection in memory',
  within(async () => {
    const app = new Hono<AppEnv>();
    const opened: WeakRef<WebSocket>[] = [];
    const upgrades = createUpgrades(app, {
      onUpgraded: ws => opened.push(new WeakRef(ws)),
      taskQueue: new TaskQueue({ now: () => 0, later: setImmediate, next: queueMicrotask }),
      report: error => assert.unreachable(String(error)),
    });
    app.get('/', upgrades.upgrade(DIALECTS.v1));
    const server = createServer();
    upgrades.listen(server);
    server.listen(0);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    for (let count = 0; count < 5; count++) {
      const client = new WebSocket(`ws://localhost:${port}`);
      await once(client, 'open');
      client.close();
      await once(client, 'close');
    }
    server.close();
    await once(server, 'close');
    assert.is(opened.length, 5);
    while (opened.some(ref => ref.deref())) {
      await new Promise(resolve => setImmediate(resolve));
      collect();
    }
  }),
);

upgrade.run();
