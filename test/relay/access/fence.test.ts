import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fence, FenceError, MAX_FENCE_RULES, parseFence } from '../../../src/relay/access/fence.ts';

const fence = suite('fence');

const ID = 'Zk3vQ0cXq2m8wYh1bT5dNg';

function fenceOf(...lines: string[]): Fence {
  const rules = parseFence(lines.join('\n'));
  if (rules instanceof FenceError) throw new Error(rules.message);
  return new Fence(rules);
}

function wrong(...lines: string[]): string {
  const rules = parseFence(lines.join('\n'));
  if (!(rules instanceof FenceError)) throw new Error('it was accepted');
  return rules.message;
}

fence('without rules allows every room, address and person', () => {
  for (const none of [new Fence(), fenceOf(''), fenceOf('# a comment', '', '   ')]) {
    assert.ok(none.allows('192.0.2.1', 'lobby', ID));
    assert.ok(none.allows('', 'any'));
  }
});

fence('allows only the rooms that are named, once one is', () => {
  const rooms = fenceOf('room lobby', '  room   class-*  ', 'room 大厅\r');
  for (const room of ['lobby', 'class-', 'class-5b', '大厅']) assert.ok(rooms.allows('192.0.2.1', room), room);
  for (const room of ['Lobby', 'lobby2', 'class', 'my-class-1', '大'])
    assert.not(rooms.allows('192.0.2.1', room), room);
  assert.ok(fenceOf('room *', 'room a').allows('', 'anything'));
  assert.ok(fenceOf('room cafe\u0301').allows('', 'caf\u00e9'), 'rooms are named in NFC');
});

fence('blocks networks, in every form of an address', () => {
  const networks = fenceOf('network 203.0.113.0/24', 'network 2001:db8:5::/48', 'network 198.51.100.7');
  const blocked = [
    '203.0.113.0',
    '203.0.113.255',
    '::ffff:203.0.113.9',
    '2001:db8:5:1::1',
    '2001:DB8:5::',
    '198.51.100.7',
  ];
  for (const address of blocked) {
    assert.not(networks.allows(address, 'lobby'), address);
    assert.not(networks.allows(address, 'lobby'), `${address} again`);
  }
  for (const address of ['203.0.114.0', '2001:db8:6::1', '198.51.100.8', '', 'unknown']) {
    assert.ok(networks.allows(address, 'lobby'), address);
  }
});

fence('blocks public ids', () => {
  const ids = fenceOf(`id ${ID}`);
  assert.not(ids.allows('192.0.2.1', 'lobby', ID));
  assert.ok(ids.allows('192.0.2.1', 'lobby', ID.toLowerCase()));
  assert.ok(ids.allows('192.0.2.1', 'lobby'), 'who it is, is not known yet');
});

fence('names the line that is not a rule', () => {
  assert.is(
    wrong('# rooms', 'room lobby', 'rooms tea'),
    'line 3 is not of the form "room NAME", "room BEGINNING*", "network ADDRESS/BITS" or "id PUBLIC-ID"',
  );
  assert.match(wrong('room'), /^line 1 is not of the form/);
  assert.match(wrong('room a b'), /^line 1 is not of the form/);
  assert.match(wrong('room a/b'), /^line 1 has a name/);
  assert.match(wrong('room a/*'), /^line 1 has a beginning/);
  assert.match(wrong('', 'network 203.0.113.0/33'), /^line 2 has no network/);
  assert.match(wrong('network 203.0.113'), /^line 1 has no network/);
  assert.match(wrong('network 0.0.0.0/0'), /^line 1 has no network/, 'it would block everyone');
  assert.match(wrong('id someone'), /^line 1 has no public id/);
  assert.match(wrong('{"rooms": []}'), /^line 1 is not of the form/);
});

fence('takes a bounded number of rules', () => {
  const many = Array.from({ length: MAX_FENCE_RULES }, (_, index) => `room r${index}`);
  assert.ok(fenceOf(...many).allows('', 'r77'));
  assert.match(wrong(...many, 'room x'), /^line 10001 is one rule more/);
  assert.match(wrong('#'.repeat(2_000_000)), /^it has more than/);
});

fence('answers by the rules that it has now', () => {
  const changing = fenceOf('network 203.0.113.0/24');
  assert.not(changing.allows('203.0.113.1', 'a'));
  const rules = parseFence('network 192.0.2.0/24');
  if (rules instanceof FenceError) throw new Error(rules.message);
  changing.replace(rules);
  assert.ok(changing.allows('203.0.113.1', 'a'));
  assert.not(changing.allows('192.0.2.1', 'a'));
});

fence.run();
