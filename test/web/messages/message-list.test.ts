import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Change, countQuiet, MAX_SPOKEN } from '../../../src/web/messages/message-list.ts';
import { outgoingWords } from '../../../src/web/messages/message-row.ts';
import { type DomContext, useDom } from '../../support/dom.ts';
import { eventually } from '../../support/fake-relay.ts';
import { ListRig, message, messages, NOON } from '../../support/list.ts';
import { en, zh } from '../../support/words.ts';

const live: Change = { message: message(1), replayed: false, counts: true };
const replayed: Change = { message: message(1), replayed: true, counts: true };
const times = (count: number, change: Change) => Array.from({ length: count }, () => change);

const list = suite<DomContext>('message list');
useDom(list);

list('adds everything received between two frames at once, in order', ({ dom }) => {
  const rig = new ListRig(dom);
  for (const message of messages(1, 3)) rig.list.change({ message, replayed: true, counts: false });
  assert.equal(rig.texts, []);
  dom.frame();
  assert.equal(rig.texts, ['1', '2', '3']);
  assert.equal(
    [...rig.scroller.querySelectorAll<HTMLElement>('li')].map(row => row.dataset.seq),
    ['1', '2', '3'],
  );
});

list('has words for an empty room', ({ dom }) => {
  assert.is(new ListRig(dom).one('.quiet').textContent, en.quiet);
});

list('groups the messages of one person within five minutes under one name', ({ dom }) => {
  const rig = new ListRig(dom);
  const cat = { from: 'c', user: 'Cat' };
  rig.page(message(1), message(2), message(3, cat), message(4, { ...cat, at: NOON + 301_000 }));
  rig.live(message(5, { ...cat, at: NOON + 302_000 }), message(6, { ...cat, user: 'Kate', at: NOON + 303_000 }));
  assert.equal(rig.rows, ['[Today] Bob: 1', '2', 'Cat: 3', 'Cat: 4', '5', 'Kate: 6']);
});

list('puts a divider where a day begins', ({ dom }) => {
  const rig = new ListRig(dom);
  const [dayBefore, yesterday] = [NOON - 172_800_000, NOON - 86_400_000];
  rig.page(message(1, { at: dayBefore }), message(2, { at: yesterday }), message(3, { at: yesterday }), message(4));
  const [first, ...others] = rig.rows;
  assert.match(first ?? '', /^\[.*February 27, 2026\] Bob: 1$/);
  assert.equal(others, ['[Yesterday] Bob: 2', '3', '[Today] Bob: 4']);
});

