import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Gate, type GateConfig } from '../../../src/relay/access/gate.ts';
import type { Refusal } from '../../../src/relay/access/refusal.ts';
import { DIALECTS } from '../../../src/relay/room/dialect.ts';
import { HandClock } from '../../support/clock.ts';

const gate = suite('gate');

const OPEN: GateConfig = {
  rate: 0,
  burst: 20,
  maxConnections: 0,
  maxPerAddress: 0,
  origins: '*',
  publicOrigin: undefined,
};
const V1 = { room: 'a', dialect: DIALECTS.v1, address: '192.0.2.1' };
const TUTORIAL = { ...V1, dialect: DIALECTS.tutorial };
const OTHER = { ...V1, address: '192.0.2.2' };

const request = (origin: string | undefined, upgrade: boolean) => ({ address: V1.address, room: 'a', origin, upgrade });

gate('refuses the handshake of a page from a forbidden origin, with status and close code', () => {
  const gate = new Gate({ ...OPEN, origins: ['https://a.example'] });
  assert.is(gate.request(request('https://a.example', true)), undefined);
  const refusal = gate.request(request('https://b.example', true));
  assert.equal([refusal?.code, refusal?.status, refusal?.close.code], ['forbidden', 403, 4403]);
  assert.is(refusal?.retryMs, undefined, 'it is final');
});

gate('tells of a bound that was reached only between two measurements', () => {
  const gate = new Gate({ ...OPEN, maxDisk: 10_000 });
  const visit = gate.open(V1);
  const reached = (bytes: number) => gate.measure({ rooms: 1, bytes });
  assert.equal(reached(9000), []);
  assert.is(visit.store(0, 'x'.repeat(3000), false), undefined);
  assert.equal(visit.store(0, 'x', false), { code: 'full' });
  assert.equal(reached(9000), ['MAX_DISK', 'MAX_DISK_EXCEEDED']);
  assert.equal(reached(9000), []);
});

gate('tells who is refused because of the origin, and of no other request', () => {
  const told: string[] = [];
  const gate = new Gate(
    { ...OPEN, origins: ['https://a.example'] },
    { onForeignOrigin: address => told.push(address) },
  );
  gate.request(request('https://b.example', false));
  gate.request(request('https://a.example', true));
  assert.equal(told, []);
  gate.request(request('https://b.example', true));
  assert.equal(told, [V1.address]);
});

gate('allows any origin for a request that is not a handshake, because browsers hide the response', () => {
  const gate = new Gate({ ...OPEN, origins: ['https://a.example'] });
  assert.is(gate.request(request('https://b.example', false)), undefined);
});

gate("admits connections up to the relay's limit, and one more when one has ended", () => {
  const gate = new Gate({ ...OPEN, maxConnections: 2 });
  const [first] = [gate.open(V1), gate.open(OTHER)];
  const refused = gate.open(OTHER);
  assert.equal([refused.refusal?.code, refused.refusal?.status], ['full', 503]);
  assert.equal(refused.refusal?.close, { code: 1013, reason: '', delayMs: 0 });
  assert.is(gate.connections, 3, 'the refused one exists until its socket is closed');
  refused.end();
  first?.end();
  assert.is(gate.open(OTHER).refusal, undefined);
  assert.is(gate.connections, 2);
});

gate('limits the connections of an address, and further in a dialect with its own limit', () => {
  const gate = new Gate({ ...OPEN, maxPerAddress: 10 });
  for (let count = 0; count < 8; count++) assert.is(gate.open(TUTORIAL).refusal, undefined);
  assert.equal(gate.open(TUTORIAL).refusal?.close, { code: 4429, reason: '', delayMs: 5000 });
  assert.is(gate.open(V1).refusal, undefined);
  const { refusal } = gate.open(V1);
  assert.equal([refusal?.code, refusal?.status], ['too-many', 429]);
  assert.equal(refusal?.close, { code: 4429, reason: '', delayMs: 0 });
  assert.is(gate.open(OTHER).refusal, undefined);
});

