/** Pages, live entries and HTTP answers give the same list, whenever each of them arrives. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EntryFrame, Message } from '../../../src/protocol/entries.ts';
import { parseRelayFrame } from '../../../src/protocol/from-relay.ts';
import { fetchHistory } from '../../../src/web/client/history.ts';
import { createMessages } from '../../../src/web/client/messages.ts';
import { edited, erased, message, Pair } from '../../support/pair.ts';

const telling = suite('messages: telling');

/** Hands these entries to `messages`. Returns what the listener was told. */
function tell(entries: readonly EntryFrame[], skipped?: number) {
  const told: string[] = [];
  const messages = createMessages({
    message: ({ seq }, replayed) => told.push(`message ${seq}${replayed ? ' replayed' : ''}`),
    changed: ({ of, seq }) => told.push(`changed ${of} by ${seq}`),
    erased: seqs => told.push(`erased ${seqs}`),
  });
  if (skipped !== undefined) messages.skip(skipped);
  for (const entry of entries) messages.take(entry, false);
  return { told, messages };
}

telling('reports messages, edits and erasures, and no other entries', () => {
  const { told, messages } = tell([message(1), edited(2, 1), erased(3, 1), erased(4, [5, 6])]);
  messages.take({ type: 'gone', seq: 5 }, true);
  messages.take({ type: 'unknown', seq: 6 }, true);
  messages.take(message(7), true);
  assert.equal(told, ['message 1', 'changed 1 by 2', 'erased 1', 'erased 5,6', 'message 7 replayed']);
});

telling('returns the changes above a seq, in their order', () => {
  const { messages } = tell([message(1), edited(2, 1), { type: 'gone', seq: 3 }, erased(4, 1)], 0);
  assert.equal(messages.changesAfter(0), [edited(2, 1), erased(4, 1)]);
  assert.equal(messages.changesAfter(2), [erased(4, 1)]);
  assert.equal(messages.changesAfter(4), []);
});

telling('knows no changes before the first page', () => {
  const { messages } = tell([message(1), edited(2, 1)]);
  assert.is(messages.changesAfter(2), undefined);
});

telling('forgets all changes when some are missing, and knows those above', () => {
  const { messages } = tell([message(1), edited(2, 1)], 0);
  messages.skip(9);
  messages.take(erased(8, 1), true);
  messages.take(edited(10, 7), true);
  assert.is(messages.changesAfter(8), undefined);
  assert.equal(messages.changesAfter(9), [edited(10, 7)]);
});

telling('remembers the newest 2,000 changes', () => {
  const { messages } = tell(
    Array.from({ length: 2001 }, (_, index) => edited(index + 1, 1)),
    0,
  );
  assert.is(messages.changesAfter(0), undefined);
  assert.is(messages.changesAfter(1)?.length, 2000);
});

telling.run();

const properties = suite('messages: properties');

