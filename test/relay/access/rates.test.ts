/** The rates of connections and addresses, asked through the gate as a room asks it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Gate } from '../../../src/relay/access/gate.ts';
import type { Visit } from '../../../src/relay/access/visit.ts';
import { DIALECTS } from '../../../src/relay/room/dialect.ts';

const rates = suite('rates');

const TICK_MS = 1000;

function open(gate: Gate, address = '192.0.2.1', room = 'a'): Visit {
  return gate.open({ room, dialect: DIALECTS.v1, address });
}

function makeGate(config: { readonly rate?: number; readonly maxPerAddress?: number } = {}, tickMs = TICK_MS): Gate {
  const open = { rate: 5, burst: 20, maxConnections: 0, maxPerAddress: 200, publicOrigin: undefined };
  return new Gate({ ...open, origins: '*', ...config }, { tickMs });
}

/** What becomes of a message: `stored`, or for how long it is refused (ms). A connection that is to be closed is `0`. */
function say(visit: Visit, now: number, isNewcomer = false): 'stored' | number {
  if (visit.count(now, 100) === 'close') return 0;
  const refusal = visit.take(now) ?? visit.takeMessage(isNewcomer);
  return refusal === undefined ? 'stored' : (refusal.retryMs ?? 0);
}

let state = 1;
/** Random numbers from 0 to 1, the same at each run (Park and Miller's generator). */
function random(): number {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
}

/** How many of so many messages at once are stored. */
function sayMany(visit: Visit, count: number, now: number, isNewcomer = false): number {
  return Array.from({ length: count }, () => say(visit, now, isNewcomer)).filter(what => what === 'stored').length;
}

rates('are full again after the ten seconds without a frame in which a room on Workers may fall asleep', () => {
  const [gate, now, asleep] = [makeGate(), 1_000_000, 10_000];
  const stored = (at: number) => {
    let count = 0;
    for (let index = 0; index < 190; index++) {
      const visit = open(gate, undefined, index % 2 ? 'a' : `${index}`);
      for (let frame = 0; frame < 100; frame++) visit.count(at, 100);
      count += sayMany(visit, 20, at, index % 3 === 0);
      visit.end();
    }
    return count;
  };
  const atOnce = stored(now);
  assert.ok(atOnce > 0);
  assert.is(stored(now + asleep), atOnce);
});

rates('an address is not faster with more connections, and not with new ones', () => {
  const [gate, now] = [makeGate(), 1_000_000];
  let stored = 0;
  for (let index = 0; index < 200; index++) stored += sayMany(open(gate, undefined, `${index}`), 20, now);
  assert.is(stored, 100);
  for (let second = 1; second <= 10; second++) {
    for (let index = 0; index < 50; index++) {
      const visit = open(gate, undefined, `${index}`);
      stored += sayMany(visit, 20, now + second * 1000);
      visit.end();
    }
  }
  assert.is(stored, 100 + 10 * 20);
});

rates('an address takes nothing from another', () => {
  const [gate, now] = [makeGate(), 1_000_000];
  for (let index = 0; index < 200; index++) sayMany(open(gate), 20, now);
  assert.is(sayMany(open(gate, '192.0.2.2'), 20, now), 20);
});

rates('an IPv6 address is its first 64 bits, and those of its first 48 bits have ten times as much', () => {
  const [gate, now] = [makeGate(), 1_000_000];
  const from = (address: string) => {
    let stored = 0;
    for (let index = 0; index < 50; index++) stored += sayMany(open(gate, address, `${index}`), 20, now);
    return stored;
  };
  assert.is(from('2001:db8:1:1::1'), 100);
  assert.is(from('2001:db8:1:1::2'), 0);
  for (let index = 2; index <= 10; index++) assert.is(from(`2001:db8:1:${index}::1`), 100);
  assert.is(from('2001:db8:1:11::1'), 0);
  assert.is(from('2001:db8:2:1::1'), 100);
});

