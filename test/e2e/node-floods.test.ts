/** A relay with its default limits, and clients that send more than these allow. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

const floods = suite('node: floods');
const relays = {
  /** Two addresses talk to it: each names its own as a proxy would. */
  byDefault: new RelayProcess({ TRUST_PROXY: 'on' }),
  slow: new RelayProcess({ RATE: '10', BURST: '10' }),
};

floods.before(async () => {
  await Promise.all(Object.values(relays).map(relay => relay.start()));
});
floods.after(async () => {
  await Promise.all(Object.values(relays).map(relay => relay.dispose()));
});

const from = (address: string) => ({ 'X-Forwarded-For': address });

/** Sends one frame again and again until the connection is closed. Resolves with the code. */
async function flood(client: WireClient, frame: string): Promise<number> {
  const many = setInterval(() => {
    for (let index = 0; index < 2000 && client.ws.bufferedAmount < 1_000_000; index++) client.ws.send(frame);
  }, 1);
  const { code } = await client.closed;
  clearInterval(many);
  return code;
}

floods(
  'a connection that floods is read slowly and then closed, and nobody else waits for it',
  within(async () => {
    const { host } = relays.byDefault;
    const attacker = new WireClient(host, '/rooms/a', from('203.0.113.1'));
    const talker = new WireClient(host, '/rooms/b', from('203.0.113.2'));
    await Promise.all([attacker.opened, talker.opened]);
    for (const client of [attacker, talker]) client.send({ type: 'hello', user: 'x' });
    await Promise.all([attacker.until('page'), talker.until('page')]);
    const flooded = flood(attacker, '{"type":"ping"}');
    for (let said = 0; said < 10; said++) {
      talker.say(`${said}`, `${said}`);
      await talker.message(`${said}`);
      await new Promise(resolve => setTimeout(resolve, 250));
    }
    assert.is(await flooded, 4429);
    assert.ok(attacker.of('ping').length < 400, `${attacker.of('ping').length} pings were answered`);
    assert.equal(talker.of('refused'), []);
    await talker.close();
  }),
);

floods(
  'garbage at the endpoint of the tutorial is a flood too',
  within(async () => {
    const client = new WireClient(relays.byDefault.host, '/', from('203.0.113.3'));
    await client.opened;
    assert.is(await flood(client, '{'), 4429);
  }),
);

floods(
  'a message may have 16 fragments',
  within(async () => {
    const client = new WireClient(relays.byDefault.host, '/rooms/a', from('203.0.113.4'));
    await client.opened;
    const send = (fragments: number) => {
      const text = '{"type":"ping"}'.padEnd(fragments);
      for (let at = 0; at < fragments; at++) {
        const fragment = at === fragments - 1 ? text.slice(at) : text.slice(at, at + 1);
        client.ws.send(fragment, { fin: at === fragments - 1 });
      }
    };
    send(16);
    await client.until('ping');
    send(17);
    assert.is((await client.closed).code, 1008);
  }),
);

floods(
  'a relay that could not run for a while refuses nobody who kept to the rate meanwhile',
  within(async () => {
    const { host, pid = 0 } = relays.slow;
    const client = await WireClient.join(host, 'a', 'a');
    let said = 0;
    const say = () => client.say(`m${said}`, `${said++}`);
    while (said < 8) say();
    const talk = setInterval(say, 110);
    await client.message('8');
    process.kill(pid, 'SIGSTOP');
    try {
      while (said < 35) await new Promise(resolve => setTimeout(resolve, 100));
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await client.message('34');
    clearInterval(talk);
    assert.equal(client.of('refused'), []);
    await client.close();
  }),
);

floods.run();
