import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonString } from '../../src/relay/json-string.ts';

const quoted = suite('json-string');

quoted('is what JSON.stringify makes of a text', () => {
  const same = (text: string) => assert.is(jsonString(text), JSON.stringify(text));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), same));
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), same));
  for (let unit = 0; unit < 0x1_0000; unit++) same(`a${String.fromCharCode(unit)}`);
});

quoted.run();
