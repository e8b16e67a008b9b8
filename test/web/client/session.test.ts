/** The session alone: what it sends over a connection, and how its cursor moves. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClientFrame, PageFrame } from '../../../src/protocol/frames.ts';
import { createSession } from '../../../src/web/client/session.ts';
import { HandClock } from '../../support/clock.ts';
import { LIMITS } from '../../support/pair.ts';

const sessions = suite('session');
const key = 'a-key-of-sixteen-or-more';

function begin() {
  const clock = new HandClock();
  const frames: ClientFrame[] = [];
  const log: string[] = [];
  const session = createSession(
    clock,
    {
      send: frame => frames.push(frame),
      live: () => log.push('live'),
      lost: () => log.push('lost'),
      refused: ({ of, code }) => log.push(`refused ${of} ${code}`),
    },
    { user: 'xs', key },
  );
  return {
    clock,
    log,
    session,
    /** The frames sent since the last call. */
    read: () => frames.splice(0),
    welcome: (epoch = 'E.0') =>
      session.onWelcome({
        type: 'welcome',
        v: 1,
        room: 'r',
        you: 'me',
        epoch,
        limits: LIMITS,
        people: { count: 1, list: [] },
      }),
    page: (replay: number, head: number, more: Partial<PageFrame> = {}) =>
      session.onPage({ type: 'page', replay, head, missed: 0, more: false, ...more }),
    /** Reads entries, as the client does; returns whether each is new. */
    entries: (...seqs: number[]) =>
      seqs.map(seq => {
        const isNew = session.advance(seq);
        if (isNew === undefined) return 'gap';
        session.count();
        return isNew ? 'new' : 'old';
      }),
  };
}

/** Makes a session that is live with this cursor. */
function liveAt(head: number) {
  const all = begin();
  all.session.onOpen();
  all.welcome();
  all.page(0, head);
  all.read();
  all.log.length = 0;
  return all;
}

/** Loses the connection and is welcomed on the next one. Returns the hello that was sent. */
function again({ session, welcome, read }: ReturnType<typeof begin>, epoch?: string) {
  session.onDrop();
  session.onOpen();
  const [hello] = read();
  welcome(epoch);
  return hello;
}

sessions('says hello when a connection opens, with its cursor', () => {
  const all = begin();
  all.session.onOpen();
  assert.equal(all.read(), [{ type: 'hello', user: 'xs', key, token: undefined }]);
  all.welcome('E.3');
  all.page(0, 7);
  assert.equal(again(all), { type: 'hello', user: 'xs', key, token: undefined, epoch: 'E.3', since: 7 });
});

sessions('moves its cursor to the head after the last page, wherever the last entry is', () => {
  const all = begin();
  all.session.onOpen();
  assert.ok(all.session.joining);
  all.welcome();
  all.page(2, 90);
  assert.equal(all.entries(70, 80), ['new', 'new']);
  assert.equal(all.log, ['live']);
  assert.not(all.session.joining);
  assert.equal(all.entries(91), ['new'], 'so this is no gap');
});

sessions('counts every entry of a page, and asks for more after the last', () => {
  const all = liveAt(0);
  all.page(3, 5, { more: true });
  assert.ok(all.session.replaying);
  assert.equal(all.entries(1, 2), ['new', 'new']);
  assert.equal(all.read(), []);
  assert.equal(all.entries(3), ['new']);
  assert.not(all.session.replaying);
  assert.equal(all.read(), [{ type: 'more', after: 3 }]);
  assert.equal(all.log, []);
  all.page(2, 5);
  all.entries(4, 5);
  assert.equal(all.log, ['live']);
});

sessions('asks for a page again if the refusal allows it, and for another connection if not', () => {
  const all = liveAt(0);
  all.page(1, 5, { more: true });
  all.entries(1);
  all.read();
  all.session.onRefused({ type: 'refused', code: 'unavailable', of: 'more', retryMs: 500 });
  all.clock.wind(499);
  assert.equal(all.read(), []);
  all.clock.wind(1);
  assert.equal(all.read(), [{ type: 'more', after: 1 }]);
  all.session.onRefused({ type: 'refused', code: 'bad-frame', of: 'more' });
  assert.equal(all.log, ['lost']);
});

sessions('detects a gap between live entries, and does not move past it', () => {
  const all = liveAt(5);
  assert.equal(all.entries(6, 9), ['new', 'gap']);
  const hello = again(all);
  assert.equal(hello, { type: 'hello', user: 'xs', key, token: undefined, epoch: 'E.0', since: 6 });
});

sessions('resumes once from a gap, and accepts the same gap after that', () => {
  const all = liveAt(5);
  assert.equal(all.entries(1000), ['gap']);
  again(all);
  all.page(0, 5);
  assert.equal(all.entries(1000, 1001), ['new', 'new']);
});

sessions('resumes from each of several gaps', () => {
  const all = liveAt(5);
  assert.equal(all.entries(8), ['gap']);
  again(all);
  all.page(3, 8);
  assert.equal(all.entries(6, 7, 8, 11), ['new', 'new', 'new', 'gap']);
  again(all);
  all.page(3, 11);
  assert.equal(all.entries(9, 10, 11, 12), ['new', 'new', 'new', 'new']);
});

sessions('sees no gap before a page, which may begin after lost entries', () => {
  const all = liveAt(5);
  again(all);
  all.page(2, 41, { missed: 34 });
  assert.equal(all.entries(40, 41), ['new', 'new']);
});