/** The entries of a room: each is a message or changes an earlier one. */
const room = fc
  .array(
    fc.record({
      kind: fc.constantFrom('normal', 'normal', 'edited', 'erased', 'gone', 'unknown'),
      of: fc.nat(),
      more: fc.nat({ max: 2 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map(steps => {
    const messages: number[] = [];
    return steps.map(({ kind, of, more }, index): EntryFrame => {
      const seq = index + 1;
      const target = messages.at(messages.length && of % messages.length);
      if (kind === 'edited' && target) return edited(seq, target);
      if (kind === 'erased' && target)
        return erased(seq, more ? messages.slice(of % messages.length).slice(0, more) : target);
      if (kind === 'gone' || kind === 'unknown') return { type: kind, seq };
      messages.push(seq);
      return message(seq);
    });
  });

/** The list that the rules of PROTOCOL.md give, in the order of seq. */
function foldInOrder(entries: readonly EntryFrame[]): Message[] {
  const list = new Map<number, Message>();
  for (const entry of entries) {
    if (entry.type === 'normal') list.set(entry.seq, entry);
    else if (entry.type === 'erased') for (const seq of [entry.of].flat()) list.delete(seq);
    else if (entry.type === 'edited') {
      const { seq: rev, message, edited, of } = entry;
      const before = list.get(of);
      if (before) list.set(of, { ...before, message, edited, rev });
    }
  }
  return [...list.values()];
}

/** The log as it is read after these entries: messages in their present form, and changes of erased messages gone. */
function stored(entries: readonly EntryFrame[]): EntryFrame[] {
  const list = new Map(foldInOrder(entries).map(message => [message.seq, message]));
  return entries.map((entry): EntryFrame => {
    const { seq } = entry;
    if (entry.type === 'normal') return list.get(seq) ?? { type: 'gone', seq };
    if (entry.type === 'edited') return list.get(entry.of)?.rev === seq ? entry : { type: 'gone', seq };
    return entry;
  });
}

/** A client that joins at `from`, loses its connection, and requests older messages over HTTP. */
const story = room.chain(entries =>
  fc.record({
    entries: fc.constant(entries),
    from: fc.nat({ max: entries.length }),
    /** The number of messages in its first page. */
    joined: fc.nat({ max: 3 }),
    breaks: fc.array(fc.record({ at: fc.nat({ max: entries.length }), cutAfter: fc.nat({ max: 4 }) }), {
      maxLength: 5,
    }),
    swallowed: fc.uniqueArray(fc.nat({ max: entries.length }), { maxLength: 3 }),
    /** After which entry the answer arrives, and the head when it was made: before the client's cursor or after it. */
    answers: fc.array(fc.tuple(fc.nat({ max: entries.length }), fc.nat({ max: entries.length })), { maxLength: 6 }),
  }),
);

const ANSWER_MESSAGES = 3;

properties('pages, live entries, lost connections and HTTP answers of any age give the list of the log', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ entries, from, joined, breaks, swallowed, answers }) => {
      const pair = new Pair({ heartbeatMs: 0 });
      const first = foldInOrder(entries.slice(0, from)).slice(joined ? -joined : from);
      pair.client.open();
      pair.socket.open();
      pair.socket.welcome();
      pair.socket.page(first, { head: from });
      /** Reads the log after the client's cursor until the client is live, or up to `cut` entries. */
      const resume = (head: number, cut = Number.POSITIVE_INFINITY) => {
        if (pair.client.state.name === 'connected') pair.socket.end();
        pair.clock.wind(pair.waiting);
        pair.socket.open();
        pair.socket.welcome();
        const log = stored(entries.slice(0, head)).slice(Number(pair.socket.sent[0]?.since));
        pair.socket.hear({ type: 'page', replay: log.length, head, missed: 0, more: false });
        for (const entry of log.slice(0, cut)) pair.socket.hear(entry);
      };
      /** Requests the messages before the first one shown, from the log as it was at `head`. Returns whether there were any. */
      const askForOlder = async (head: number) => {
        const fetch = async (url: string) => {
          const before = Number(new URL(url).searchParams.get('before'));
          const messages = foldInOrder(entries.slice(0, head)).filter(({ seq }) => seq < before);
          return { json: async () => ({ epoch: 'E', head, messages: messages.slice(-ANSWER_MESSAGES) }) };
        };
        const source = { url: 'wss://relay.example/rooms/r', client: pair.client, parse: parseRelayFrame, fetch };
        const older = await fetchHistory(source, pair.shown[0]?.seq ?? from + 1);
        pair.show(older);
        return older.length > 0;
      };
      for (let index = from; index < entries.length; index++) {
        for (const [after, head] of answers) {
          if (after !== index) continue;
          const taken = await askForOlder(head).then(
            () => true,
            () => false,
          );
          assert.is(taken, head >= from, `an answer made at ${head}`);
        }
        const entry = entries[index];
        if (entry && !swallowed.includes(index)) pair.socket.hear(entry);
        if (pair.client.state.name === 'waiting') resume(index + 1);
        for (const { at, cutAfter } of breaks) {
          if (at !== index) continue;
          resume(index + 1, cutAfter);
          resume(index + 1);
        }
      }
      resume(entries.length);
      while (await askForOlder(entries.length));
      assert.equal(pair.shown, foldInOrder(entries));
      const told = pair.messages.map(({ seq }) => seq);
      assert.equal(
        told,
        [...new Set(told)].sort((a, b) => a - b),
      );
      pair.client.dispose();
    }),
    { numRuns: 500 },
  );
});

properties.run();
