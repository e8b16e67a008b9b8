import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Rotation } from '../../src/relay/rotation.ts';

const rotation = suite('rotation');

rotation('serves its sources in turns, and each in order', () => {
  const waiting = new Rotation<string>();
  for (const work of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) waiting.add(work, work[0]);
  const taken = () => waiting.take()?.work;
  assert.equal([taken(), taken()], ['a1', 'b1']);
  waiting.add('b2', 'b');
  waiting.add('d1', 'd');
  assert.equal([taken(), taken(), taken(), taken(), taken(), taken()], ['c1', 'a2', 'b2', 'd1', 'c2', 'a3']);
  assert.ok(waiting.isEmpty);
  assert.is(waiting.take(), undefined);
  waiting.add('a4', 'a');
  assert.equal(waiting.take(), { work: 'a4', source: 'a' });
});

rotation.run();
