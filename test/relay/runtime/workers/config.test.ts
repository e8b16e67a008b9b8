import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fence } from '../../../../src/relay/access/fence.ts';
import { ConfigError } from '../../../../src/relay/config.ts';
import { readWorkerConfig } from '../../../../src/relay/runtime/workers/config.ts';

const config = suite('workers: config');

config('has the same variables as on Node, and the fence as a text', () => {
  for (const text of ['room a\nnetwork 192.0.2.0/24', 'room b', 'room b']) {
    const read = readWorkerConfig({ HISTORY: '7', FENCE: text });
    if (read instanceof ConfigError) throw new Error(read.message);
    assert.is(read.history, 7);
    assert.is(new Fence(read.fence).allows('203.0.113.1', 'a'), text.includes('room a'));
  }
  const read = readWorkerConfig({});
  assert.ok(!(read instanceof ConfigError) && new Fence(read.fence).allows('203.0.113.1', 'a'));
});

config('refuses what cannot be right, in one line', () => {
  const message = (env: Record<string, unknown>) => {
    const read = readWorkerConfig(env);
    return read instanceof ConfigError ? read.message : '';
  };
  assert.match(message({ FENCE: 'room a\nrooms b' }), /^FENCE: line 2 is not of the form/);
  assert.match(message({ HISTORY: 'x' }), /^HISTORY is "x"/);
  assert.match(message({ SECRET: 'x' }), /^SECRET has no effect/);
});

config.run();
