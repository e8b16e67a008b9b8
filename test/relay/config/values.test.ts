import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BYTES, DURATION, oneOf } from '../../../src/relay/config/values.ts';

const values = suite('config: values');

values('a duration has a unit, except 0', () => {
  const read: [string, number | undefined][] = [
    ['0', 0],
    ['90s', 90_000],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
    ['0d', undefined],
    ['30', undefined],
    ['1.5h', undefined],
    ['-1d', undefined],
    ['30D', 2_592_000_000],
    ['36525d', 3_155_760_000_000],
    ['36526d', undefined],
    ['30 d', undefined],
    ['1w', undefined],
    ['40000d', undefined],
  ];
  for (const [text, ms] of read) assert.is(DURATION.read(text), ms, text);
});

values('an amount of bytes may have a unit, and is not so small that it must be a mistake', () => {
  const read: [string, number | undefined][] = [
    ['0', 0],
    ['500m', 524_288_000],
    ['10g', 10_737_418_240],
    ['10G', 10_737_418_240],
    ['2t', 2_199_023_255_552],
    ['1048576', 1_048_576],
    ['10', undefined],
    ['1000k', undefined],
    ['10gb', undefined],
    ['1.5g', undefined],
    ['-1g', undefined],
    ['999999999999999t', undefined],
  ];
  for (const [text, bytes] of read) assert.is(BYTES.read(text), bytes, text);
});

values('a choice lists what there is to choose', () => {
  const kind = oneOf('a', 'b', 'c');
  assert.is(kind.takes, 'a, b or c');
  assert.is(kind.read('b'), 'b');
  assert.is(kind.read('B'), 'b');
  assert.is(kind.read('d'), undefined);
});

values.run();