rates('newcomers of one address share less in a room, and those who have spoken there do not wait for them', () => {
  const [gate, now] = [makeGate(), 1_000_000];
  let stored = 0;
  for (let index = 0; index < 60; index++) stored += sayMany(open(gate), 1, now, true);
  assert.is(stored, 40);
  assert.is(sayMany(open(gate), 5, now), 5);
  assert.is(sayMany(open(gate, undefined, 'b'), 5, now, true), 5, 'in another room');
  for (let second = 1; second <= 10; second++) stored += sayMany(open(gate), 20, now + second * 1000, true);
  assert.is(stored, 40 + 10 * 5);
});

rates('an address replaces less than a twentieth of 10,000 messages in a minute, whoever it is in the room', () => {
  for (const isNewcomer of [true, false]) {
    const gate = makeGate();
    let stored = 0;
    for (let now = 1_000_000; now < 1_060_000; now += 100) {
      gate.sampleLoad(0, now);
      const visits = Array.from({ length: 20 }, () => open(gate));
      for (const visit of visits) stored += sayMany(visit, 20, now, isNewcomer);
      for (const visit of visits) visit.end();
    }
    assert.ok(stored > 300 && stored < 500, `${stored}`);
  }
});

rates('a site replaces less than a sixth of 10,000 messages in a minute, with any number of addresses', () => {
  for (const isNewcomer of [true, false]) {
    const gate = makeGate();
    const visits = Array.from({ length: 100 }, (_, index) => open(gate, `2001:db8:1:${index.toString(16)}::1`));
    let stored = 0;
    for (let now = 1_000_000; now < 1_060_000; now += 200) {
      gate.sampleLoad(0, now);
      for (const visit of visits) stored += sayMany(visit, 1, now, isNewcomer);
    }
    assert.ok(stored > 900 && stored < 1666, `${stored}`);
    assert.is(say(open(gate, '2001:db8:1:ff::1', 'b'), 1_060_000), 'stored', 'in another room');
  }
});

rates('30 pupils behind one address are refused nothing at 10 messages a minute', () => {
  for (const pause of [() => 6000, () => -6000 * Math.log(1 - random())]) {
    const gate = makeGate();
    const start = 1_000_000;
    // All come, greet, type and say something at once; then each says something every 6 s, or at random.
    const pupils = Array.from({ length: 30 }, () => ({ visit: open(gate), spoke: false, next: start }));
    for (const { visit } of pupils) {
      assert.is(visit.count(start, 80), undefined, 'hello');
      assert.is(visit.take(start), undefined);
      assert.is(visit.count(start, 20), undefined, 'typing');
      assert.is(visit.take(start), undefined);
    }
    for (let now = start; now < start + 5 * 60_000; now += 100) {
      if ((now - start) % TICK_MS === 0) gate.sampleLoad(0, now);
      for (const pupil of pupils) {
        if ((now - start) % 3000 === 0) assert.is(pupil.visit.count(now, 15), undefined, 'ping');
        if (now < pupil.next) continue;
        pupil.next = now + pause();
        assert.is(pupil.visit.count(now, 20), undefined, 'typing');
        assert.is(pupil.visit.take(now), undefined);
        assert.is(say(pupil.visit, now, !pupil.spoke), 'stored', `after ${now - start} ms`);
        pupil.spoke = true;
      }
    }
  }
});

rates('whoever floods takes nothing from a quiet person behind the same address, not even in the same room', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const quiet = open(gate);
  assert.is(say(quiet, start), 'stored');
  for (let now = start + 5000; now < start + 65_000; now += 50) {
    for (let index = 0; index < 20; index++) {
      const visit = open(gate);
      for (let frame = 0; frame < 20; frame++) say(visit, now);
      visit.end();
    }
    if (now % 500 === 0) assert.is(say(quiet, now), 'stored', `after ${now - start} ms`);
    if (now % 3000 === 0) assert.is(quiet.count(now, 15), undefined, 'its ping is not delayed either');
  }
});

rates('nobody goes first at an address by coming back, or by flooding for long', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const flooder = open(gate);
  let stored = 0;
  for (let now = start; now < start + 60_000; now += 100) {
    stored += sayMany(flooder, 3, now);
    for (let index = 0; index < 20; index++) {
      const visit = open(gate);
      stored += sayMany(visit, 3, now);
      visit.end();
    }
  }
  assert.ok(stored <= 50 + 7 * 60, `${stored}`);
});

