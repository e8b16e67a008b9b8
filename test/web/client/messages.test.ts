/** Edits, erasures and messages give the same list in whatever order they arrive. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EntryFrame, Message } from '../../../src/protocol/entries.ts';
import { createMessages } from '../../../src/web/client/messages.ts';
import { edited, erased, message, Pair } from '../../support/pair.ts';

/** Shows the messages that it is told about, by seq. */
class Reader {
  readonly shown = new Map<number, Message>();
  readonly told: string[] = [];
  readonly messages = createMessages({
    message: message => {
      this.told.push(`message ${message.seq}`);
      this.shown.set(message.seq, message);
    },
    changed: message => {
      this.told.push(`changed ${message.seq}`);
      if (this.shown.has(message.seq)) this.shown.set(message.seq, message);
      else throw new Error(`told that ${message.seq} has changed, of which nobody was told`);
    },
    erased: seqs => {
      this.told.push(`erased ${seqs}`);
      for (const seq of seqs) this.shown.delete(seq);
    },
  });

  take(...entries: EntryFrame[]): this {
    for (const entry of entries) this.messages.take(entry, false);
    return this;
  }

  /** Shows the messages of an HTTP answer too. */
  fold(messages: readonly Message[], head: number): this {
    for (const message of this.messages.fold(messages, head)) this.shown.set(message.seq, message);
    return this;
  }

  get list(): Message[] {
    return [...this.shown.values()].sort((a, b) => a.seq - b.seq);
  }
}

const folding = suite('messages: folding');

folding('gives a message the text of an edit, and changes nothing else', () => {
  const reader = new Reader().take(message(1), edited(2, 1));
  assert.equal(reader.list, [message(1, { message: 'edit 2', edited: 2, rev: 2 })]);
  assert.equal(reader.told, ['message 1', 'changed 1']);
});

folding('ignores an edit of a message that it does not have, and one that is older than its text', () => {
  const reader = new Reader().take(edited(2, 1), message(3, { rev: 6, edited: 6 }), edited(5, 3), edited(6, 3));
  assert.equal(reader.told, ['message 3']);
});

folding('applies a repeated edit or erasure once', () => {
  const entries = [message(1), edited(2, 1), message(3), erased(4, 3)];
  const reader = new Reader().take(...entries, ...entries.slice(1, 2), ...entries.slice(3));
  assert.equal(reader.told, ['message 1', 'changed 1', 'message 3', 'erased 3']);
});

folding('lets an erasure win, whatever comes after it', () => {
  const reader = new Reader().take(message(1), erased(3, [1, 2]), edited(4, 1), edited(5, 2), message(2), message(1));
  assert.equal(reader.list, []);
  assert.equal(reader.told, ['message 1', 'erased 1,2']);
});

folding('shows nothing for a gone entry or one of an unknown type', () => {
  const reader = new Reader().take({ type: 'gone', seq: 1 }, { type: 'unknown', seq: 2 });
  assert.equal(reader.told, []);
});

folding('forgets everything on a reset', () => {
  const reader = new Reader().take(message(1), erased(2, 1));
  reader.messages.reset();
  reader.take(message(1));
  assert.equal(reader.list, [message(1)]);
});

folding('remembers a bounded number of changes, and uses no answer that is older than those', () => {
  const reader = new Reader().take(erased(1, 7));
  for (let seq = 2; seq <= 2000; seq++) reader.take(message(seq + 100));
  reader.fold([message(7), message(8)], 0);
  assert.not(reader.shown.has(7), 'it is remembered');
  reader.take(edited(3000, 2100));
  assert.is(reader.shown.get(2100)?.rev, 3000, 'so is a recently received message');
  assert.throws(() => reader.fold([message(7)], 0), 'too old');
  reader.fold([message(9)], 3000);
  assert.ok(reader.shown.has(9));
});

folding.run();

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

properties('any order and repetition of entries gives the same list as the order of seq', () => {
  const shuffled = room.chain(entries =>
    fc.record({
      entries: fc.constant(entries),
      order: fc.shuffledSubarray([...entries, ...entries], { minLength: entries.length * 2 }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ entries, order }) => {
      assert.equal(new Reader().take(...order).list, foldInOrder(entries));
    }),
    { numRuns: 500 },
  );
});

properties('HTTP answers of any age, at any moment, give the same list', () => {
  const withAnswers = room.chain(entries =>
    fc.record({
      entries: fc.constant(entries),
      /** After which entry the answer arrives, and the head when it was made. */
      answers: fc.array(fc.tuple(fc.nat({ max: entries.length }), fc.nat({ max: entries.length })), { maxLength: 6 }),
      from: fc.nat({ max: entries.length }),
    }),
  );
  fc.assert(
    fc.property(withAnswers, ({ entries, answers, from }) => {
      const reader = new Reader();
      reader.messages.skip(from);
      for (let at = from; at <= entries.length; at++) {
        const entry = entries[at];
        for (const [after, head] of answers) {
          if (after !== at) continue;
          const fold = () => reader.fold(foldInOrder(entries.slice(0, head)), head);
          if (head < from) assert.throws(fold, 'too old');
          else fold();
        }
        if (entry) reader.take(entry);
      }
      reader.fold(foldInOrder(entries), entries.length);
      assert.equal(reader.list, foldInOrder(entries));
    }),
    { numRuns: 500 },
  );
});

properties('a client that loses its connection and reads pages shows the same list', () => {
  const withBreaks = room.chain(entries =>
    fc.record({
      entries: fc.constant(entries),
      breaks: fc.array(fc.record({ at: fc.nat({ max: entries.length }), cutAfter: fc.nat({ max: 4 }) }), {
        maxLength: 5,
      }),
      swallowed: fc.uniqueArray(fc.nat({ max: entries.length }), { maxLength: 3 }),
    }),
  );
  fc.assert(
    fc.property(withBreaks, ({ entries, breaks, swallowed }) => {
      const pair = new Pair({ heartbeatMs: 0 }).live();
      /** Reads the log after the client's cursor until the client is live, or for as many entries as `cut` allows. */
      const resume = (head: number, cut = Number.POSITIVE_INFINITY) => {
        if (pair.client.state.name === 'connected') pair.socket.end();
        pair.clock.wind(pair.waiting);
        pair.socket.open();
        pair.socket.welcome();
        const log = stored(entries.slice(0, head)).slice(Number(pair.socket.sent[0]?.since));
        pair.socket.hear({ type: 'page', replay: log.length, head, missed: 0, more: false });
        for (const entry of log.slice(0, cut)) pair.socket.hear(entry);
      };
      for (const [index, entry] of entries.entries()) {
        if (!swallowed.includes(index)) pair.socket.hear(entry);
        if (pair.client.state.name === 'waiting') resume(index + 1);
        for (const { at, cutAfter } of breaks) {
          if (at !== index) continue;
          resume(index + 1, cutAfter);
          resume(index + 1);
        }
      }
      resume(entries.length);
      assert.equal(pair.shown, foldInOrder(entries));
      pair.client.dispose();
    }),
    { numRuns: 300 },
  );
});

properties.run();
