/** The relay on Node when somebody sets the clock of its machine. */
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

const DAY_MS = 24 * 3_600_000;

/** A program that runs before the relay: at SIGUSR2 it sets the time of day by `ms`, and makes a file beside the log. */
function setsClock(ms: number): string {
  const program = `import { writeFileSync } from 'node:fs';
    const now = Date.now;
    process.once('SIGUSR2', () => {
      Date.now = () => now() + ${ms};
      writeFileSync(process.env.DATA + '.set', '');
    });`;
  return `--import=data:text/javascript,${encodeURIComponent(program)}`;
}

const clock = suite('node: the clock');

async function isUndisturbedBy(ms: number): Promise<void> {
  const relay = await new RelayProcess({ NODE_OPTIONS: setsClock(ms) }).start();
  try {
    const listener = await WireClient.join(relay.host, 'a', 'a');
    const stranger = new WireClient(relay.host, '/rooms/a');
    await stranger.opened;
    const began = performance.now();
    if (relay.pid !== undefined) process.kill(relay.pid, 'SIGUSR2');
    // Node hears of a signal by its event loop, perhaps after frames that were sent later.
    while (!existsSync(`${relay.data}.set`)) await wait(5);
    await listener.pong();
    listener.say('1', 'after the jump');
    const { at } = await listener.message('after the jump');
    assert.ok(Math.abs(at - Date.now() - ms) < 60_000, 'the time of day is what the machine says');
    assert.is((await stranger.closed).code, 4408);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds > 8 && seconds < 20, `closed after ${seconds} s`);
    await listener.pong();
    await listener.close();
  } finally {
    await relay.dispose();
  }
}

clock(
  'set back or forward by a day closes nobody, and who owes a hello is closed after 10 s',
  within(async () => {
    await Promise.all([-DAY_MS, DAY_MS].map(isUndisturbedBy));
  }),
);

clock.run();
