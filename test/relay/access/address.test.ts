import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalAddress, isIn, networksOf, parseNetwork } from '../../../src/relay/access/address.ts';

const address = suite('access/address');

address('has one form for every way to write an address', () => {
  const forms: Record<string, string[]> = {
    '192.0.2.1': [
      '192.0.2.1',
      ' 192.0.2.1 ',
      '192.0.2.1:8080',
      '::ffff:192.0.2.1',
      '::FFFF:c000:201',
      '[::ffff:192.0.2.1]:1',
    ],
    '2001:db8::1': ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', '[2001:db8::1]', '[2001:db8::1]:443', '2001:db8::0.0.0.1'],
    'fe80::1': ['fe80::1%eth0', '[fe80::1%25eth0]:80', 'fe80:0::1'],
    '::': ['::', '0:0:0:0:0:0:0:0'],
    '::1': ['::1', '[::1]'],
    '1::': ['1::', '1:0::0'],
    '2001:db8:0:1::2': ['2001:db8:0:1:0:0:0:2'],
    '1:0:2:3:4:5:6:7': ['1:0:2:3:4:5:6:7'],
  };
  for (const [canonical, texts] of Object.entries(forms)) {
    for (const text of texts) assert.is(canonicalAddress(text), canonical, text);
  }
});

address('is unknown if it is anything else', () => {
  const garbage = [
    '',
    ' ',
    'unknown',
    '-',
    '_hidden',
    'example.com',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4:',
  ];
  garbage.push(
    '1:2:3',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    'g::1',
    '12345::',
    '::1.2.3',
    '[::1',
    '::1]',
  );
  garbage.push('[1.2.3.4]x', '1.2.3.4, 5.6.7.8', '"[::1]:80"', '::1%', ':1:2:3:4:5:6:7', '\u0661.2.3.4', '1.2.3.4/32');
  for (const text of garbage) {
    assert.is(canonicalAddress(text), '', text);
    assert.equal(networksOf(text), { subscriber: '', site: undefined }, text);
  }
});

address('never throws, and its canonical form is its own', () => {
  const anyText = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.stringMatching(/^[[\]:.%\da-f]{0,40}$/));
  fc.assert(
    fc.property(anyText, text => {
      const canonical = canonicalAddress(text);
      assert.is(canonicalAddress(canonical), canonical);
      assert.equal(networksOf(canonical), networksOf(text));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => assert.is.not(canonicalAddress(text), '')),
    { numRuns: 500 },
  );
});

address('belongs to the network of its subscriber and, in IPv6, of its site', () => {
  const networks = (text: string) => [networksOf(text).subscriber, networksOf(text).site];
  assert.equal(networks('192.0.2.1:99'), ['192.0.2.1', undefined]);
  assert.equal(networks('::ffff:192.0.2.1'), ['192.0.2.1', undefined]);
  for (const same of ['2001:db8:1:2:3:4:5:6', '2001:0DB8:1:2::9', '[2001:db8:1:2::]:1']) {
    assert.equal(networks(same), ['2001:db8:1:2::/64', '2001:db8:1::/48'], same);
  }
  assert.equal(networks('2001:db8::1'), ['2001:db8::/64', '2001:db8::/48']);
});

address('is in a network that shares its leading bits', () => {
  const within = (text: string, network: string) =>
    isIn(
      text,
      [parseNetwork(network)].flatMap(found => found ?? []),
    );
  assert.ok(within('10.255.0.1', '10.0.0.0/8'));
  assert.ok(within('::ffff:10.1.1.1', '10.0.0.0/8'));
  assert.ok(within('10.1.1.1', '::ffff:10.0.0.0/104'));
  assert.not(within('11.0.0.1', '10.0.0.0/8'));
  assert.ok(within('192.0.2.129', '192.0.2.128/25'));
  assert.not(within('192.0.2.127', '192.0.2.128/25'));
  assert.ok(within('192.0.2.1', '192.0.2.1'));
  assert.not(within('192.0.2.2', '192.0.2.1/32'));
  assert.ok(within('2001:db8:7fff::1', '2001:db8::/33'));
  assert.not(within('2001:db8:8000::1', '2001:db8::/33'));
  assert.ok(within('::1', '::1/128'));
  assert.not(within('0.0.0.1', '::1'));
  assert.not(within('garbage', '10.0.0.0/8'));
});

address('is no network if its length cannot be right', () => {
  const wrong = [
    '',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '::/0',
    '::1/129',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0.0/8/8',
    'x/8',
    '10.0.0.0:80',
  ];
  for (const text of [...wrong, '[::1]/128', 'fe80::1%eth0/64']) assert.is(parseNetwork(text), undefined, text);
});

address.run();
