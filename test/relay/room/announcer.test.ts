import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Rig } from '../../support/rig.ts';

const announcer = suite('announcer');

announcer('a fault at one reader closes that one, and the others still hear who came and who is typing', () => {
  const rig = new Rig();
  const [a, broken, c] = [rig.join('a'), rig.join('b'), rig.join('c')];
  for (const client of [a, broken, c]) client.read();
  broken.socket.broken = true;
  rig.connect().hello('d');
  rig.clock.wind(1000);
  for (const client of [a, c]) assert.is(client.readOf('people').length, 1);
  assert.is(broken.socket.closedWith?.code, 1011);
  assert.is(rig.faults.length, 1);
  c.send({ type: 'typing' });
  assert.is(a.readOf('typing').length, 1);
  assert.is(rig.faults.length, 1, 'a closed reader is written to no more');
});

announcer.run();