rates('each refusal promises a moment of its own, and who waits for it is not refused again, nor closed', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const visit = open(gate, '192.0.2.1');
  let due = Array.from({ length: 150 }, () => start);
  let refused = 0;
  for (let now = start; now < start + 60_000 && due.length > 0; now += 1) {
    if (due.every(at => at > now)) continue;
    due = due.flatMap(at => {
      if (at > now) return [at];
      const excess = visit.count(now, 100);
      assert.is.not(excess, 'close');
      const refusal = visit.take(now);
      if (!refusal) return [];
      refused += 1;
      return [now + (refusal.retryMs ?? 0)];
    });
  }
  assert.equal(due, []);
  assert.is(refused, 130);
});

rates('who goes on after refusals is closed, at any speed', () => {
  for (const everyMs of [50, 20, 1]) {
    const [gate, start] = [makeGate(), 1_000_000];
    const visit = open(gate);
    let now = start;
    while (visit.count(now, 100) !== 'close') {
      visit.take(now);
      now += everyMs;
      assert.ok(now < start + 60_000, `every ${everyMs} ms`);
    }
  }
});

rates('calm of 10 s forgives frames over a rate, and less does not', () => {
  for (const [calmMs, excess] of [
    [9000, 'close'],
    [11_000, undefined],
    [3_600_000, undefined],
  ] as const) {
    const [gate, start] = [makeGate(), 1_000_000];
    const visit = open(gate);
    let last = start;
    while (visit.count(last, 100) !== 'close') last += 1;
    assert.is(visit.count(last + visit.waitMs + calmMs, 100), excess, `${calmMs} ms`);
  }
});

rates('a client at its rate is not closed after the network stood still for a minute, however it is read', () => {
  for (const isPaused of [true, false]) {
    const [gate, start] = [makeGate(), 1_000_000];
    const bot = open(gate);
    let now = start;
    for (let index = 0; index < 60 * 5; index++) {
      const excess = bot.count(now, 100);
      assert.is.not(excess, 'close', `frame ${index}`);
      if (excess !== 'refuse') bot.take(now);
      if (excess !== undefined && isPaused) now += bot.waitMs;
    }
  }
});

/** So many fresh connections of an address send 100 frames each; 20 use up what all of it may send. */
function exhaust(gate: Gate, now: number, connections = 20): void {
  for (let index = 0; index < connections; index++) {
    const visit = open(gate);
    for (let frame = 0; frame < 100; frame++) visit.count(now, 10);
    visit.end();
  }
}

rates('a newcomer is heard behind a flooded address, and goes first there soon, if it pings every 3 s', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const newcomer = open(gate);
  const answered: number[] = [];
  for (let now = start; now < start + 60_000; now += 500) {
    exhaust(gate, now);
    if ((now - start) % 3000 === 0 && newcomer.count(now, 20) === undefined) answered.push((now - start) / 3000);
  }
  assert.is(answered[0], 0, 'its hello');
  assert.ok(answered.length >= 18, `${answered}`);
});

rates('the first frame of a connection is not heard if it is large, and the address is flooded', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  exhaust(gate, start);
  assert.is(open(gate).count(start, 10_000), 'refuse');
});

rates('the time for which a connection has to wait does not count as time within the rates', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const newcomer = open(gate);
  const at = (ms: number) => {
    exhaust(gate, start + ms);
    return newcomer.count(start + ms, 20);
  };
  assert.equal([at(0), at(2000), at(4500), at(9000)], [undefined, 'refuse', 'refuse', undefined]);
});

rates('retries over the rate are not held against a client, and other frames are', () => {
  for (const isRetry of [true, false]) {
    const [gate, start] = [makeGate(), 1_000_000];
    const visit = open(gate);
    let excess: string | undefined;
    // As fast as frames are read, but faster than messages may come.
    for (let now = start; now < start + 60_000; now += 50) {
      excess = visit.count(now, 100);
      visit.take(now, isRetry);
    }
    assert.is(excess, isRetry ? undefined : 'close');
  }
});

