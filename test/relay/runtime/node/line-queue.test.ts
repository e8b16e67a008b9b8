import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LineQueue } from '../../../../src/relay/runtime/node/line-queue.ts';
import { fileOutput } from '../../../../src/relay/runtime/node/log-output.ts';
import { HandClock } from '../../../support/clock.ts';

const queue = suite('runtime/node/line-queue');

/** A queue in front of an output that takes nothing until the test says so. */
function open() {
  const clock = new HandClock();
  const writes: { lines: string; written: (error?: unknown) => void }[] = [];
  let taken = '';
  const lines = new LineQueue(
    { write: (lines, written) => writes.push({ lines, written }) },
    { clock, onDropped: count => lines.write(`${count} dropped\n`) },
  );
  return {
    clock,
    lines,
    writes,
    /** The output takes what was written to it, and what is written to it at once after that. */
    flow(error?: unknown) {
      for (let next = writes.shift(); next; next = writes.shift()) {
        if (!error) taken += next.lines;
        next.written(error);
      }
    },
    taken: () => taken,
  };
}

queue('writes each line at once while the output takes them, and otherwise all that wait in one go', () => {
  const { lines, writes, flow, taken } = open();
  lines.write('one\n');
  assert.is(writes[0]?.lines, 'one\n');
  lines.write('two\n');
  lines.write('three\n');
  assert.is(writes.length, 1);
  flow();
  assert.is(taken(), 'one\ntwo\nthree\n');
});

queue('keeps a bounded number of characters, drops whole lines, and tells their number once lines flow again', () => {
  const { clock, lines, flow, taken } = open();
  const line = `${'x'.repeat(999)}\n`;
  for (let count = 0; count < 900; count++) lines.write(line);
  clock.wind(60_000);
  flow();
  assert.is(taken().length, 262_000, 'what waited is written');
  assert.not.match(taken(), 'dropped');
  clock.wind(1000);
  flow();
  assert.match(taken(), /x\n638 dropped\n$/);
  lines.write('more\n');
  flow();
  clock.wind(60_000);
  assert.match(taken(), /638 dropped\nmore\n$/, 'it is told once');
  assert.is(clock.pending, 0);
});

queue('counts lines that the output fails to write, and goes on when it works again', () => {
  const { clock, lines, flow, taken } = open();
  for (let count = 0; count < 5; count++) lines.write('lost\n');
  flow(new Error('ENOSPC'));
  clock.wind(20_000);
  flow();
  assert.is(taken(), '5 dropped\n');
});

queue('an output that fails for ever costs one attempt a second', () => {
  const { clock, lines, flow, writes } = open();
  lines.write('lost\n');
  flow(new Error('EPIPE'));
  let attempts = 0;
  for (let second = 0; second < 100; second++) {
    clock.wind(1000);
    attempts += writes.length;
    flow(new Error('EPIPE'));
  }
  assert.ok(attempts <= 100, `${attempts}`);
  assert.is(clock.pending, 1);
});

queue('takes at most a thousand lines in ten seconds, and tells how many more there were', () => {
  const { clock, lines, flow, taken } = open();
  for (let second = 0; second < 10; second++) {
    for (let count = 0; count < 10_000; count++) lines.write('flood\n');
    flow();
    clock.wind(1000);
  }
  flow();
  assert.is(taken().split('flood').length - 1, 1000);
  clock.wind(10_000);
  flow();
  assert.match(taken(), /^(flood\n){1000}99000 dropped\n$/);
});

queue('ends as soon as everything is written, and no later than it must', () => {
  const ended: string[] = [];
  const flowing = open();
  flowing.lines.end(500, () => ended.push('empty'));
  assert.equal(ended, ['empty']);
  flowing.lines.write('last\n');
  flowing.lines.end(500, () => ended.push('written'));
  assert.is(ended.length, 1);
  flowing.flow();
  assert.equal(ended, ['empty', 'written']);
  flowing.clock.wind(1000);
  const stuck = open();
  stuck.lines.write('last\n');
  stuck.lines.end(500, () => ended.push('late'));
  stuck.clock.wind(499);
  assert.is(ended.length, 2);
  stuck.clock.wind(1);
  stuck.flow();
  assert.equal(ended, ['empty', 'written', 'late']);
});

queue('a file gets whole lines, however little it takes at a time and whenever it fails', () => {
  const step = fc.oneof(fc.nat({ max: 30 }), fc.constant('ENOSPC'));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), given => {
      const [steps, pieces] = [[...given], [] as Buffer[]];
      const output = fileOutput(1, (_descriptor, buffer, done) => {
        const next = steps.shift() ?? buffer.length;
        if (typeof next === 'string') return done(new Error(next), 0);
        const some = buffer.subarray(0, Math.max(1, next));
        pieces.push(some);
        done(null, some.length);
      });
      const kept: string[] = [];
      for (let index = 0; index < 20; index++) {
        const line = `{"line":${index},"text":"字"}`;
        output.write(`${line}\n`, error => {
          if (!error) kept.push(line);
        });
      }
      const file = Buffer.concat(pieces).toString();
      const lines = file.split('\n');
      for (const line of kept) assert.ok(lines.includes(line), `${line} in ${file}`);
    }),
  );
});

queue.run();
