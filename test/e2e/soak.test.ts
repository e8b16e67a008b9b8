import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { soak } from '../support/soak.ts';

const short = suite('soak, in short');

short(
  'through cuts, stalls, repetitions and kills everyone ends with the same list, each message once',
  within(async () => {
    const lines: string[] = [];
    const seed = Math.floor(Math.random() * 2 ** 32);
    try {
      const report = await soak({ messages: 500, clients: 6, kills: 2, seed, progress: line => lines.push(line) });
      assert.is(report.kills, 2);
      assert.ok(report.repetitions > 0);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}\n${lines.join('\n')}`);
    }
  }, 90_000),
);

short.run();
