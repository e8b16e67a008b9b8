/** A relay's answer to a request for older messages is used only if it fits the log that the client reads. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Message } from '../../../src/protocol/entries.ts';
import { parseRelayFrame } from '../../../src/protocol/from-relay.ts';
import { fetchHistory, parseHistory } from '../../../src/web/client/history.ts';
import { edited, erased, message, Pair } from '../../support/pair.ts';

const parsing = suite('history: parsing');

parsing('reads the messages in their order', () => {
  const answer = { room: 'r', epoch: 'E.0', head: 9, messages: [message(1), message(2)] };
  assert.equal(parseHistory(answer, parseRelayFrame), { epoch: 'E.0', head: 9, messages: [message(1), message(2)] });
});

parsing('leaves out everything that is not a message', () => {
  const messages = [{ ...message(1), user: 3 }, { type: 'ping' }, null, 'x', { type: 'gone', seq: 2 }, message(3)];
  assert.equal(parseHistory({ epoch: 'E', head: 9, messages }, parseRelayFrame).messages, [message(3)]);
});

parsing('throws if the answer is invalid', () => {
  const good = { epoch: 'E', head: 1, messages: [] };
  assert.equal(parseHistory(good, parseRelayFrame), good);
  for (const bad of [
    null,
    7,
    'x',
    [],
    { error: { code: 'bad-room', message: '' } },
    { ...good, epoch: 7 },
    { ...good, head: '1' },
    { ...good, head: -1 },
    { ...good, messages: {} },
  ]) {
    assert.throws(() => parseHistory(bad, parseRelayFrame), undefined, JSON.stringify(bad));
  }
});

parsing.run();

const fetching = suite('history: fetching');

/** A fake relay: the test sets its answers and reads the URLs that were requested. */
class Relay {
  readonly asked: string[] = [];
  readonly answers: object[] = [];
  /** Runs while an answer is in flight. */
  meanwhile = () => {};

  readonly fetch = async (url: string) => {
    this.asked.push(url);
    const answer = this.answers.shift();
    if (!answer) throw new TypeError('Failed to fetch');
    return {
      json: async () => {
        this.meanwhile();
        return answer;
      },
    };
  };
}

/** Asks for the messages before `seq`. */
const older = ({ client }: Pair, { fetch }: Relay, seq: number) =>
  fetchHistory({ url: 'wss://relay.example/rooms/r', client, parse: parseRelayFrame, fetch }, seq);
const answer = (messages: readonly Message[], more: { epoch?: string; head?: number } = {}) => ({
  room: 'r',
  epoch: 'E',
  head: 100,
  messages,
  ...more,
});
const rejects = async (promise: Promise<unknown>, what: string) =>
  assert.is(
    await promise.then(
      () => 'resolved',
      () => 'rejected',
    ),
    'rejected',
    what,
  );

fetching("requests the messages of the client's room over HTTP", async () => {
  const relay = new Relay();
  relay.answers.push(answer([message(1), message(2)]), answer([]));
  const pair = new Pair().live([message(3)]);
  assert.equal(await older(pair, relay, 3), [message(1), message(2)]);
  assert.equal(await older(pair, relay, 1), []);
  assert.equal(relay.asked, [
    'https://relay.example/rooms/r/messages?limit=50&before=3',
    'https://relay.example/rooms/r/messages?limit=50&before=1',
  ]);
});

fetching('rejects if the relay cannot be reached or answers with something else', async () => {
  const relay = new Relay();
  const pair = new Pair().live([message(3)]);
  await rejects(older(pair, relay, 3), 'unreachable');
  relay.answers.push({ error: { code: 'bad-room', message: '' } });
  await rejects(older(pair, relay, 3), 'an error');
});

fetching('uses no answer from another epoch, and none for a place in an earlier epoch', async () => {
  const relay = new Relay();
  const pair = new Pair();
  relay.answers.push(answer([message(1)]));
  await rejects(older(pair, relay, 3), 'before the first welcome');
  pair.live([message(3)], { epoch: 'E.0' });
  relay.answers.push(answer([message(1)], { epoch: 'E.1' }));
  await rejects(older(pair, relay, 3), 'an answer of a later epoch');
  relay.answers.push(answer([message(1)], { epoch: 'E' }));
  await rejects(older(pair, relay, 3), 'an epoch is compared as a whole');
  relay.answers.push(answer([message(1)], { epoch: 'E.1' }));
  relay.meanwhile = () => {
    pair.socket.end();
    pair.clock.wind(pair.waiting);
    pair.live([], { epoch: 'E.1' });
  };
  await rejects(older(pair, relay, 3), 'the epoch changed while the answer was in flight');
});

