/** Edits and erasures as readers of a room see them; erased text that is on its way to readers is not sent. */
import * as assert from 'uvu/assert';
import type { RelayFrame } from '../../../src/protocol/frames.ts';
import { SendBudget } from '../../../src/relay/room/send-budget.ts';
import { TestEdit, TestErasure } from '../../support/entries.ts';
import { HandScheduler } from '../../support/hand-scheduler.ts';
import { type FakeClient, Rig } from '../../support/rig.ts';
import { twice } from '../../support/twice.ts';

const changes = twice('room: changes');

const say = (id: string, message: string, more: object = {}) => ({ type: 'normal', id, message, ...more });

/** The entries among received frames, in short. */
function outline(frames: readonly RelayFrame[]): string {
  return frames
    .filter(frame => 'seq' in frame)
    .map(frame => `${frame.type} ${frame.seq}${'message' in frame ? ` ${frame.message}` : ''}`)
    .join(', ');
}

function fill(rig: Rig, client: FakeClient, texts: readonly string[]): void {
  for (const text of texts) client.send(say(text.slice(0, 9), text));
  rig.turn();
}

changes('reach live readers as entries, and other readers in a page', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, ['one', 'two', 'three']);
  const { epoch } = rig.history('lobby', undefined, 1);
  a.read();
  rig.change(new TestEdit(2, 'second'));
  rig.change(new TestErasure([1, 3]));
  assert.is(outline(a.read()), 'edited 4 second, erased 5');
  const back = rig.connect();
  back.hello('b', { epoch, since: 2 });
  const frames = back.read();
  assert.is(outline(frames), 'gone 3, edited 4 second, erased 5');
  assert.equal(frames[1], { type: 'page', replay: 3, head: 5, missed: 0, more: false });
  const fresh = rig.connect();
  fresh.hello('c');
  const [, page, ...rest] = fresh.read();
  assert.equal(page, { type: 'page', replay: 1, head: 5, missed: 0, more: false });
  assert.is(outline(rest), 'normal 2 second');
  a.send(say('four', 'four'));
  rig.turn();
  for (const client of [a, back, fresh]) assert.is(outline(client.read()), 'normal 6 four');
});

changes('appear in HTTP answers only as the current form of messages', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, ['one', 'two', 'three', 'four']);
  rig.change(new TestEdit(2, 'second'));
  rig.change(new TestErasure(3));
  const shown = (position: { after: number } | { before: number } | undefined, limit: number) =>
    rig.history('lobby', position, limit).payloads.map((payload): unknown => JSON.parse(payload).message);
  assert.equal(shown(undefined, 50), ['one', 'second', 'four']);
  assert.equal(shown({ after: 1 }, 2), ['second', 'four']);
  assert.equal(shown({ before: 4 }, 1), ['second']);
  assert.is(rig.history('lobby', undefined, 1).head, 6);
});

changes('are not sent to the tutorial, which gets the messages that follow', () => {
  const rig = new Rig();
  const a = rig.join('a');
  const old = rig.connect('lobby', 'tutorial');
  fill(rig, a, ['one', 'two']);
  assert.equal(old.said(), ['one', 'two']);
  const { writes } = old.socket;
  rig.change(new TestErasure(1));
  assert.is(old.socket.writes, writes);
  fill(rig, a, ['three']);
  assert.is(outline(old.read()), 'normal 4 three');
});

changes('reach a reader that was too slow once it catches up', () => {
  const rig = new Rig({ sendBudget: new SendBudget(400, 1e9) });
  const [a, slow] = [rig.join('a'), rig.join('slow')];
  slow.socket.stuck = true;
  fill(rig, a, ['one', 'x'.repeat(500)]);
  fill(rig, a, ['secret']);
  const before = outline(slow.read());
  assert.not.match(before, /secret/);
  rig.change(new TestErasure(3));
  slow.drain();
  assert.is(outline(slow.read()), 'gone 3, erased 4');
});

changes('remove erased text from batches that are still to be written to other readers', () => {
  const scheduler = new HandScheduler();
  const rig = new Rig({ scheduler });
  const clients = Array.from({ length: 400 }, (_, index) => rig.join(`u${index}`));
  for (const client of clients) client.read();
  const [first, last] = [clients[0], clients.at(-1)];
  if (!first || !last) return assert.unreachable();
  const between = rig.connect();
  between.hello('comes meanwhile');
  first.send(say('1', 'secret of the batch'));
  rig.turn();
  // The first batch has been written to some readers, and this is gathered for the next one.
  first.send(say('2', 'secret that was gathered'));
  first.send(say('3', 'stays'));
  rig.relay.sweep();
  rig.change(new TestErasure([]));
  rig.change(new TestErasure([1, 2]));
  scheduler.finish();
  rig.turn();
  scheduler.finish();
  assert.is(outline(last.read()), 'gone 1, gone 2, normal 3 stays, erased 4');
  assert.is(outline(first.read()), 'normal 1 secret of the batch, gone 2, normal 3 stays, erased 4');
});