sessions('detects a gap directly after a page, also if another page follows', () => {
  const all = liveAt(5);
  all.page(1, 6);
  assert.equal(all.entries(6, 8), ['new', 'gap']);
  const behind = liveAt(5);
  behind.page(1, 9, { more: true });
  assert.equal(behind.entries(6, 9), ['new', 'gap']);
});

sessions('treats a gap in another log as a different one', () => {
  const all = liveAt(5);
  assert.equal(all.entries(8), ['gap']);
  again(all, 'E.1');
  all.page(0, 5);
  assert.equal(all.entries(8), ['gap']);
});

sessions('detects a gap inside a page, but not before its first entry if the page reports missed ones', () => {
  const all = liveAt(5);
  again(all);
  all.page(3, 8);
  assert.equal(all.entries(6, 8), ['new', 'gap']);
  assert.equal(again(all), { type: 'hello', user: 'xs', key, token: undefined, epoch: 'E.0', since: 6 });
  const trimmed = liveAt(5);
  again(trimmed);
  trimmed.page(3, 42, { missed: 34 });
  assert.equal(trimmed.entries(40, 42), ['new', 'gap']);
});

sessions('sees no gap where a page ends before a floor and the next one says that entries may be missing', () => {
  const all = liveAt(1);
  again(all);
  all.page(2, 1001, { more: true });
  assert.equal(all.entries(2, 3), ['new', 'new']);
  assert.equal(all.read(), [{ type: 'more', after: 3 }]);
  all.page(2, 1001, { missed: null });
  assert.equal(all.entries(1000, 1001, 1002), ['new', 'new', 'new']);
  const quiet = liveAt(1);
  again(quiet);
  quiet.page(1, 999, { more: true });
  assert.equal(quiet.entries(2), ['new']);
  quiet.page(0, 999, { missed: null });
  assert.equal(quiet.entries(1000), ['new'], 'also if nobody has said anything after it');
  assert.equal([all.log, quiet.log], [['live'], ['live']]);
});

sessions('detects that the end of a page was lost when a later entry comes, and that a whole page was', () => {
  const all = liveAt(5);
  again(all);
  all.page(2, 7);
  assert.equal(all.entries(6), ['new']);
  assert.equal(all.entries(8), ['gap']);
  const whole = liveAt(5);
  assert.equal(whole.entries(7), ['gap']);
  again(whole);
  // The same gap again, but no page has shown that it is a floor.
  assert.equal(whole.entries(7), ['gap']);
});

sessions('reads a newest page again of which something was lost: it cannot tell what', () => {
  const all = begin();
  all.session.onOpen();
  all.welcome();
  all.page(3, 90);
  assert.equal(all.entries(70, 80), ['new', 'new']);
  assert.equal(all.entries(91), ['gap']);
  all.session.onDrop();
  all.session.onOpen();
  assert.equal(all.read().at(-1), { type: 'hello', user: 'xs', key, token: undefined });
  assert.ok(all.welcome(), 'as if the log were another one');
  all.page(1, 91);
  assert.equal(all.entries(91), ['new']);
});

sessions('gives a connection up if nothing of a page comes for 10 s', () => {
  const waits = [
    (all: ReturnType<typeof begin>) => all.welcome(),
    (all: ReturnType<typeof begin>) => all.page(2, 2),
    (all: ReturnType<typeof begin>) => all.page(0, 2, { more: true }),
  ];
  for (const wait of waits) {
    const all = begin();
    all.session.onOpen();
    all.welcome();
    wait(all);
    all.clock.wind(9999);
    assert.equal(all.log, []);
    all.clock.wind(1);
    assert.equal(all.log, ['lost']);
  }
  const slow = begin();
  slow.session.onOpen();
  slow.welcome();
  slow.page(3, 3);
  for (const seq of [1, 2, 3]) {
    slow.clock.wind(9000);
    slow.entries(seq);
  }
  slow.clock.wind(60_000);
  assert.equal(slow.log, ['live']);
});

sessions('never moves its cursor back, whatever is acknowledged', () => {
  const all = liveAt(90);
  assert.equal(all.entries(3, 90, 91), ['old', 'old', 'new']);
});

sessions('detects another log by comparing the whole epoch', () => {
  const all = begin();
  all.session.onOpen();
  assert.not(all.welcome('E.3'), 'the first epoch is not a change');
  all.page(0, 7);
  assert.not(all.welcome('E.3'));
  assert.ok(all.welcome('E.30'));
  assert.ok(all.session.joining);
});

sessions('sends a name that was changed while a hello was pending, once', () => {
  const all = begin();
  all.session.rename('b');
  assert.equal(all.read(), []);
  all.session.onOpen();
  all.session.rename('c');
  assert.equal(
    all.read().map(frame => [frame.type, 'user' in frame && frame.user]),
    [['hello', 'b']],
  );
  all.welcome();
  assert.equal(all.read(), [{ type: 'rename', user: 'c' }]);
});

sessions('reports a final refusal, and says hello again when it has another name', () => {
  const all = begin();
  all.session.onOpen();
  all.read();
  all.session.onRefused({ type: 'refused', code: 'bad-user', of: 'hello' });
  assert.equal(all.log, ['refused hello bad-user']);
  all.session.rename('good');
  assert.is(all.read()[0]?.type, 'hello');
});

sessions('leaves no timer behind when its connection ends', () => {
  const all = liveAt(0);
  all.session.onRefused({ type: 'refused', code: 'too-fast', of: 'rename', retryMs: 400 });
  all.session.onRefused({ type: 'refused', code: 'unavailable', of: 'more', retryMs: 400 });
  assert.is(all.clock.pending, 2);
  all.session.onDrop();
  assert.is(all.clock.pending, 0);
});

sessions.run();
