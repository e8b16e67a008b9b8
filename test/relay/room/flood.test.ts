/** What a room does with clients that send more than the rates allow. */
import * as assert from 'uvu/assert';
import type { RelayFrame } from '../../../src/protocol/frames.ts';
import { SendBudget } from '../../../src/relay/room/send-budget.ts';
import { TestMessage } from '../../support/entries.ts';
import { type FakeClient, memoryLog, Rig } from '../../support/rig.ts';
import { twice } from '../../support/twice.ts';

const flood = twice('room: floods');

/** Frames that cost a client nothing, and that count all the same. */
const CHEAP: Readonly<Record<string, (index: number) => object | string | undefined>> = {
  pings: () => '{"type":"ping"}',
  'pings written differently': () => '{ "type": "ping" }',
  'unknown types': () => ({ type: 'unheard-of' }),
  typing: () => ({ type: 'typing' }),
  renames: index => ({ type: 'rename', user: `x${index}` }),
  'messages that are refused': () => ({ type: 'normal', id: '1', message: ' ' }),
  'bad names': () => ({ type: 'rename', user: '' }),
};

/** Sends a frame whenever the relay reads. Returns how many were read until the connection was closed. */
function floodWith(rig: Rig, client: FakeClient, make: (index: number) => object | string | undefined): number {
  for (let sent = 0; sent < 5000; sent++) {
    if (client.socket.closedWith) return sent;
    while (client.socket.paused) rig.clock.wind(1);
    client.send(make(sent));
  }
  return 5000;
}

for (const [name, make] of Object.entries(CHEAP)) {
  flood(`${name}: a connection is paused at its rate, and closed with 4429 if it goes on`, () => {
    const rig = new Rig({ rate: 5, burst: 20 });
    const client = rig.join('a');
    const began = rig.clock.now();
    const read = floodWith(rig, client, make);
    assert.equal(client.socket.closedWith, { code: 4429, reason: '' });
    const seconds = (rig.clock.now() - began) / 1000;
    assert.ok(seconds < 30 && read <= 100 + 20 * seconds, `${read} frames in ${seconds} s`);
  });
}

flood('over many connections an address changes names no faster than it may say messages', () => {
  const rig = new Rig({ rate: 5, burst: 20, maxPerAddress: 200 });
  const neighbour = rig.connect('lobby', 'v1', '192.0.2.2');
  neighbour.hello('quiet');
  const clients = Array.from({ length: 30 }, (_, index) => rig.join(`a${index}`));
  rig.turn();
  const refused = () => clients.flatMap(client => client.readOf('refused')).filter(({ code }) => code === 'too-fast');
  for (let round = 0; round < 10; round++) {
    for (const [index, client] of clients.entries()) client.send({ type: 'rename', user: `b${round}-${index}` });
  }
  rig.turn();
  // 50 at once, and a quarter more for those who have been quiet.
  assert.is(300 - refused().length, 62);
  neighbour.send({ type: 'rename', user: 'still quiet' });
  rig.turn();
  assert.equal(neighbour.readOf('refused'), []);
});

flood('in the dialect of the tutorial, garbage counts too', () => {
  const garbage = ['{', '[]', '{"type":"normal"}', '{"type":"x"}', '{"type":"ping"}'];
  for (const text of garbage) {
    const rig = new Rig({ rate: 5, burst: 20 });
    const client = rig.connect('lobby', 'tutorial');
    assert.ok(floodWith(rig, client, () => text) < 500);
    assert.equal(client.socket.closedWith, { code: 4429, reason: '' }, text);
  }
});

flood('binary frames and garbage are bad frames first, which close a connection sooner', () => {
  for (const bad of [undefined, '{']) {
    const rig = new Rig({ rate: 5, burst: 20 });
    const client = rig.join('a');
    assert.is(
      floodWith(rig, client, () => bad),
      20,
    );
    assert.equal(client.socket.closedWith, { code: 4400, reason: '' });
  }
});

flood('pings and pongs of the WebSocket protocol count too', () => {
  const rig = new Rig({ rate: 5, burst: 20 });
  const client = rig.join('a');
  let received = 0;
  for (; !client.socket.closedWith && received < 5000; received++) {
    while (client.socket.paused) rig.clock.wind(1);
    client.control();
  }
  assert.equal(client.socket.closedWith, { code: 4429, reason: '' });
  assert.ok(received < 400, `${received}`);
});

flood('a client that keeps to the rate is never paused, refused or closed', () => {
  const rig = new Rig({ rate: 5, burst: 20 });
  const client = rig.join('a');
  for (let index = 0; index < 600; index++) {
    client.send({ type: 'normal', id: `${index}`, message: 'x' });
    if (index % 15 === 0) client.send('{"type":"ping"}');
    assert.not(client.socket.paused);
    rig.clock.wind(200);
    rig.turn();
  }
  assert.equal(client.readOf('refused'), []);
  assert.is(client.socket.closedWith, undefined);
});

