import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { relayIn } from '../../bench/peers.ts';

const peers = suite('peers');
let root = '';

peers.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'heartline-peers-'));
  mkdirSync(join(root, 'dist'));
  writeFileSync(join(root, 'dist/relay.js'), '');
});
peers.after.each(() => rmSync(root, { recursive: true }));

const commandOf = (start: string | undefined) => {
  writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { start } }));
  return relayIn(root, 'before', 'HEAD').command();
};

peers('start a relay with the arguments that its own start script gives to Node', () => {
  const relay = join(root, 'dist/relay.js');
  assert.equal(
    commandOf('esbuild a --x=y && node dist/build.js --quiet && exec node --max-semi-space-size=2 dist/relay.js'),
    [process.execPath, '--max-semi-space-size=2', relay],
  );
  assert.equal(commandOf('node dist/relay.js'), [process.execPath, relay]);
});

peers('refuse a start script that does not end in Node', () => {
  for (const start of [undefined, '', 'node dist/build.js && ./relay', 'deno run a.ts', 'exec node'])
    assert.throws(() => commandOf(start), 'does not end in node');
});

peers.run();
