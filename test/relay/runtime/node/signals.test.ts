import { EventEmitter } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listenToSignals } from '../../../../src/relay/runtime/node/signals.ts';
import { HandClock } from '../../../support/clock.ts';

const signals = suite('runtime/node/signals');

function open() {
  const [source, clock, calls] = [new EventEmitter(), new HandClock(), [] as string[]];
  listenToSignals({
    source,
    now: clock.now,
    onFirst: signal => calls.push(`first ${signal}`),
    onFurther: signal => calls.push(`further ${signal}`),
  });
  return { clock, calls, send: (signal: string) => assert.ok(source.emit(signal, signal), `${signal} is not heard`) };
}

signals('the first of four shuts down, and any second one ends', () => {
  for (const first of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']) {
    for (const second of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']) {
      const { clock, calls, send } = open();
      send(first);
      clock.wind(300);
      send(second);
      assert.equal(calls, [`first ${first}`, `further ${second}`]);
    }
  }
});

signals('the same signal twice in a moment is one, as when npm passes on a Ctrl-C', () => {
  const { clock, calls, send } = open();
  send('SIGINT');
  clock.wind(100);
  send('SIGINT');
  assert.equal(calls, ['first SIGINT']);
  send('SIGTERM');
  assert.equal(calls, ['first SIGINT', 'further SIGTERM']);
});

signals('those for a program of its own do nothing', () => {
  const { calls, send } = open();
  for (const signal of ['SIGUSR1', 'SIGUSR2']) send(signal);
  assert.equal(calls, []);
});

signals.run();
