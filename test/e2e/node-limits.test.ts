/** The relay's limits, each on its own relay with a low limit. */
import { statSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

async function withRelay(
  env: Record<string, string>,
  body: (address: string, relay: RelayProcess) => Promise<void>,
): Promise<void> {
  const relay = new RelayProcess(env);
  try {
    await relay.start();
    await body(relay.host, relay);
  } finally {
    await relay.dispose();
  }
}

const limits = suite('node: limits');

limits(
  'a message that is too fast is refused with the time to wait, and accepted after that',
  within(() =>
    withRelay({ RATE: '20', BURST: '3' }, async address => {
      const client = await WireClient.join(address, 'a', 'a');
      for (const id of ['1', '2', '3', '4']) client.say(id, id);
      const refused = await client.until('refused');
      assert.equal([refused.code, refused.of], ['too-fast', 'normal']);
      assert.ok((refused.retryMs ?? 0) > 0 && (refused.retryMs ?? 0) <= 50, `${refused.retryMs}`);
      await client.pong();
      assert.is(client.of('welcome')[0]?.limits.rate, 20);
      // The test does not control the clock of another process, so it retries, as a page would.
      for (let said = false; !said; ) {
        const from = client.frames.length;
        client.say('late', 'late', { again: true });
        await client.pong();
        said = !client.frames.slice(from).some(frame => frame.type === 'refused');
      }
      await client.message('late');
      await client.close();
    }),
  ),
);

limits(
  'a connection over the limit is closed with a code after the upgrade',
  within(() =>
    withRelay({ MAX_CONNECTIONS: '2', MAX_PER_ADDRESS: '0' }, async address => {
      const two = await Promise.all(['a', 'b'].map(user => WireClient.join(address, 'a', user)));
      const third = new WireClient(address, '/rooms/a');
      await third.opened;
      assert.is((await third.closed).code, 1013);
      await Promise.all(two.map(client => client.close()));
    }),
  ),
);

limits(
  'an address is limited, also behind a proxy, where only the last hop counts',
  within(async () => {
    await withRelay({ MAX_PER_ADDRESS: '2' }, async address => {
      const spoof = { 'X-Forwarded-For': '203.0.113.9' };
      const two = [new WireClient(address, '/rooms/a', spoof), new WireClient(address, '/rooms/a')];
      await Promise.all(two.map(client => client.opened));
      const third = new WireClient(address, '/rooms/a', { 'X-Forwarded-For': '203.0.113.10' });
      assert.is((await third.closed).code, 4429);
      await Promise.all(two.map(client => client.close()));
    });
    await withRelay({ MAX_PER_ADDRESS: '1', TRUST_PROXY: 'on' }, async address => {
      const from = (forwarded: string) => new WireClient(address, '/rooms/a', { 'X-Forwarded-For': forwarded });
      const clients = [from('198.51.100.1, 203.0.113.9'), from('198.51.100.1, 203.0.113.10')];
      await Promise.all(clients.map(client => client.opened));
      assert.is((await from('198.51.100.2, 203.0.113.9').closed).code, 4429);
      await Promise.all(clients.map(client => client.close()));
    });
  }),
);

limits(
  'the tutorial dialect admits 8 connections of an address, and rejects the next after 5 s',
  within(() =>
    withRelay({}, async address => {
      const eight = Array.from({ length: 8 }, () => new WireClient(address, '/'));
      await Promise.all(eight.map(client => client.opened));
      const ninth = new WireClient(address, '/');
      await ninth.opened;
      const began = Date.now();
      assert.is((await ninth.closed).code, 4429);
      assert.ok(Date.now() - began > 4500, `${Date.now() - began} ms`);
      const page = await WireClient.join(address, 'lobby', 'a');
      await Promise.all([...eight, page].map(client => client.close()));
    }),
  ),
);

limits(
  'a foreign origin is refused before the upgrade, which the operator is told',
  within(() =>
    withRelay({ ORIGINS: 'https://chat.example' }, async (address, relay) => {
      const good = new WireClient(address, '/rooms/a', { Origin: 'https://chat.example' });
      await good.opened;
      const evil = new WireClient(address, '/rooms/a', { Origin: 'https://evil.example' });
      assert.match(String(await evil.opened.catch(error => error)), /403/);
      await good.close();
      const { output } = await relay.stop();
      assert.match(output, /"level":40,[^\n]*"warning":"ORIGINS"/);
      assert.match(output, /"refused":\{"forbidden":1\}/);
    }),
  ),
);

limits(
  'a flood stores little more than MAX_DISK allows, and the relay is not ready any longer',
  within(() =>
    withRelay({ MAX_DISK: '1m', RATE: '0', MAX_PER_ADDRESS: '0', HISTORY: '100000' }, async (address, relay) => {
      const client = await WireClient.join(address, 'a', 'a');
      const text = '聊'.repeat(1000);
      for (let count = 0; count < 1000; count++) client.say(`${count}`, text);
      assert.is((await client.until('refused')).code, 'full');
      await client.pong();
      const ready = await fetch(`http://${address}/readyz`);
      assert.equal([ready.status, /MAX_DISK/.test(await ready.text())], [503, true]);
      assert.is((await fetch(`http://${address}/healthz`)).status, 200);
      await client.close();
      await relay.stop();
      const { size } = statSync(relay.data);
      assert.ok(size > 1_000_000 && size < 1.2 * 1_048_576, `${size}`);
    }),
  ),
);

limits.run();
