/** A relay on Workers with its default limits, and a client that sends more than these allow. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { WireClient } from '../support/wire-client.ts';
import { WorkersProcess } from '../support/workers-process.ts';

const floods = suite('workers: floods');
const relay = new WorkersProcess();

floods.before(async () => {
  await relay.start();
});
floods.after(() => relay.dispose());

floods(
  'a connection that floods is refused unread and then closed, and nobody in its room is refused anything',
  within(async () => {
    const attacker = await WireClient.join(relay.host, 'a', 'attacker');
    const talker = await WireClient.join(relay.host, 'a', 'talker');
    // The platform answers exactly this ping by itself if it is written without spaces.
    for (let index = 0; index < 2000; index++) attacker.send('{ "type": "ping" }');
    for (let said = 0; said < 3; said++) {
      talker.say(`${said}`, `${said}`);
      await talker.message(`${said}`);
    }
    assert.is((await attacker.closed).code, 4429);
    const pings = attacker.of('ping').length;
    assert.ok(pings >= 80 && pings < 400, `${pings} were answered`);
    assert.ok(attacker.of('refused').every(({ code, of }) => code === 'too-fast' && of === ''));
    assert.equal(talker.of('refused'), []);
    await talker.close();
  }),
);

floods.run();