list(
  'calls a day yesterday at midnight, whatever the reader’s clock says and wherever an hour is left out',
  ({ dom }) => {
    const zone = process.env.TZ;
    try {
      for (const [name, midnight] of [
        ['Asia/Shanghai', '2026-03-01T16:00:00Z'],
        ['Europe/Berlin', '2026-03-28T23:00:00Z'],
        ['Europe/Berlin', '2026-03-29T22:00:00Z'],
        ['Europe/Berlin', '2026-10-25T23:00:00Z'],
        ['America/Havana', '2026-03-08T05:00:00Z'],
      ] as const) {
        process.env.TZ = name;
        for (const error of [-90_000_000, 0, 86_400_000]) {
          const what = `${name} ${midnight} ${error}`;
          const evening = Date.parse(midnight) - 30_000;
          const start = dom.clock.now();
          const rig = new ListRig(dom, () => evening + error + dom.clock.now() - start);
          rig.live(message(1, { at: evening }));
          assert.equal(rig.rows, ['[Today] Bob: 1'], what);
          dom.clock.wind(29_999);
          assert.equal(rig.rows, ['[Today] Bob: 1'], what);
          dom.clock.wind(60_000);
          assert.equal(rig.rows, ['[Yesterday] Bob: 1'], what);
          rig.live(message(2, { at: evening + 89_999 }));
          assert.equal(rig.rows, ['[Yesterday] Bob: 1', '[Today] Bob: 2'], what);
          rig.list.dispose();
        }
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  },
);

list('calls a day yesterday once it is over, without another row', ({ dom }) => {
  const evening = new Date(2026, 2, 1, 23, 50).getTime();
  const rig = new ListRig(dom, dom.clock.now);
  dom.clock.wind(evening - dom.clock.now());
  rig.page(message(1, { at: evening - 86_400_000 }), message(2, { at: evening }));
  assert.equal(rig.rows, ['[Yesterday] Bob: 1', '[Today] Bob: 2']);
  dom.clock.wind(660_000);
  assert.equal(rig.rows.slice(1), ['[Yesterday] Bob: 2']);
  assert.match(rig.rows[0] ?? '', /February 28/);
  rig.live(message(3, { at: dom.clock.now() }));
  assert.equal(rig.rows.slice(1), ['[Yesterday] Bob: 2', '[Today] Bob: 3']);
});

list('takes the day from the relay if the reader’s clock is wrong', ({ dom }) => {
  for (const error of [-86_400_000, 86_400_000]) {
    const rig = new ListRig(dom, () => NOON + error);
    rig.page(message(1, { at: NOON - 86_400_000 }));
    rig.live(message(2));
    assert.equal(rig.rows, ['[Yesterday] Bob: 1', '[Today] Bob: 2'], `${error}`);
    rig.list.dispose();
  }
});

list('takes the day from the relay for what is shown already, without another divider', ({ dom }) => {
  for (const error of [-86_400_000, 86_400_000]) {
    const rig = new ListRig(dom, () => NOON + error);
    rig.page(message(1, { at: NOON - 60_000 }));
    rig.live(message(2));
    assert.equal(rig.rows, ['[Today] Bob: 1', '2'], `${error}`);
    rig.list.dispose();
  }
});

list('takes no message that was long on its way for a new one', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.live(message(1));
  // The computer slept: what comes now was written yesterday.
  rig.live(message(2, { at: NOON - 1000 }), message(3, { at: NOON - 86_400_000 + 1000 }));
  assert.equal(rig.rows, ['[Today] Bob: 1', '2', '[Yesterday] Bob: 3']);
});

list('marks the user’s own messages under any name, and marks them anew after a welcome', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1), message(2, rig.me));
  rig.live(message(3, { from: 'me', user: 'Anna' }), message(4, { from: 'you', user: 'Ann' }));
  assert.equal(rig.rows, ['[Today] Bob: 1', '> Ann: 2', '> Anna: 3', 'Ann: 4']);
  rig.me = { from: 'you', user: 'Ann' };
  rig.list.identify();
  assert.equal(rig.rows, ['[Today] Bob: 1', 'Ann: 2', 'Anna: 3', '> Ann: 4']);
});

list('says where messages are missing, and begins a new group there, but not a new day', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1));
  rig.list.change({ missed: 3 });
  rig.page(message(5));
  rig.list.change({ missed: null });
  rig.live(message(6));
  assert.equal(rig.rows, ['[Today] Bob: 1', `-- ${en.missed(3)}`, 'Bob: 5', `-- ${en.missedSome}`, 'Bob: 6']);
});

list('shows text as text and never as markup, and links without a referrer', async ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1, { message: '<b>see</b> https://a.example/x', user: '<i>Bob' }));
  assert.is(rig.one('.text').textContent, '<b>see</b> https://a.example/x');
  assert.is(rig.one('bdi').textContent, '<i>Bob');
  assert.is(rig.scroller.querySelector('b, i'), null);
  await eventually(() => rig.scroller.querySelector('.text a') !== null, 'the link');
  assert.is(rig.one('.text').textContent, '<b>see</b> https://a.example/x');
  const link = rig.one('.text a');
  assert.is(link.getAttribute('href'), 'https://a.example/x');
  assert.is(link.getAttribute('target'), '_blank');
  for (const word of ['noopener', 'noreferrer']) assert.match(link.getAttribute('rel') ?? '', word);
});

list('shows the time of a message, and its text in its own direction', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1));
  const time = rig.one('time');
  assert.equal([time.textContent, time.getAttribute('datetime')], ['12:00', new Date(NOON).toISOString()]);
  assert.is(rig.one('.text').getAttribute('dir'), 'auto');
});

list('announces live messages in a log, and empties the log when a page is replayed', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1));
  rig.live(message(2));
  rig.live(message(3));
  assert.equal(
    [...rig.log.querySelectorAll('.text')].map(text => text.textContent),
    ['2', '3'],
  );
  rig.page(message(4));
  assert.is(rig.log.querySelectorAll('li').length, 0);
  assert.equal(rig.texts, ['1', '2', '3', '4']);
});

