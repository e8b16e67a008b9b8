/** Bugs in a running relay: those of ours end one connection at most, and what nobody caught is told before the end. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { type Ended, RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

const faults = suite('node: faults');

/** A relay in which something goes wrong at SIGUSR2. Resolves with how it ended. */
async function withFault(
  fault: string,
  body: (relay: RelayProcess, goWrong: () => void) => Promise<void>,
): Promise<Ended> {
  const program = `process.once('SIGUSR2', () => { ${fault} });`;
  const relay = new RelayProcess({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` });
  try {
    await relay.start();
    await body(relay, () => {
      if (relay.pid !== undefined) process.kill(relay.pid, 'SIGUSR2');
    });
    return await relay.stop();
  } finally {
    await relay.dispose();
  }
}

/** Makes the encoding of one type of frame fail. */
const brokenEncoding = (type: string) => `const encode = JSON.stringify;
  JSON.stringify = (value, ...rest) => {
    if (value?.type === '${type}') throw new Error('a bug of ours');
    return encode(value, ...rest);
  };`;

faults(
  'a bug in a timer, or while a frame is answered, leaves everyone else alone',
  within(async () => {
    for (const type of ['people', 'typing', 'welcome']) {
      const { code, output } = await withFault(brokenEncoding(type), async (relay, goWrong) => {
        const [a, b] = await Promise.all(['a', 'b'].map(user => WireClient.join(relay.host, 'tea', user)));
        goWrong();
        const victim = new WireClient(relay.host, '/rooms/tea');
        await victim.opened;
        victim.send({ type: 'hello', user: 'victim' });
        victim.send({ type: 'typing' });
        // People are announced within a second.
        await new Promise(resolve => setTimeout(resolve, 1200));
        a?.say('1', 'still here');
        await b?.message('still here');
        victim.ws.terminate();
        await Promise.all([a?.close(), b?.close()]);
      });
      assert.is(code, 0, output);
      assert.match(output, /"msg":"fault"/, type);
      assert.match(output, /a bug of ours\\n +at /, 'with its stack');
    }
  }),
);

faults(
  'a rejection that nobody waits for is logged, and the relay goes on',
  within(async () => {
    const { code, output } = await withFault("Promise.reject(new Error('a stray'));", async (relay, goWrong) => {
      const client = await WireClient.join(relay.host, 'tea', 'a');
      goWrong();
      await client.pong();
      await client.pong();
      await client.close();
    });
    assert.is(code, 0, output);
    assert.match(output, /a stray\\n +at [^\n]*"msg":"fault"/);
  }),
);

faults(
  'an exception that nothing caught is logged, and the relay closes everyone with 1012 and exits with 1',
  within(async () => {
    const fault = "setTimeout(() => { throw new Error('a stray'); });";
    const { code, output } = await withFault(fault, async (relay, goWrong) => {
      const client = await WireClient.join(relay.host, 'tea', 'a');
      goWrong();
      assert.is((await client.closed).code, 1012);
    });
    assert.is(code, 1, output);
    assert.match(output, /"level":60[^\n]*a stray\\n +at [^\n]*"msg":"uncaught exception"/);
    assert.match(output, /"msg":"closed"/);
  }),
);

faults.run();