gate('refuses every connection while draining, and says over how long to spread reconnects', () => {
  const gate = new Gate({ ...OPEN, maxPerAddress: 1 }, { minSpreadMs: 700 });
  const before = gate.open(V1);
  gate.drain();
  assert.ok(gate.draining);
  for (const asked of [V1, OTHER]) {
    const { refusal } = gate.open(asked);
    assert.equal([refusal?.code, refusal?.status, refusal?.retryMs], ['unavailable', 503, 700]);
    assert.equal(refusal?.close, { code: 1012, reason: '700', delayMs: 0 });
  }
  assert.is(gate.connections, 3);
  assert.is(before.refusal, undefined);
});

gate('stops counting every connection when it ends, whether it was admitted or refused', () => {
  const gate = new Gate({ ...OPEN, maxConnections: 5, maxPerAddress: 3 });
  const visits = Array.from({ length: 20 }, () => [gate.open(V1), gate.open(TUTORIAL), gate.open(OTHER)]).flat();
  gate.drain();
  visits.push(gate.open(V1), gate.open(OTHER));
  assert.is(gate.connections, 62);
  for (const visit of visits) visit.end();
  assert.is(gate.connections, 0);
  assert.is(gate.spreadMs, 500);
});

gate('spreads reconnects over one millisecond per admitted connection, but not less than the minimum', () => {
  const gate = new Gate({ ...OPEN, maxConnections: 600 }, { minSpreadMs: 100 });
  assert.is(gate.spreadMs, 100);
  for (let count = 0; count < 700; count++) gate.open(V1);
  assert.is(gate.spreadMs, 600);
});

gate("allows frames within the connection's rate, and says when the next one is allowed", () => {
  const clock = new HandClock();
  const gate = new Gate({ ...OPEN, rate: 5, burst: 2 });
  const [visit, other] = [gate.open(V1), gate.open(V1)];
  assert.is(visit.take(clock.now()), undefined);
  assert.is(visit.take(clock.now()), undefined);
  assert.equal(visit.take(clock.now()), { code: 'too-fast', retryMs: 200 });
  assert.is(other.take(clock.now()), undefined, 'each connection has its own limit');
  clock.wind(200);
  assert.is(visit.take(clock.now()), undefined);
  assert.is(visit.take(clock.now())?.retryMs, 200);
});

gate('does not limit frames at a rate of 0', () => {
  const visit = new Gate(OPEN).open(V1);
  for (let count = 0; count < 1000; count++) assert.is(visit.take(0), undefined);
});

/** Counts a request that is answered at once. */
function answered(gate: Gate, address: string, vital = false): Refusal | undefined {
  const visit = gate.begin({ address, cost: 1, vital }, 0);
  visit.end();
  return visit.refusal;
}

gate('limits the requests and handshakes of an address together', () => {
  const gate = new Gate({ ...OPEN, maxPerAddress: 200 });
  for (let count = 0; count < 999; count++) assert.is(answered(gate, '192.0.2.1'), undefined);
  const handshake = gate.beginHandshake('::ffff:192.0.2.1', 0);
  assert.is(handshake.refusal, undefined);
  handshake.end();
  assert.equal(answered(gate, '192.0.2.1:99')?.code, 'too-fast');
  assert.is(gate.beginHandshake('192.0.2.1', 0).refusal?.status, 429);
  assert.is(answered(gate, '192.0.2.2'), undefined);
});

gate('upgrades connections over the limit to say so, but refuses the handshakes of one that goes on', () => {
  const gate = new Gate({ ...OPEN, maxPerAddress: 10 });
  const handshake = () => {
    const visit = gate.beginHandshake(V1.address, 0);
    visit.end();
    return visit.refusal?.code;
  };
  const visits = Array.from({ length: 20 }, () => {
    assert.is(handshake(), undefined);
    return gate.open(V1);
  });
  assert.is(handshake(), 'too-many');
  assert.is(gate.beginHandshake(OTHER.address, 0).refusal, undefined);
  visits[0]?.end();
  assert.is(handshake(), undefined);
});

gate('refuses the handshakes of a site that goes on, whichever of its networks it uses', () => {
  const gate = new Gate({ ...OPEN, maxPerAddress: 1 });
  const address = (network: number) => `2001:db8:1:${network.toString(16)}::1`;
  for (let network = 0; network < 20; network++) gate.open({ ...V1, address: address(network) });
  assert.is(gate.beginHandshake(address(99), 0).refusal?.code, 'too-many');
  assert.is(gate.beginHandshake('2001:db8:2::1', 0).refusal, undefined);
});

