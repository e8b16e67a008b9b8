/** What bounds the rooms of a relay in its own process: KEEP, MAX_ROOMS, and the operator's fence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

async function withRelay(env: Record<string, string>, body: (relay: RelayProcess) => Promise<void>): Promise<void> {
  const relay = new RelayProcess(env);
  try {
    await relay.start();
    await body(relay);
  } finally {
    await relay.dispose();
  }
}

async function read(relay: RelayProcess, room: string): Promise<{ head: number; epoch: string }> {
  const response = await fetch(`http://${relay.host}/rooms/${room}/messages`);
  assert.is(response.status, 200);
  return response.json();
}

const bounds = suite('node: bounds');

bounds(
  'no room comes into being beyond MAX_ROOMS, the log says so once, and reading is none of its business',
  within(() =>
    withRelay({ MAX_ROOMS: '2' }, async relay => {
      for (const room of ['a', 'b']) {
        const client = await WireClient.join(relay.host, room, 'ann');
        client.say('1', 'first');
        await client.message('first');
        await client.close();
      }
      const [third, known] = [
        await WireClient.join(relay.host, 'c', 'ann'),
        await WireClient.join(relay.host, 'a', 'bob'),
      ];
      third.say('1', 'first');
      const { code, id, retryMs } = await third.until('refused');
      assert.equal([code, id, retryMs], ['full', '1', undefined]);
      known.say('2', 'second');
      await known.message('second');
      assert.is((await read(relay, 'nowhere')).head, 0);
      await after(2500);
      const { output } = await relay.stop();
      assert.is(output.split('\n').filter(line => line.includes('"warning":"MAX_ROOMS"')).length, 1, output);
    }),
  ),
);

bounds(
  'a room that nobody has written to for KEEP is gone, with another epoch, and a client is told so',
  within(() =>
    withRelay({ KEEP: '2s' }, async relay => {
      const client = await WireClient.join(relay.host, 'a', 'ann');
      client.say('1', 'secret');
      await client.message('secret');
      const [{ epoch } = { epoch: '' }] = client.of('welcome');
      // A room stays in memory for a minute after everyone has left; a restart is quicker.
      await relay.stop();
      await relay.start();
      for (let head = 1; head > 0; await after(250)) ({ head } = await read(relay, 'a'));
      const back = await WireClient.join(relay.host, 'a', 'ann', { epoch, since: 1 });
      assert.is(back.of('page')[0]?.missed, null);
      assert.is(back.of('welcome')[0]?.epoch, epoch.replace(/\.0$/, '.1'));
    }),
  ),
);

bounds(
  'the fence is read again when it changes: who is no longer allowed is closed, and refused over HTTP',
  within(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heartline-fence-'));
    const path = join(folder, 'fence.txt');
    writeFileSync(path, 'room a\nroom b\n');
    try {
      await withRelay({ FENCE: path, TRUST_PROXY: 'on' }, async relay => {
        const status = async (room: string, address: string) => {
          const headers = { 'X-Forwarded-For': address };
          const response = await fetch(`http://${relay.host}/rooms/${room}/messages`, { headers });
          if (response.status === 403) assert.is((await response.json()).error.code, 'forbidden');
          return response.status;
        };
        const far = new WireClient(relay.host, '/rooms/b', { 'X-Forwarded-For': '203.0.113.9' });
        const [ann, bob] = [
          await WireClient.join(relay.host, 'a', 'ann'),
          await WireClient.join(relay.host, 'b', 'bob'),
        ];
        await far.opened;
        assert.is((await new WireClient(relay.host, '/rooms/c').closed).code, 4403);
        assert.equal([await status('a', '203.0.113.9'), await status('c', '192.0.2.1')], [200, 403]);
        writeFileSync(path, 'room b\nnetwork 203.0.113.0/24\n');
        assert.equal([(await ann.closed).code, (await far.closed).code], [4403, 4403]);
        assert.equal([await status('b', '203.0.113.9'), await status('b', '192.0.2.1')], [403, 200]);
        writeFileSync(path, 'rom b\n');
        await after(2500);
        await bob.pong();
        assert.is(await status('b', '203.0.113.9'), 403);
        const { output } = await relay.stop();
        assert.is(output.split('\n').filter(line => line.includes('line 1 is not of the form')).length, 1, output);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }),
);

bounds(
  'a fence that cannot be used stops the start in one line',
  within(async () => {
    const relay = new RelayProcess({ FENCE: '/nowhere/fence.txt' });
    try {
      const { code, output } = await relay.startAndEnd();
      assert.is(code, 1);
      assert.match(output, /^heartline: FENCE is "\/nowhere\/fence.txt", but it cannot be read[^\n]*\n$/);
    } finally {
      await relay.dispose();
    }
  }),
);

bounds.run();