changes('refuse a retry of an erased message for good', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, ['one', 'two']);
  rig.change(new TestEdit(2, 'second'));
  rig.change(new TestErasure(1));
  a.read();
  a.send(say('one', 'one', { again: true }));
  a.send(say('two', 'two', { again: true }));
  rig.answer();
  rig.turn();
  const frames = a.read();
  assert.equal(frames[0], { type: 'refused', code: 'gone', of: 'normal', id: 'one' });
  assert.is(outline(frames), 'normal 2 second', 'the other message is acknowledged in its current form');
  assert.is(rig.history('lobby', undefined, 1).head, 4, 'nothing was stored');
});

changes('answer a known message before the rate is checked', () => {
  const rig = new Rig({ rate: 5, burst: 3 });
  const a = rig.join('a');
  fill(rig, a, ['one', 'two']);
  rig.change(new TestErasure(1));
  a.read();
  for (let round = 0; round < 4; round++) {
    for (const id of ['one', 'two', 'new']) a.send(say(id, id, { again: true }));
  }
  rig.answer();
  rig.turn();
  const frames = a.read();
  const refused = frames.flatMap(frame => (frame.type === 'refused' ? [`${frame.code} ${frame.id}`] : []));
  assert.is(refused.filter(text => text === 'gone one').length, 4);
  assert.is(frames.filter(frame => frame.type === 'normal' && frame.id === 'two').length, 4);
  assert.ok(refused.includes('too-fast new'));
  assert.not.ok(refused.includes('too-fast one') || refused.includes('too-fast two'));
});

changes('remove erased text from a page that is under way', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, ['secret', 'other']);
  const { epoch } = rig.history('lobby', undefined, 1);
  a.gone();
  rig.relay.sweep();
  const b = rig.connect();
  b.hello('b', { epoch, since: 0 });
  rig.change(new TestErasure(1));
  fill(rig, b, ['more']);
  // If the log answers at once, the page was already sent before.
  const expected = rig.late
    ? 'gone 1, normal 2 other, erased 3, normal 4 more'
    : 'normal 1 secret, normal 2 other, erased 3, normal 4 more';
  assert.is(outline(b.read()), expected);
});

changes('remove erased text from the answer to a retry that waits for a page', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, ['secret', 'other']);
  const { epoch } = rig.history('lobby', undefined, 1);
  a.gone();
  rig.relay.sweep();
  const back = rig.connect();
  back.hello('a', { key: 'a-0123456789abcdef', epoch, since: 0 });
  back.send(say('secret', 'secret', { again: true }));
  // Any read for the retry is answered before the page.
  if (rig.late && rig.late.asked > 1) rig.late.answerLast();
  rig.change(new TestErasure(1));
  const frames = back.read();
  if (!rig.late) return assert.is(outline(frames), 'normal 1 secret, normal 2 other, normal 1 secret, erased 3');
  assert.is(outline(frames), 'gone 1, normal 2 other, erased 3');
  const refused = frames.filter(frame => frame.type === 'refused');
  assert.equal(refused, [{ type: 'refused', code: 'gone', of: 'normal', id: 'secret' }]);
});

changes('announce to a client whose first page came late the people who joined meanwhile', () => {
  const rig = new Rig();
  const a = rig.join('a');
  fill(rig, a, ['one']);
  a.gone();
  rig.relay.sweep();
  const b = rig.connect();
  b.hello('b');
  const c = rig.connect();
  c.hello('c');
  rig.clock.wind(1000);
  const names = b
    .readOf('people')
    .flatMap(({ joined = [], list = [] }) => [...joined, ...list].map(({ user }) => user));
  assert.ok(names.includes('c'), `${names}`);
  rig.clock.wind(1000);
  assert.equal(b.readOf('people'), [], 'once');
});

changes('close a connection whose page cannot be read, and no other connection', () => {
  const rig = new Rig();
  if (!rig.late) return;
  const a = rig.join('a');
  fill(rig, a, ['one']);
  a.read();
  rig.relay.sweep();
  const { epoch } = rig.history('lobby', undefined, 1);
  a.gone();
  rig.relay.sweep();
  const [b, gone] = [rig.connect(), rig.connect()];
  rig.late.broken = true;
  b.hello('b', { epoch, since: 0 });
  gone.hello('c', { epoch, since: 0 });
  gone.gone();
  const { length } = gone.socket.payloads;
  rig.answer();
  assert.is(b.socket.closedWith?.code, 1011);
  assert.is(gone.socket.payloads.length, length, 'a closed connection gets nothing');
  rig.late.broken = false;
  const c = rig.connect();
  c.hello('d', { epoch, since: 0 });
  assert.is(outline(c.read()), 'normal 1 one');
});

changes('refuse a request for more while a page is awaited', () => {
  const rig = new Rig();
  if (!rig.late) return;
  const a = rig.join('a');
  fill(rig, a, ['one']);
  a.gone();
  rig.relay.sweep();
  const b = rig.connect();
  b.hello('b');
  b.send({ type: 'more', after: 0 });
  const frames = b.read();
  assert.equal(
    frames.map(({ type }) => type),
    ['welcome', 'refused', 'page', 'normal'],
  );
});

changes.run();
