import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Batch, BINARY, TEXT } from '../../../src/relay/room/batch.ts';

const batch = suite('batch');

batch('is encoded once per opcode, however many readers it goes to', () => {
  const made: number[] = [];
  const encode = (payloads: readonly string[], opcode: number) => {
    made.push(opcode);
    return new TextEncoder().encode(`${opcode}${payloads.join('')}`);
  };
  const one = new Batch(['a', 'b']);
  const text = one.encoded(TEXT, encode);
  for (let i = 0; i < 1000; i++) assert.is(one.encoded(TEXT, encode), text);
  const binary = one.encoded(BINARY, encode);
  assert.is(one.encoded(BINARY, encode), binary);
  assert.equal(made, [TEXT, BINARY]);
  assert.is(new TextDecoder().decode(binary), '2ab');
});

batch.run();
