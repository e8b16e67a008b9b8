/** The variables of a Worker: the operator's fence is a text there, and a value that cannot be right is told clearly. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { WireClient } from '../support/wire-client.ts';
import { WorkersProcess } from '../support/workers-process.ts';

async function withWorkers(
  vars: Record<string, string>,
  body: (relay: WorkersProcess) => Promise<void>,
): Promise<void> {
  const relay = new WorkersProcess(vars);
  try {
    await relay.start();
    await body(relay);
  } finally {
    await relay.dispose();
  }
}

/** Resolves once the Worker has printed something, which passes through wrangler and takes a moment. */
async function printed(relay: WorkersProcess, line: RegExp): Promise<void> {
  for (let tries = 0; tries < 100 && !line.test(relay.output); tries++) await after(50);
  assert.match(relay.output, line);
}

const bounds = suite('workers: bounds');

bounds(
  'the fence refuses rooms over HTTP and with a close code, and a misspelled variable is warned of',
  within(() =>
    withWorkers({ FENCE: 'room a\nroom class-*', HISTROY: '5', ORIGINS: '' }, async relay => {
      const get = (room: string) => fetch(`http://${relay.host}/rooms/${room}/messages`);
      assert.equal([(await get('a')).status, (await get('class-1')).status], [200, 200]);
      const refused = await get('b');
      assert.equal([refused.status, (await refused.json()).error.code], [403, 'forbidden']);
      assert.is((await new WireClient(relay.host, '/rooms/b').closed).code, 4403);
      assert.is((await new WireClient(relay.host, '/').closed).code, 4403, 'the lobby is a room like any other');
      const client = await WireClient.join(relay.host, 'a', 'ann');
      client.say('1', 'first');
      await client.message('first');
      await client.close();
      await printed(relay, /HISTROY has no effect; is HISTORY meant\?/);
      await printed(relay, /ORIGINS is empty, which is the same as not set/);
    }),
  ),
);

bounds(
  'a value that cannot be right is answered with an error, and the log says which',
  within(() =>
    withWorkers({ KEEP: '30' }, async relay => {
      const response = await fetch(`http://${relay.host}/rooms/a/messages`);
      assert.equal([response.status, (await response.json()).error.code], [500, 'unavailable']);
      await printed(relay, /KEEP is "30", but takes 0 or a duration from 1s to 36525d, such as/);
      assert.not.match(relay.output, /\bat .*\.ts:\d+/);
    }),
  ),
);

/** Makes a handshake over a socket that never answers a close. Resolves with the status. */
async function handshake(relay: WorkersProcess, sockets: Socket[]): Promise<number> {
  const { hostname, port } = new URL(`http://${relay.host}`);
  const socket = connect({ host: hostname, port: Number(port) });
  sockets.push(socket);
  socket.write(
    `GET /rooms/a HTTP/1.1\r\nHost: ${relay.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const [data]: Buffer[] = await once(socket, 'data');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(`${data}`)?.[1]);
}

bounds(
  'an address that keeps its refused sockets open gets no more of them',
  within(() =>
    withWorkers({ MAX_PER_ADDRESS: '2' }, async relay => {
      const sockets: Socket[] = [];
      try {
        const statuses: number[] = [];
        for (let count = 0; count < 6; count++) statuses.push(await handshake(relay, sockets));
        assert.equal(statuses, [101, 101, 101, 101, 429, 429]);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    }),
  ),
);

bounds.run();
