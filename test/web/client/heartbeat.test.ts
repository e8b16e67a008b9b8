import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createHeartbeat } from '../../../src/web/client/heartbeat.ts';
import { createTimers } from '../../../src/web/client/timers.ts';
import { HandClock } from '../../support/clock.ts';

const heartbeat = suite('heartbeat');

function begin(interval = 3000) {
  const clock = new HandClock();
  const log: string[] = [];
  const pace = { interval };
  const timers = createTimers(clock);
  const died = () => {
    timers.clearAll();
    log.push('dead');
  };
  const heart = createHeartbeat(clock, timers, {
    interval: () => pace.interval,
    ping: () => log.push('ping'),
    dead: died,
  });
  return { clock, log, pace, heart };
}

heartbeat('counts 10 s from the first ping without a sign of life, not from the last', () => {
  const { clock, log } = begin();
  clock.wind(12_999);
  assert.equal(log, ['ping', 'ping', 'ping', 'ping']);
  clock.wind(1);
  assert.is(log.at(-1), 'dead');
  assert.is(clock.pending, 0);
});

heartbeat('never pings without a pause, whatever the interval', () => {
  for (const interval of [2 ** 31 - 1, 2 ** 31, 1e100, Number.POSITIVE_INFINITY, Number.NaN, -1, -(2 ** 31)]) {
    const { clock, log } = begin(interval);
    clock.wind(86_400_000);
    assert.equal(log, [], `${interval}`);
  }
});

heartbeat('accepts any frame as a sign of life', () => {
  const { clock, log, heart } = begin();
  for (let i = 0; i < 10; i++) {
    clock.wind(9999);
    heart.onMessage();
  }
  assert.not(log.includes('dead'));
});

heartbeat('gives a probe 5 s, also while a ping is pending and when pings are off', () => {
  for (const interval of [3000, 0]) {
    const { clock, log, heart } = begin(interval);
    clock.wind(3000);
    heart.probe();
    clock.wind(4999);
    assert.not(log.includes('dead'));
    clock.wind(1);
    assert.is(log.at(-1), 'dead');
  }
});

heartbeat('times the oldest unanswered ping, once', () => {
  const { clock, heart } = begin();
  assert.is(heart.onPong(), undefined);
  clock.wind(3000);
  clock.wind(3400);
  assert.is(heart.onPong(), 3400);
  assert.is(heart.onPong(), undefined, 'the answer to the second');
});

heartbeat('probes first if its timers are late, but only once', () => {
  const { clock, log } = begin(25_000);
  clock.wind(25_000);
  clock.sleep(60_000);
  clock.wind(0);
  assert.not(log.includes('dead'), 'asleep, not dead');
  clock.sleep(60_000);
  clock.wind(0);
  assert.is(log.at(-1), 'dead', 'late again, and nothing received in between');
});

heartbeat('applies a new interval at once', () => {
  const { clock, log, pace, heart } = begin(25_000);
  pace.interval = 3000;
  heart.start();
  clock.wind(3000);
  assert.equal(log, ['ping']);
});

heartbeat.run();
