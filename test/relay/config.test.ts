import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseNetwork } from '../../src/relay/access/address.ts';
import { NOT_BUILT_YET } from '../../src/relay/config/variables.ts';
import { type Config, ConfigError, readConfig } from '../../src/relay/config.ts';

const config = suite('config');

function good(env: Record<string, unknown>): Config {
  const read = readConfig(env);
  if (read instanceof ConfigError) throw new Error(read.message);
  return read;
}

function bad(env: Record<string, string>): string {
  const read = readConfig(env);
  if (!(read instanceof ConfigError)) throw new Error(`${JSON.stringify(env)} was accepted`);
  return read.message;
}

config('has a default for everything', () => {
  assert.equal(good({}), {
    port: 8000,
    host: undefined,
    publicOrigin: undefined,
    data: 'data/heartline.db',
    history: 10_000,
    keepMs: 0,
    durability: 'normal',
    shared: false,
    rate: 5,
    burst: 20,
    maxConnections: 10_000,
    maxPerAddress: 200,
    maxRooms: 100_000,
    maxDisk: 0,
    fence: undefined,
    trustProxy: 0,
    origins: '*',
    logLevel: 'info',
    logAddresses: false,
  });
});

config('accepts valid values', () => {
  assert.is(good({ PORT: '0' }).port, 0);
  assert.is(good({ PORT: '' }).port, 8000, 'an empty value counts as unset');
  assert.is(good({ RATE: '0' }).rate, 0);
  assert.is(good({ TRUST_PROXY: 'on' }).trustProxy, 1);
  assert.is(good({ TRUST_PROXY: 'off' }).trustProxy, 0);
  assert.is(good({ TRUST_PROXY: '2' }).trustProxy, 2);
  assert.equal(good({ TRUST_PROXY: '10.0.0.0/8, ::1' }).trustProxy, [parseNetwork('10.0.0.0/8'), parseNetwork('::1')]);
  assert.is(good({ PUBLIC_ORIGIN: 'https://chat.example/' }).publicOrigin, 'https://chat.example');
  assert.equal(good({ ORIGINS: 'https://a.example, http://b.example:8080,null' }).origins, [
    'https://a.example',
    'http://b.example:8080',
    'null',
  ]);
  assert.is(good({ DURABILITY: 'full' }).durability, 'full');
  assert.is(good({ LOG_ADDRESSES: 'on' }).logAddresses, true);
});

config('names the variable, its value and what it takes if the value is invalid', () => {
  assert.is(bad({ PORT: '80a' }), 'PORT is "80a", but takes a whole number from 0 to 65535');
  const wrong: Record<string, string[]> = {
    PORT: ['-1', '65536', '1.5', '0x10', '1e3'],
    HOST: ['http://x', 'a b'],
    PUBLIC_ORIGIN: ['chat.example', 'ftp://chat.example', 'https://chat.example/path', 'https://'],
    HISTORY: ['0', '-5', 'many', '1000001', '1000000000'],
    DURABILITY: ['none', 'FULL'],
    RATE: ['-1', '0.5'],
    BURST: ['0'],
    MAX_CONNECTIONS: ['-1'],
    MAX_PER_ADDRESS: ['x'],
    TRUST_PROXY: ['maybe', 'yes', 'true', 'no', 'ON', '17', '10.0.0.0/33', '0.0.0.0/0', 'proxy.example'],
    ORIGINS: ['https://a.example,*', 'a.example', 'https://a.example/x', ','],
    LOG_LEVEL: ['loud'],
    KEEP: ['30', '-1d', 'ever'],
    MAX_ROOMS: ['-1', '1e6'],
    MAX_DISK: ['10', '10gb', '-1g'],
    LOG_ADDRESSES: ['hashed', '1', 'yes', 'true', '0', 'false', 'ON'],
    SHARED: ['yes', '1', 'no'],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) assert.ok(bad({ [name]: value }).startsWith(`${name} is `), `${name}=${value}`);
  }
});

config('rejects a variable whose feature is not built, without printing a secret', () => {
  for (const name of NOT_BUILT_YET) {
    assert.is(bad({ [name]: 'hunter2' }), `${name} has no effect in this version: leave it out`);
    assert.match(bad({ [name]: '' }), name, 'also if it is empty, because the operator expects an effect');
  }
});

config('reads the variables of a Worker, which need not be text', () => {
  const { history, origins } = good({ HISTORY: 50, ORIGINS: 'https://a.example', ROOMS: {}, ASSETS: {} });
  assert.equal([history, origins], [50, ['https://a.example']]);
});

config.run();