rates('15 frames that wait behind a hello do not close a connection, though its address is over its rate', () => {
  const gate = makeGate();
  const newcomer = open(gate);
  exhaust(gate, 1_000_000);
  for (let frame = 0, now = 1_002_300; frame < 15; frame++) {
    exhaust(gate, now - 1, 3);
    assert.is(newcomer.count(now, 100), frame === 0 ? undefined : 'pause', `frame ${frame}`);
    now += (newcomer.waitMs || 1700) + 1;
  }
});

rates('no refusal promises a moment later than in a minute, and one more', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const visit = open(gate);
  const promised = Array.from({ length: 1000 }, () => visit.take(start, true)?.retryMs ?? 0);
  assert.is(Math.max(...promised), 60_200);
  assert.is(visit.take(start + 60_200, true), undefined);
});

rates('a client that waits for as long as each refusal says is not closed, though its address is flooded', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const newcomer = open(gate);
  newcomer.count(start, 10_000);
  for (let now = start, frame = 0; frame < 400; frame++) {
    exhaust(gate, now);
    assert.is.not(newcomer.count(now, 100), 'close', `frame ${frame}`);
    now += newcomer.waitMs;
  }
});

rates('every frame counts, and a larger one more, so that reading is bounded', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const small = open(gate);
  for (let index = 0; index < 80; index++) assert.is(small.count(start, 15), undefined);
  assert.is(small.count(start, 15), 'pause');
  assert.is(small.waitMs, 50);
  const large = open(gate, '192.0.2.2');
  let read = 0;
  while (large.count(start, 65_536) === undefined) read += 1;
  assert.is(read, 8);
  const honest = open(gate, '192.0.2.3');
  for (let index = 0; index < 20; index++) assert.is(honest.count(start, 4200), undefined);
  for (let now = start; now < start + 60_000; now += 200) assert.is(honest.count(now, 4200), undefined);
});

rates('an address is read from no more with more connections', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const visits = Array.from({ length: 190 }, () => open(gate));
  let read = 0;
  for (let now = start; now < start + 10_000; now += 10) {
    for (const visit of visits) {
      const excess = visit.count(now, 15);
      if (excess === undefined || excess === 'pause') read += 1;
    }
  }
  assert.ok(read <= 800 + 400 + 10 * 180 + 190, `${read}`);
});

/** 190 connections of one address, each of which sends its next ping as soon as it is read. */
function besiege(gate: Gate, start: number, quiet: Visit, sleepMs: number): number {
  const flooders = Array.from({ length: 190 }, () => ({ visit: open(gate), next: start, closed: false }));
  for (const { visit } of flooders) visit.count(start, 15);
  let closed = 0;
  for (let now = start + sleepMs; now < start + sleepMs + 60_000; now += 10) {
    for (const flooder of flooders) {
      while (!flooder.closed && flooder.next <= now) {
        const excess = flooder.visit.count(now, 15);
        if (excess !== undefined) flooder.next = now + flooder.visit.waitMs;
        if (excess === 'close') flooder.closed = true;
      }
    }
    if (now % 500 === 0) assert.is(say(quiet, now), 'stored', `after ${now - start} ms`);
    if (now % 3000 === 0) assert.is(quiet.count(now, 15), undefined, `a ping after ${now - start} ms`);
    if (closed === 0 && flooders.every(flooder => flooder.closed)) closed = now - start - sleepMs;
  }
  return closed;
}

rates('190 floods behind one address take nothing from a quiet person there, and are closed', () => {
  for (const sleepMs of [0, 60_000]) {
    const [gate, start] = [makeGate(), 1_000_000];
    const quiet = open(gate, undefined, 'b');
    assert.is(say(quiet, start - 10_000), 'stored');
    const closedMs = besiege(gate, start, quiet, sleepMs);
    assert.ok(closedMs > 0 && closedMs < 30_000, `${closedMs}`);
  }
});