fetching('applies edits and erasures above the head of the answer', async () => {
  const relay = new Relay();
  const pair = new Pair().live([message(5)]);
  pair.socket.hear(edited(6, 1));
  relay.answers.push(answer([message(1, { rev: 6 }), message(2), message(3), message(4)], { head: 6 }));
  relay.meanwhile = () => {
    pair.socket.hear(edited(7, 2));
    pair.socket.hear(erased(8, [3]));
    pair.socket.hear(edited(9, 2));
    pair.socket.hear(edited(10, 4));
    pair.socket.hear(erased(11, 4));
  };
  assert.equal(await older(pair, relay, 5), [
    message(1, { rev: 6 }),
    message(2, { message: 'edit 9', edited: 9, rev: 9 }),
  ]);
});

fetching('remembers a bounded number of changes, and uses no answer that is older than those', async () => {
  const relay = new Relay();
  const pair = new Pair().live([message(5)]);
  for (let seq = 6; seq <= 2006; seq++) pair.socket.hear(seq % 2 ? edited(seq, 2) : erased(seq, 3));
  relay.answers.push(answer([message(2), message(3)], { head: 5 }), answer([message(2), message(3)], { head: 6 }));
  await rejects(older(pair, relay, 5), 'the first change is forgotten');
  assert.equal(await older(pair, relay, 5), [message(2, { message: 'edit 2005', edited: 2005, rev: 2005 })]);
});

fetching('uses no answer from a new log before its first page', async () => {
  const relay = new Relay();
  const pair = new Pair().live([message(5)], { epoch: 'E.0' });
  pair.socket.hear(erased(6, 2));
  pair.socket.end();
  pair.clock.wind(pair.waiting);
  pair.socket.open();
  pair.socket.welcome({ epoch: 'E.1' });
  const next = answer([message(1), message(2)], { epoch: 'E.1', head: 3 });
  relay.answers.push(next, next);
  await rejects(older(pair, relay, 3), 'the changes of the new log are unknown');
  pair.socket.page([message(3)]);
  assert.equal(await older(pair, relay, 3), [message(1), message(2)]);
});

fetching("uses no answer that is older than the client's first page", async () => {
  const relay = new Relay();
  relay.answers.push(answer([message(1)], { head: 8 }), answer([message(1)], { head: 9 }));
  const pair = new Pair();
  pair.client.open();
  pair.socket.open();
  pair.socket.welcome();
  pair.socket.page([message(2), message(3)], { head: 9 });
  await rejects(older(pair, relay, 2), 'changes between 8 and 9 are unknown');
  assert.equal(await older(pair, relay, 2), [message(1)]);
});

fetching('requests still older messages if all messages of an answer have been erased', async () => {
  const relay = new Relay();
  const pair = new Pair().live([message(9)]);
  pair.socket.hear(erased(10, [7, 8]));
  relay.answers.push(answer([message(7), message(8)], { head: 9 }), answer([message(6)], { head: 9 }));
  assert.equal(await older(pair, relay, 9), [message(6)]);
  assert.equal(
    relay.asked.map(url => new URL(url).searchParams.get('before')),
    ['9', '7'],
  );
});

fetching('uses the global fetch unless it is given another', async () => {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  const relay = new Relay();
  relay.answers.push(answer([message(1)]));
  Object.defineProperty(globalThis, 'fetch', { configurable: true, value: relay.fetch });
  try {
    const client = { epoch: 'E', changesAfter: () => [] };
    const source = { url: 'ws://relay/rooms/r', client, parse: parseRelayFrame };
    assert.equal(await fetchHistory(source, 2), [message(1)]);
    assert.equal(relay.asked, ['http://relay/rooms/r/messages?limit=50&before=2']);
  } finally {
    if (descriptor) Object.defineProperty(globalThis, 'fetch', descriptor);
  }
});

fetching.run();
