import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isIn, parseNetwork } from '../../../src/relay/access/address.ts';
import { NetworkSet } from '../../../src/relay/access/network-set.ts';

const set = suite('network set');

const parse = (texts: readonly string[]) => texts.flatMap(text => parseNetwork(text) ?? []);

set('has the addresses of its networks, and no other, in any form', () => {
  const networks = new NetworkSet(parse(['10.0.0.0/8', '10.1.0.0/16', '192.0.2.7', '2001:db8::/33', '::1']));
  const inside = ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3', '192.0.2.7:99', '[2001:DB8:7fff:ffff::1]:1', '::1'];
  for (const address of inside) assert.ok(networks.has(address), address);
  const outside = ['9.255.255.255', '11.0.0.0', '192.0.2.6', '192.0.2.8', '2001:db8:8000::', '::2', '::', '', 'x'];
  for (const address of outside) assert.not(networks.has(address), address);
  assert.not(new NetworkSet().has('10.0.0.0'));
});

set('agrees with every network asked for itself', () => {
  // Few different bits, so that networks contain and touch each other.
  const v4 = fc.tuple(fc.constantFrom('1', '2'), fc.constantFrom('0', '1', '255')).map(([a, b]) => `10.${b}.0.${a}`);
  const v6 = fc.tuple(fc.constantFrom('1', '8000'), fc.constantFrom('', 'ffff')).map(([a, b]) => `2001:${a}::${b}`);
  const network = fc.oneof(
    fc.tuple(v4, fc.constantFrom(8, 15, 16, 31, 32)).map(([text, bits]) => `${text}/${bits}`),
    fc.tuple(v6, fc.constantFrom(1, 17, 32, 112, 127, 128)).map(([text, bits]) => `${text}/${bits}`),
  );
  fc.assert(
    fc.property(fc.array(network, { maxLength: 8 }), fc.oneof(v4, v6), (texts, address) => {
      const networks = parse(texts);
      assert.is(new NetworkSet(networks).has(address), isIn(address, networks), `${address} in ${texts}`);
    }),
    { numRuns: 500 },
  );
});

set.run();
