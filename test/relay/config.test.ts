import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseNetwork } from '../../src/relay/access/address.ts';
import { NOT_BUILT_YET } from '../../src/relay/config/variables.ts';
import { type Config, ConfigError, emptyVariables, readConfig } from '../../src/relay/config.ts';

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
    embedOrigins: undefined,
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
  for (const text of ['full', 'FULL', ' Full ']) assert.is(good({ DURABILITY: text }).durability, 'full');
  assert.is(good({ TRUST_PROXY: 'ON' }).trustProxy, 1);
  assert.is(good({ SHARED: 'ON' }).shared, true);
  assert.is(good({ LOG_LEVEL: 'INFO' }).logLevel, 'info');
  assert.is(good({ KEEP: '90D' }).keepMs, 7_776_000_000);
  assert.is(good({ LOG_ADDRESSES: 'on' }).logAddresses, true);
});

config('names the variable, its value and what it takes if the value is invalid', () => {
  assert.is(bad({ PORT: '80a' }), 'PORT is "80a", but takes a whole number from 0 to 65535');
  const wrong: Record<string, string[]> = {
    PORT: ['-1', '65536', '1.5', '0x10', '1e3'],
    HOST: ['http://x', 'a b', '[::1]', '127.0.0.1:8000', '::1:x', 'a,b', '*'],
    PUBLIC_ORIGIN: ['chat.example', 'ftp://chat.example', 'https://chat.example/path', 'https://'],
    HISTORY: ['0', '-5', 'many', '1000001', '1000000000'],
    DURABILITY: ['none'],
    RATE: ['-1', '0.5'],
    BURST: ['0'],
    MAX_CONNECTIONS: ['-1'],
    MAX_PER_ADDRESS: ['x'],
    TRUST_PROXY: [
      'maybe',
      'yes',
      'true',
      'no',
      '17',
      '10.0.0.0/33',
      '0.0.0.0/0',
      '::/0',
      '1, ::1',
      'proxy.example',
      '::ffff:10.0.0.0/8',
      '::ffff:0:0/96',
      '::/8',
    ],
    EMBED_ORIGINS: [
      'null',
      'https://a.example,null',
      '*,https://a.example',
      'https://*.example',
      'a.example',
      "'self'",
      'http://[::1]:3000',
      'https://a.example,https://a_b.example',
    ],
    ORIGINS: [
      'https://a.example,*',
      'a.example',
      'https://a.example/x',
      'https://a.example?x',
      'https://user@a.example',
      'https://*.example',
      'https://a.example;b.example',
      'https://a.example:*',
      ',',
    ],
    LOG_LEVEL: ['loud'],
    KEEP: ['30', '-1d', 'ever'],
    MAX_ROOMS: ['-1', '1e6'],
    MAX_DISK: ['10', '10gb', '-1g'],
    LOG_ADDRESSES: ['hashed', '1', 'yes', 'true', '0', 'false'],
    SHARED: ['yes', '1', 'no'],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) assert.ok(bad({ [name]: value }).startsWith(`${name} is `), `${name}=${value}`);
  }
});

config('takes the addresses and names that a server can listen on', () => {
  for (const host of ['127.0.0.1', '::1', '::', '::ffff:10.0.0.1', 'fe80::1%eth0', 'localhost', 'chat-1.example']) {
    assert.is(good({ HOST: host }).host, host);
  }
});

config('takes the origins of pages around a frame, by default none', () => {
  assert.is(good({}).embedOrigins, undefined);
  assert.is(good({ EMBED_ORIGINS: ' ' }).embedOrigins, undefined);
  assert.is(good({ EMBED_ORIGINS: '*' }).embedOrigins, '*');
  assert.equal(good({ EMBED_ORIGINS: 'https://A.example/, http://localhost:8080' }).embedOrigins, [
    'https://a.example',
    'http://localhost:8080',
  ]);
});

config('takes an origin in any form that means it, as a browser would send it', () => {
  const forms: [string, string][] = [
    ['https://Chat.Example', 'https://chat.example'],
    ['https://chat.example:443/', 'https://chat.example'],
    ['https://聊天.example', 'https://xn--rss932g.example'],
    ['http://[::1]:8000', 'http://[::1]:8000'],
    ['http://localhost:3000', 'http://localhost:3000'],
  ];
  for (const [written, sent] of forms) {
    assert.equal(good({ ORIGINS: written }).origins, [sent]);
    assert.is(good({ PUBLIC_ORIGIN: written }).publicOrigin, sent);
  }
});

config('says of a value at the edge of its range what the range is', () => {
  assert.match(bad({ KEEP: '40000d' }), '36525d');
  assert.match(bad({ MAX_DISK: '500k' }), '1m');
  assert.match(bad({ TRUST_PROXY: '0.0.0.0/0' }), 'but not all addresses');
  assert.match(bad({ HOST: '[::1]' }), 'without brackets and port');
});

config('finds the variables that are set to nothing', () => {
  assert.equal(emptyVariables({ FENCE: '', ORIGINS: ' ', PORT: '8000', PATH: '' }), ['ORIGINS', 'FENCE'].sort());
  assert.equal(emptyVariables({}), []);
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
