import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pick, secondsOf, wholeNumber } from '../../bench/options.ts';

const options = suite('options');

options('pick by names in the order of the list, all without names', () => {
  const all = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
  assert.equal(pick(all, undefined), all);
  assert.equal(pick(all, 'c,a'), [{ name: 'a' }, { name: 'c' }]);
  assert.throws(() => pick(all, 'a,x'), 'there is no x; there are a, b, c');
});

options('take whole numbers from 1, and refuse the rest', () => {
  assert.is(wholeNumber('pairs', '11'), 11);
  for (const text of ['0', '-1', '1.5', '', 'x', '1e3', '1234567'])
    assert.throws(() => wholeNumber('pairs', text), '--pairs takes a whole number');
});

options('make a setting of the load generator of seconds, and refuse the rest', () => {
  assert.equal(secondsOf('warm', undefined), []);
  assert.equal(secondsOf('warm', '0'), ['warm=0']);
  assert.equal(secondsOf('seconds', '2.5'), ['seconds=2.5']);
  for (const text of ['-1', '', 'x', '100', '1 2'])
    assert.throws(() => secondsOf('seconds', text), '--seconds takes a number of seconds');
});

options.run();