flood('nothing is lost of what is sent while a connection is paused', () => {
  const rig = new Rig({ rate: 5, burst: 20 });
  const client = rig.join('a');
  for (let index = 0; index < 90; index++) client.send('{"type":"ping"}');
  assert.ok(client.socket.paused);
  client.send({ type: 'normal', id: '1', message: 'x' });
  rig.turn();
  assert.equal(client.said(), ['x']);
  rig.clock.wind(2000);
  assert.not(client.socket.paused);
  assert.is(rig.clock.pending, 0);
});

flood('where reading cannot be stopped, frames are refused unread before the connection is closed', () => {
  const rig = new Rig({ rate: 5, burst: 20 });
  const client = rig.join('a');
  let pongs = 0;
  let refused = 0;
  const answers: RelayFrame[] = [];
  for (let index = 0; index < 1000; index++) client.send('{"type":"ping"}');
  for (const frame of client.read()) {
    if (frame.type === 'ping') pongs += 1;
    else if (frame.type === 'refused') refused += 1;
    answers.push(frame);
  }
  assert.equal(client.socket.closedWith, { code: 4429, reason: '' });
  assert.ok(pongs > 100 && pongs < 150, `${pongs}`);
  assert.ok(refused > 0 && refused < 301, `${refused}`);
  const last = answers.at(-1);
  assert.ok(last?.type === 'refused' && last.code === 'too-fast' && last.of === '' && (last.retryMs ?? 0) > 0);
});

flood('a retry of a stored message is answered over the rate, but only as fast as frames are read', () => {
  const rig = new Rig({ rate: 5, burst: 20 });
  const client = rig.join('a');
  client.send({ type: 'normal', id: '1', message: 'x' });
  rig.turn();
  client.read();
  const began = rig.clock.now();
  let answered = 0;
  for (let index = 0; index < 500 && !client.socket.closedWith; index++) {
    while (client.socket.paused) rig.clock.wind(1);
    client.send({ type: 'normal', id: '1', message: 'x', again: true });
    answered += client.said().length;
  }
  assert.ok(answered > 80 && answered <= 81 + (20 * (rig.clock.now() - began)) / 1000, `${answered}`);
  assert.equal(client.socket.closedWith, { code: 4429, reason: '' });
});

flood('reading a long history, page after page, is no flood', () => {
  const log = memoryLog(20_000);
  const room = log.open('lobby', { stored() {}, rewritten() {} });
  for (let index = 0; index < 18_000; index++) room.append(new TestMessage({ id: `${index}` }));
  log.commit();
  const rig = new Rig({ rate: 5, burst: 20, log });
  const client = rig.connect();
  client.hello('reader', { epoch: room.epoch, since: 0 });
  let [pages, cursor, more] = [0, 0, true];
  for (; more; pages++) {
    more = false;
    for (const frame of client.read()) {
      if (frame.type === 'page') more = frame.more;
      if (frame.type === 'normal') cursor = frame.seq;
    }
    if (more) client.send({ type: 'more', after: cursor });
    assert.not(client.socket.paused);
  }
  assert.is(cursor, 18_000);
  assert.is(pages, 90);
});

flood('asking for the same page again is one, and is refused while the client has not read it', () => {
  const log = memoryLog(20_000);
  const room = log.open('lobby', { stored() {}, rewritten() {} });
  for (let index = 0; index < 1000; index++) room.append(new TestMessage({ id: `${index}` }));
  log.commit();
  const rig = new Rig({ rate: 5, burst: 20, log });
  const client = rig.connect();
  client.hello('reader', { epoch: room.epoch, since: 0 });
  floodWith(rig, client, () => {
    client.read();
    return { type: 'more', after: 0 };
  });
  assert.equal(client.socket.closedWith, { code: 4429, reason: '' });
  // Where a runtime cannot stop reading, more frames come.
  const edge = new Rig({ log, sendBudget: new SendBudget(65_536) });
  const stalled = edge.connect();
  stalled.hello('reader', { epoch: room.epoch, since: 0 });
  stalled.read();
  stalled.socket.buffered = 70_000;
  for (let time = 0; time < 3; time++) stalled.send({ type: 'more', after: 0 });
  assert.equal(
    stalled.read().map(frame => (frame.type === 'refused' ? `${frame.code} ${frame.of}` : frame.type)),
    ['bad-frame more', 'bad-frame more', 'bad-frame more'],
  );
});

flood('messages over the rate of an address are refused with the time to wait, and stored after it', () => {
  const rig = new Rig({ rate: 5, burst: 20, maxPerAddress: 200 });
  const clients = Array.from({ length: 60 }, (_, index) => rig.join(`u${index}`));
  for (const client of clients) client.send({ type: 'normal', id: '1', message: 'x' });
  rig.turn();
  const refused = clients.filter(client => client.readOf('refused').length > 0);
  assert.is(refused.length, 20);
  rig.clock.wind(10_000);
  for (const client of refused) client.send({ type: 'normal', id: '1', message: 'x', again: true });
  rig.turn();
  assert.equal(
    refused.map(client => client.readOf('refused').length),
    refused.map(() => 0),
  );
  // Nobody is new any more.
  for (const client of clients.slice(0, 10)) client.send({ type: 'normal', id: '2', message: 'x' });
  assert.equal(
    clients.slice(0, 10).flatMap(client => client.readOf('refused')),
    [],
  );
});

flood.run();
