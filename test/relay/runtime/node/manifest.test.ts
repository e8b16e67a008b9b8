import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { whyTooOld } from '../../../../src/relay/runtime/node/manifest.ts';

const manifest = suite('node: manifest');

manifest('tells a version of Node that is too old from one that is not', () => {
  const engines = { node: '>=20.20' };
  for (const version of ['v20.20.0', 'v20.21.3', 'v22.0.0', 'v100.1.0', 'v24.0.0-nightly']) {
    assert.is(whyTooOld(version, { engines }), undefined, version);
  }
  for (const version of ['v18.19.0', 'v20.3.1', 'v9.30.0']) {
    assert.is(whyTooOld(version, { engines }), `Node ${version.slice(1)} is too old: 20.20 or later is needed`);
  }
});

manifest.run();