list('announces only the number of messages when many come at once', ({ dom }) => {
  const rig = new ListRig(dom);
  const status = rig.one('[role=status]');
  rig.live(...messages(1, MAX_SPOKEN));
  assert.is(status.textContent, '');
  assert.is(rig.log.querySelectorAll('li').length, MAX_SPOKEN);
  rig.live(...messages(6, 6 + MAX_SPOKEN));
  assert.is(status.textContent, en.unread(MAX_SPOKEN + 1));
  assert.is(rig.log.querySelectorAll('li').length, 0);
});

list('keeps the newest 400 of more than 500 rows, with a day and a name at the top', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 499));
  rig.live(message(500));
  assert.is(rig.rows.length, 500);
  rig.live(message(501));
  assert.is(rig.rows.length, 400);
  assert.equal([rig.rows[0], rig.rows[1], rig.rows.at(-1)], ['[Today] Bob: 102', '103', '501']);
});

list('removes no row while the reader is scrolled up', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 499));
  rig.layout.scrollTo(5000);
  rig.live(message(500), message(501));
  assert.is(rig.texts.length, 501);
  rig.list.toEnd();
  rig.live(message(502));
  assert.is(rig.rows.length, 400);
});

list('keeps the rows of a log that was replaced, without their seq', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(message(1), message(2, rig.me));
  rig.list.change({ message: message(3), replayed: false, counts: true });
  rig.list.reset();
  assert.equal(rig.texts, ['1', '2', '3'], 'a change that waited for a frame comes before');
  assert.is(rig.scroller.querySelectorAll('[data-seq]').length, 0);
  rig.page(message(1, { message: 'new' }));
  assert.equal(rig.rows, ['[Today] Bob: 1', '> Ann: 2', 'Bob: 3', 'new']);
});

list('drops waiting changes when disposed of, and leaves no timer, listener or observer', ({ dom }) => {
  const rig = new ListRig(dom);
  rig.page(...messages(1, 50));
  rig.layout.scrollTo(400);
  rig.list.change({ message: message(51), replayed: false, counts: true });
  rig.scroller.scrollTop = 0;
  rig.list.dispose();
  assert.equal(dom.leftovers, []);
  assert.equal(rig.asked, [], 'nor does it ask for older messages');
  assert.is(rig.texts.length, 50);
});

const reading = suite('reading aloud');

reading('is for live messages, not for a replay and anything before it', () => {
  assert.is(countQuiet([live]), 0);
  assert.is(countQuiet([replayed, replayed]), 2);
  assert.is(countQuiet([live, replayed, live]), 2);
  assert.is(countQuiet([{ missed: 3 }, live]), 1);
  assert.is(countQuiet([]), 0);
});

reading('stops when too many messages come at once, not counting acknowledgements', () => {
  assert.is(countQuiet(times(MAX_SPOKEN, live)), 0);
  assert.is(countQuiet(times(MAX_SPOKEN + 1, live)), MAX_SPOKEN + 1);
  assert.is(countQuiet([...times(MAX_SPOKEN, live), { sent: 'i' }]), 0);
});

const unsent = suite('unsent messages');
const item = { id: 'i', message: 'hi', user: 'Ann', at: 1 };

unsent('say that they are being sent, or why not', () => {
  assert.is(outgoingWords({ ...item, state: 'pending' }, zh), '发送中…');
  assert.is(outgoingWords({ ...item, state: 'failed', code: 'too-long' }, zh), '消息过长，未发送');
  assert.is(outgoingWords({ ...item, state: 'failed', code: 'too-big' }, en), 'Not sent. Message too large.');
  assert.is(outgoingWords({ ...item, state: 'unknown' }, en), en.unknown);
  assert.ok(outgoingWords({ ...item, state: 'failed' }, en));
  const tomorrow: string = 'a-code-of-tomorrow';
  assert.is(
    outgoingWords({ ...item, state: 'failed', code: tomorrow as 'empty' }, en),
    'Not sent. a-code-of-tomorrow.',
  );
});

list.run();
reading.run();
unsent.run();