rates('an answer to the relay counts for nothing', () => {
  const [gate, now] = [makeGate(), 1_000_000];
  const visit = open(gate);
  for (let index = 0; index < 1000; index++) {
    assert.is(visit.count(now, 30), undefined);
    visit.uncount();
  }
  for (let index = 0; index < 80; index++) assert.is(visit.count(now, 15), undefined);
  assert.is(visit.count(now, 15), 'pause');
});

rates('a late loop refuses nobody who kept to the rate, and who did not gains nothing by it', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const [honest, flooder] = [open(gate, '192.0.2.1'), open(gate, '192.0.2.2')];
  // Both have used their burst.
  assert.is(sayMany(honest, 20, start), 20);
  let flooded = sayMany(flooder, 20, start);
  let now = start;
  const pass = (ms: number, isLate: boolean) => {
    for (const end = now + ms; now < end; now += 100) {
      if (isLate) continue;
      if ((now - start) % TICK_MS === 0) gate.sampleLoad(0, now);
      if ((now - start) % 200 === 0 && now > start) assert.is(say(honest, now), 'stored', `after ${now - start} ms`);
      flooded += sayMany(flooder, 2, now);
    }
  };
  pass(5000, false);
  pass(10_000, true);
  // Everything that was sent meanwhile is read at once, or in a few turns.
  for (let index = 0; index < 50; index++) assert.is(say(honest, now + index), 'stored', `${index}`);
  flooded += sayMany(flooder, 500, now);
  gate.sampleLoad(0, now);
  pass(5000, false);
  assert.ok(flooded <= 20 + (5 * (now - start)) / 1000, `${flooded}`);
});

rates(
  'a client that sends its whole burst and then keeps to the rate is refused nothing while the loop stands still',
  () => {
    for (const stallMs of [300, 500, 900, 1000, 2500]) {
      const [gate, start] = [makeGate({}, 100), 1_000_000];
      const visit = open(gate);
      for (let now = start - 10_000; now <= start; now += 100) gate.sampleLoad(0, now);
      const sent = 20 + Math.floor(stallMs / 200);
      for (let index = 0; index < sent; index++)
        assert.is(say(visit, start + stallMs), 'stored', `${index} of ${sent}`);
    }
  },
);

rates('an operator is told when the address of a message has said too much, not when its connection has', () => {
  let told = 0;
  const config = { rate: 5, burst: 20, maxConnections: 0, maxPerAddress: 200, publicOrigin: undefined };
  const gate = new Gate({ ...config, origins: '*' }, { tickMs: TICK_MS, onMessagesRefused: () => (told += 1) });
  const one = open(gate);
  for (let index = 0; index < 30; index++) say(one, 1_000_000);
  assert.is(told, 0);
  for (let index = 0; index < 4; index++) sayMany(open(gate), 20, 1_000_000);
  assert.ok(told > 0);
});

rates('200 people behind one address may be there at once, ping, type and come back together', () => {
  const [gate, start] = [makeGate(), 1_000_000];
  const people = Array.from({ length: 200 }, (_, index) => ({ visit: open(gate, undefined, `${index % 10}`), index }));
  for (let now = start; now < start + 5 * 60_000; now += 100) {
    for (const { visit, index } of people) {
      const tick = (now - start) / 100 + index;
      if (now === start) assert.is(visit.count(now, 80), undefined, 'hello');
      if (tick % 30 === 0) assert.is(visit.count(now, 15), undefined, 'ping');
      if (tick % 40 === 0) assert.is(visit.count(now, 20), undefined, 'typing');
      if (tick % 200 === 0) assert.is(say(visit, now), 'stored');
    }
  }
});

rates('with no limit of connections per address, only each connection has rates', () => {
  const [gate, now] = [makeGate({ maxPerAddress: 0 }), 1_000_000];
  for (let index = 0; index < 2000; index++) assert.is(sayMany(open(gate), 25, now, true), 20);
});

rates('without a rate nothing is counted', () => {
  const visit = open(makeGate({ rate: 0 }));
  for (let count = 0; count < 1000; count++) {
    assert.is(visit.count(0, 65_536), undefined);
    assert.is(visit.take(0), undefined);
    assert.is(visit.takeMessage(true), undefined);
  }
});

rates.run();
