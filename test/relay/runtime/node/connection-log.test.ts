import pino from 'pino';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DIALECTS } from '../../../../src/relay/room/dialect.ts';
import { ConnectionLog } from '../../../../src/relay/runtime/node/connection-log.ts';
import { HandClock } from '../../../support/clock.ts';

const log = suite('runtime/node/connection-log');

function open({ level = 'info', addresses = false } = {}) {
  const clock = new HandClock();
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level, base: null, timestamp: false }, { write: line => lines.push(JSON.parse(line)) });
  return { clock, lines, log: new ConnectionLog(logger, { clock, addresses, connections: () => 7 }) };
}

const from = (address: string) => ({ room: 'tea', dialect: DIALECTS.v1, address });

log('a crowd is one line in ten seconds, and silence is none', () => {
  const { clock, lines, log } = open();
  clock.wind(60_000);
  assert.equal(lines, []);
  for (let count = 0; count < 10_000; count++) {
    log.opened(from('192.0.2.1'));
    log.closed(from('192.0.2.1'), 1006, false);
  }
  clock.wind(60_000);
  assert.equal(lines, [{ level: 30, connections: 7, opened: 10_000, closed: 10_000, msg: 'connections' }]);
  assert.is(clock.pending, 0);
});

log('refusals are counted by reason, and one network that is refused again and again can be told from many', () => {
  const { lines, log } = open();
  for (let count = 0; count < 100; count++) log.refused('2001:db8::1', 'too-many');
  for (let count = 0; count < 5000; count++) log.refused(`10.0.${count >> 8}.${count & 255}`, 'full');
  log.flush();
  assert.equal(lines[0]?.refused, { 'too-many': 100, full: 5000 });
  assert.equal([lines[0]?.networks, lines[0]?.mostOfOneNetwork], [1000, 100]);
});

log('connections that the relay has closed for being too fast are counted, until they have been told', () => {
  const { clock, lines, log } = open();
  for (const tooFast of [true, false, true]) {
    log.opened(from('192.0.2.1'));
    log.closed(from('192.0.2.1'), 4429, tooFast);
  }
  clock.wind(60_000);
  log.opened(from('192.0.2.1'));
  log.flush();
  assert.equal([lines[0]?.closed, lines[0]?.tooFast, lines[1]?.tooFast], [3, 2, undefined]);
});

log('there is a line for each connection at debug', () => {
  const { lines, log } = open({ level: 'debug' });
  log.opened(from('192.0.2.1'));
  log.closed(from('192.0.2.1'), 1000, false);
  log.refused('192.0.2.1', 'full');
  const [opened, closed, refused] = lines;
  assert.equal([opened?.room, opened?.dialect, closed?.code, refused?.code], ['tea', 'v1', 1000, 'full']);
});

log('addresses are written only if they are asked for, at whatever level', () => {
  for (const addresses of [false, true]) {
    const { lines, log } = open({ level: 'trace', addresses });
    log.opened(from('192.0.2.1'));
    log.closed(from('192.0.2.1'), 1000, false);
    log.refused('192.0.2.1', 'full');
    log.flush();
    assert.is(lines.filter(line => JSON.stringify(line).includes('192.0.2')).length, addresses ? 4 : 0);
  }
});

log('what was not told yet is told at the end, once', () => {
  const { clock, lines, log } = open();
  log.opened(from('192.0.2.1'));
  log.flush();
  log.flush();
  clock.wind(60_000);
  assert.is(lines.length, 1);
});

log.run();
