import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_RECENT, remembering } from '../../../src/relay/access/recent.ts';

const recent = suite('recent');

recent('makes the same only once, within bounds', () => {
  const made: string[] = [];
  const get = remembering(text => {
    made.push(text);
    return { text };
  });
  assert.is(get('a'), get('a'));
  assert.equal(get('b'), { text: 'b' });
  assert.equal(made, ['a', 'b']);
  const long = 'x'.repeat(100);
  assert.equal([get(long), get(long)], [{ text: long }, { text: long }]);
  assert.is(made.length, 4, 'a long text is not remembered');
  for (let index = 0; index < MAX_RECENT; index++) get(`${index}`);
  made.length = 0;
  get('a');
  assert.equal(made, ['a'], 'the oldest were forgotten');
  get(`${MAX_RECENT - 1}`);
  assert.equal(made, ['a']);
});

recent.run();
