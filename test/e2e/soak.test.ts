import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { soak } from '../support/soak.ts';

const short = suite('soak: short run');

short(
  'after cuts, stalls, repetitions and kills, all clients have the same list with each message once',
  within(async () => {
    const progress: string[] = [];
    const seed = Math.floor(Math.random() * 2 ** 32);
    try {
      const report = await soak({ messages: 500, clients: 6, kills: 2, seed, progress: text => progress.push(text) });
      assert.is(report.kills, 2);
      assert.ok(report.repetitions > 0);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}\n${progress.join('\n')}`);
    }
  }, 90_000),
);

short.run();
