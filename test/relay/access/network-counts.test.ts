import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { networksOf } from '../../../src/relay/access/address.ts';
import { NetworkCounts } from '../../../src/relay/access/network-counts.ts';

const counts = suite('access/network-counts');

counts('says when a subscriber has too many, or a site ten times as many', () => {
  const counts = new NetworkCounts();
  const v4 = networksOf('192.0.2.1');
  assert.equal([counts.enter(v4, 2), counts.enter(v4, 2), counts.enter(v4, 2)], [false, false, true]);
  counts.leave(v4);
  counts.leave(v4);
  assert.not(counts.enter(v4, 2));
  const site = Array.from({ length: 21 }, (_, at) => networksOf(`2001:db8:1:${at}::1`));
  assert.equal(
    site.map(networks => counts.enter(networks, 2)),
    [...Array(20).fill(false), true],
  );
});

counts('knows how many a subscriber has, and how full the fullest network is: a site has room for ten', () => {
  const counts = new NetworkCounts();
  assert.is(counts.fullest(), 0);
  const [v4, v6] = [networksOf('192.0.2.1'), networksOf('2001:db8::1')];
  for (let at = 0; at < 3; at++) counts.enter(v4, 1);
  counts.enter(v6, 1);
  counts.enter(networksOf('2001:db8:0:1::1'), 1);
  counts.enter(networksOf('2001:db8:0:2::1'), 1);
  counts.enter(networksOf('2001:db8:0:3::1'), 1);
  assert.equal([counts.of(v4.subscriber), counts.of(v6.subscriber), counts.of('192.0.2.9')], [3, 1, 0]);
  assert.is(counts.fullest(), 3);
  assert.equal([counts.fullness(v4), counts.fullness(v6)], [3, 1]);
  for (let at = 0; at < 60; at++) counts.enter(networksOf(`2001:db8:0:${at}::2`), 100);
  assert.equal([counts.fullest(), counts.fullness(networksOf('2001:db8:0:ffff::1'))], [6.4, 6.4]);
});

counts.run();