gate('refuses handshakes once a thousand connections wait to be rejected', () => {
  const gate = new Gate({ ...OPEN, maxConnections: 5 });
  const codes = Array.from({ length: 1005 }, () => {
    const { refusal } = gate.beginHandshake(V1.address, 0);
    return refusal?.code ?? gate.open(V1).refusal?.code;
  });
  assert.equal(new Set(codes.slice(0, 5)), new Set([undefined]));
  assert.equal(new Set(codes.slice(5)), new Set(['full']));
  const { refusal } = gate.beginHandshake(OTHER.address, 0);
  assert.equal([refusal?.code, refusal?.status], ['full', 503]);
});

gate('refuses requests while draining, but not health checks', () => {
  const gate = new Gate(OPEN);
  gate.drain();
  assert.equal([answered(gate, '192.0.2.1')?.code, answered(gate, '192.0.2.1')?.status], ['unavailable', 503]);
  assert.is(answered(gate, '192.0.2.1', true), undefined);
  assert.is(gate.beginHandshake('192.0.2.1', 0).refusal, undefined, 'its client is told 1012');
});

gate('answers a health check whatever its address has asked for, and however many answers are unread', () => {
  const gate = new Gate({ ...OPEN, maxPerAddress: 200 });
  for (let count = 0; count < 1100; count++) answered(gate, '192.0.2.1');
  assert.is(answered(gate, '192.0.2.1')?.status, 429);
  assert.is(answered(gate, '192.0.2.1', true), undefined);
  for (let count = 0; count < 520; count++) {
    gate.begin({ address: `192.0.2.${10 + Math.floor(count / 5)}`, cost: 1, vital: false }, 0);
  }
  assert.is(answered(gate, '198.51.100.1')?.status, 503);
  assert.is(answered(gate, '198.51.100.1', true), undefined);
});

gate('refuses newcomers while the event loop stays late, those of the fullest address first', () => {
  const clock = new HandClock();
  const gate = new Gate({ ...OPEN, maxPerAddress: 200 });
  const late = (samples: number, ms: number) => {
    for (let count = 0; count < samples; count++) {
      clock.wind(100);
      gate.sampleLoad(ms, clock.now());
    }
  };
  for (let count = 0; count < 100; count++) gate.open(V1);
  late(2, 300);
  const { refusal } = gate.open(V1);
  assert.equal([refusal?.code, refusal?.status, refusal?.close.code], ['full', 503, 1013]);
  assert.is(answered(gate, V1.address)?.status, 503);
  assert.is(answered(gate, V1.address, true), undefined, 'a health check');
  assert.is(gate.open(OTHER).refusal, undefined);
  late(8, 300);
  assert.is(gate.open(OTHER).refusal?.close.code, 1013);
  late(200, 0);
  assert.is(gate.open(V1).refusal, undefined);
});

gate('refuses a site with many addresses before a school with one', () => {
  const gate = new Gate({ ...OPEN, maxPerAddress: 200 });
  const connect = (address: string) => gate.open({ ...V1, address }).refusal;
  for (let count = 0; count < 1900; count++) connect(`2001:db8:1:${count.toString(16)}::1`);
  for (let count = 0; count < 30; count++) connect('192.0.2.7');
  for (const now of [100, 200]) gate.sampleLoad(300, now);
  assert.is(connect('2001:db8:1:ffff::1')?.close.code, 1013);
  assert.equal([connect('192.0.2.7'), connect('2001:db8:2::1')], [undefined, undefined]);
});

gate('spares the fullest address while the event loop is late if addresses have no limits', () => {
  const gate = new Gate(OPEN);
  for (let count = 0; count < 1000; count++) gate.open(V1);
  for (let sample = 1; sample <= 9; sample++) gate.sampleLoad(300, sample * 100);
  assert.is(gate.open(V1).refusal, undefined);
  gate.sampleLoad(300, 1000);
  assert.is(gate.open(V1).refusal?.close.code, 1013, 'nothing else helps');
});

gate.run();
