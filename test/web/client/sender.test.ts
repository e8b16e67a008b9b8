/** The sender alone: when it sends each message, and what happens to the message. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClientFrame, RefusalCode } from '../../../src/protocol/frames.ts';
import { createOutbox } from '../../../src/web/client/outbox.ts';
import { createSender } from '../../../src/web/client/sender.ts';
import { HandClock } from '../../support/clock.ts';
import { LIMITS, message } from '../../support/pair.ts';

const sending = suite('sender');

function begin() {
  const clock = new HandClock();
  const frames: ClientFrame[] = [];
  const log: string[] = [];
  const outbox = createOutbox(undefined, 'o');
  const text = (id: string) => texts.get(id) ?? id;
  const texts = new Map<string, string>();
  const sender = createSender(outbox, frame => frames.push(frame), {
    clock,
    listener: {
      outgoing: ({ id, message, state, code }) => {
        texts.set(id, message);
        log.push(`${message} ${state}${code ? ` ${code}` : ''}`);
      },
      sent: id => log.push(`${text(id)} sent`),
      discarded: id => log.push(`${text(id)} discarded`),
    },
    lost: () => log.push('lost'),
  });
  sender.onWelcome({ limits: LIMITS, you: 'me' });
  return {
    clock,
    log,
    outbox,
    sender,
    idOf: (of: string) => outbox.items.find(({ message }) => message === of)?.id ?? '',
    /** The texts sent since the last call; `!` marks a retry. */
    read: () =>
      frames.splice(0).map(frame => (frame.type === 'normal' ? frame.message + (frame.again ? '!' : '') : frame.type)),
  };
}

function refuse({ sender, idOf }: ReturnType<typeof begin>, text: string, code: RefusalCode, retryMs?: number) {
  const frame = { type: 'refused', code, of: 'normal', id: idOf(text) } as const;
  sender.onRefused(retryMs === undefined ? frame : { ...frame, retryMs });
}

sending('waits until the client is live, and then sends one message at a time', () => {
  const all = begin();
  all.sender.say('one', 'xs');
  all.sender.say('two', 'xs');
  assert.equal(all.read(), []);
  all.sender.onLive();
  assert.equal(all.read(), ['one']);
  all.sender.onStored(message(1, { id: all.idOf('one'), from: 'me' }));
  assert.equal(all.read(), ['two']);
  assert.is(all.log.at(-1), 'one sent');
});

sending('retries after any refusal with a retryMs, and gives up after any without one', () => {
  for (const code of ['too-fast', 'unavailable', 'read-only', 'bad-frame', 'gone'] as const) {
    const all = begin();
    all.sender.onLive();
    all.sender.say('one', 'xs');
    all.read();
    refuse(all, 'one', code, 700);
    all.clock.wind(699);
    assert.equal(all.read(), []);
    all.clock.wind(1);
    assert.equal(all.read(), ['one!'], code);
  }
  for (const code of ['too-fast', 'unavailable', 'read-only', 'bad-frame'] as const) {
    const all = begin();
    all.sender.onLive();
    all.sender.say('one', 'xs');
    all.sender.say('two', 'xs');
    all.read();
    refuse(all, 'one', code);
    assert.is(all.log.at(-1), `one failed ${code}`);
    assert.equal(all.read(), ['two']);
  }
});

sending('drops a message that is refused because it has been erased, without an error', () => {
  const all = begin();
  all.sender.onLive();
  all.sender.say('one', 'xs');
  all.sender.say('two', 'xs');
  all.read();
  refuse(all, 'one', 'gone');
  assert.equal(all.log, ['one pending', 'two pending', 'one discarded']);
  assert.equal(
    all.outbox.items.map(({ message }) => message),
    ['two'],
  );
  assert.equal(all.read(), ['two']);
});

sending('applies a refusal without an id to the message in flight, and ignores it if there is none', () => {
  const all = begin();
  all.sender.onRefused({ type: 'refused', code: 'gone', of: 'normal' });
  all.sender.onRefused({ type: 'refused', code: 'empty', of: 'normal' });
  assert.equal(all.log, []);
  all.sender.onLive();
  all.sender.say('one', 'xs');
  all.sender.onRefused({ type: 'refused', code: 'empty', of: 'normal' });
  assert.is(all.log.at(-1), 'one failed empty');
});

sending('once live again, retries the message that was in flight when the connection ended', () => {
  const all = begin();
  all.sender.onLive();
  all.sender.say('one', 'xs');
  all.sender.say('two', 'xs');
  all.read();
  all.sender.onDrop(undefined);
  assert.is(all.clock.pending, 0);
  all.sender.onPage(false);
  assert.equal(all.read(), []);
  all.sender.onLive();
  assert.equal(all.read(), ['one!']);
});

sending('does not retry a message that may be among the missing entries', () => {
  const all = begin();
  all.sender.onLive();
  all.sender.say('one', 'xs');
  all.sender.say('two', 'xs');
  all.sender.onDrop(undefined);
  all.sender.onPage(true);
  all.read();
  all.sender.onLive();
  assert.is(all.log.at(-1), 'one unknown');
  assert.equal(all.read(), ['two']);
});

sending('fails a message that was too big for a frame, and none at any other close code', () => {
  const all = begin();
  all.sender.onDrop(1009);
  assert.equal(all.log, []);
  all.sender.onLive();
  all.sender.say('one', 'xs');
  all.sender.onDrop(1006);
  assert.is(all.log.at(-1), 'one pending');
  all.sender.onLive();
  all.sender.onDrop(1009);
  assert.is(all.log.at(-1), 'one failed too-big');
});

sending('gives a connection up on which it gets no answer twice in a row', () => {
  const all = begin();
  all.sender.onLive();
  all.sender.say('one', 'xs');
  all.clock.wind(10_000);
  assert.equal(all.read(), ['one', 'one!']);
  all.clock.wind(9999);
  assert.not(all.log.includes('lost'));
  all.clock.wind(1);
  assert.is(all.log.at(-1), 'lost');
  assert.equal(all.read(), []);
  all.sender.onDrop(undefined);
  all.sender.onLive();
  all.clock.wind(10_000);
  assert.equal(all.read(), ['one!', 'one!']);
  for (const answer of ['refused', 'stored'] as const) {
    if (answer === 'refused') refuse(all, 'one', 'too-fast', 1000);
    else all.sender.onStored(message(1, { id: all.idOf('one'), from: 'me' }));
    all.sender.say('two', 'xs');
    all.clock.wind(11_000);
    assert.is(all.log.filter(line => line === 'lost').length, 1, answer);
  }
});

sending('announces typing at once, and at most every 3 s', () => {
  const all = begin();
  all.sender.typing();
  all.sender.onLive();
  all.sender.typing();
  all.sender.typing();
  all.clock.wind(2999);
  all.sender.typing();
  assert.equal(all.read(), ['typing']);
  all.clock.wind(1);
  all.sender.typing();
  assert.equal(all.read(), ['typing']);
});

sending.run();
