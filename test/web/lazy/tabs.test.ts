/** Several tabs of one browser: which person each is, and what the next one adopts when one is gone. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KeptStorage } from '../../../src/web/browser/storage.ts';
import type { OutboxStorage } from '../../../src/web/client/client.ts';
import { createOutbox, type Outbox } from '../../../src/web/client/outbox.ts';
import { randomId } from '../../../src/web/client/random-id.ts';
import mountTabs, { type Tabs } from '../../../src/web/lazy/tabs.ts';
import { type Dom, type DomContext, useDom } from '../../support/dom.ts';
import { FakeStorage } from '../../support/pair.ts';

const tabs = suite<DomContext>('tabs');
useDom(tabs);

const ROOM = 'wss://relay.example/rooms/tea';
/** The one of Node, which its targets take. */
const { Event: NodeEvent } = globalThis;
const DAY_MS = 24 * 60 * 60 * 1000;

tabs.before.each(({ dom }) => {
  FakeChannel.open.clear();
  dom.define('BroadcastChannel', FakeChannel);
});

/** A channel to the other tabs. Messages arrive at once. */
class FakeChannel {
  static readonly open = new Set<FakeChannel>();
  onmessage: ((event: { data: unknown }) => void) | undefined;

  constructor() {
    FakeChannel.open.add(this);
  }

  postMessage(data: unknown): void {
    for (const other of [...FakeChannel.open]) if (other !== this) other.onmessage?.({ data });
  }

  close(): void {
    FakeChannel.open.delete(this);
  }
}

let count = 0;

/** A tab with one conversation. All tabs of a test share the permanent storage of its window. */
class Tab {
  readonly session: FakeStorage;
  readonly relay: string;
  readonly page: string;
  readonly slot = `slot${++count}`;
  readonly outbox: Outbox;
  readonly text: HTMLTextAreaElement;
  readonly closed: string[];
  /** The present name. */
  user = 'Ann';
  decided = false;
  /** The texts of the messages that were shown again. */
  readonly shown: string[] = [];
  readonly #dom: Dom;
  readonly #window = new EventTarget();
  readonly #tabs: Tabs;
  readonly #identity: { key: string; readonly user: string; readonly undecided: boolean };

  constructor(dom: Dom, { session = new FakeStorage(), closed = [], room = ROOM, beside }: Partial<Opening> = {}) {
    this.#dom = dom;
    this.session = session;
    this.closed = closed;
    this.page = beside?.page ?? `page${++count}`;
    // The pages of this test share what a page keeps in memory for a relay; those of a browser do not.
    this.relay = beside?.relay ?? `relay${++count}`;
    const person = [...session.kept.keys()].find(name => name.startsWith('heartline-person:'));
    if (person && !beside) {
      session.setItem(`heartline-person:${this.relay}`, session.getItem(person) ?? '');
      session.removeItem(person);
    }
    const draft = `heartline-draft:${room}:${this.slot}`;
    const outbox = createOutbox(localStorage, `heartline-outbox:${room}:${this.slot}`);
    this.outbox = outbox;
    this.text = document.createElement('textarea');
    this.text.oninput = () => {
      if (this.text.value) localStorage.setItem(draft, `${dom.clock.now()} ${this.text.value}`);
      else localStorage.removeItem(draft);
    };
    const form = document.createElement('form');
    form.append(this.text);
    dom.define('addEventListener', this.#window.addEventListener.bind(this.#window));
    const holder = localStorage.getItem(`heartline-holder:${room}`) ?? this.page;
    this.#identity = {
      key: 'the browser’s',
      user: this.user,
      undecided: person !== undefined || holder !== this.page,
    };
    const getUser = () => this.user;
    this.#tabs = mountTabs({
      relay: this.relay,
      url: room,
      page: this.page,
      slot: this.slot,
      closed,
      words: { guest: number => `Guest ${number}` },
      identity: this.#identity,
      client: {
        load: () => this.outbox.load(),
        rename: user => {
          this.user = user;
        },
        get user() {
          return getUser();
        },
        get outgoing() {
          return outbox.items;
        },
        you: '',
      },
      composer: { element: form },
      local: kept(localStorage),
      session: kept(session),
      list: { show: ({ message }) => this.shown.push(message) },
      randomId,
    });
    void this.#tabs.decided.then(() => {
      this.decided = true;
    });
  }

  /** What is waiting to be sent. */
  get waiting(): string[] {
    return this.outbox.items.map(({ message, state }) => (state === 'pending' ? message : `${message} (${state})`));
  }

  get key(): string {
    return this.#identity.key;
  }

  get isFirst(): boolean {
    return this.key === 'the browser’s';
  }

  type(text: string): void {
    this.text.value = text;
    this.text.dispatchEvent(new Event('input'));
  }

  say(message: string): string {
    return this.outbox.add(message, this.user, this.#dom.clock.now())?.id ?? '';
  }

  /** The browser says this to the page. */
  hear(event: string): void {
    this.#window.dispatchEvent(new NodeEvent(event));
  }

  /** Removes the element. */
  dispose(): void {
    this.closed.push(this.slot);
    this.#tabs.dispose();
  }

  /** Ends the page without a notice. */
  kill(): void {
    this.#tabs.dispose();
    this.session.kept.clear();
  }

  /** Leaves the page, as closing the tab and loading it anew do. */
  leave(): void {
    this.hear('pagehide');
    const kept = new Map(this.session.kept);
    this.#tabs.dispose();
    this.session.kept.clear();
    for (const [name, value] of kept) this.session.kept.set(name, value);
  }

  reload(): Tab {
    this.leave();
    return new Tab(this.#dom, { session: this.session });
  }
}

interface Opening {
  readonly session: FakeStorage;
  readonly closed: string[];
  readonly room: string;
  /** Another element of its page. */
  readonly beside: Tab;
}

/** As the page has it. */
function kept(storage: OutboxStorage): KeptStorage {
  return {
    getItem: name => storage.getItem(name) ?? '',
    setItem: (name, value) => (value ? storage.setItem(name, value) : storage.removeItem(name)),
    removeItem: name => storage.removeItem(name),
  };
}

/** Opens a tab and lets it decide. */
function open(dom: Dom, opening: Partial<Opening> = {}): Tab {
  const tab = new Tab(dom, opening);
  dom.clock.wind(100);
  return tab;
}

const stored = () => Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '').sort();

tabs('are two people while both are open, and the next is the first again', async ({ dom }) => {
  const first = open(dom);
  const second = open(dom);
  const third = open(dom);
  assert.equal([first.isFirst, second.isFirst, third.isFirst], [true, false, false]);
  assert.match(second.key, /^[\w-]{16,128}$/);
  assert.is.not(second.key, third.key);
  assert.match(second.user, /^Guest [1-9]\d{3}$/);
  assert.is(second.session.getItem(`heartline-names:${second.relay}`), second.user);
  first.leave();
  const next = open(dom);
  assert.ok(next.isFirst);
  assert.not.ok(open(dom).isFirst);
});

tabs('that become another person keep the name that they were given meanwhile', ({ dom }) => {
  open(dom);
  const given = new Tab(dom);
  given.user = 'Bea';
  dom.clock.wind(100);
  assert.not.ok(given.isFirst);
  assert.is(given.user, 'Bea');
  const item = (tab: Tab) => `heartline-names:${tab.relay}`;
  assert.match(given.session.getItem(item(given)) ?? '', /^Guest \d{4}$/, 'a name that is not stored, nor the first’s');
  const chosen = new Tab(dom);
  chosen.user = 'Cat';
  chosen.session.setItem(item(chosen), 'Cat');
  dom.clock.wind(100);
  assert.equal([chosen.user, chosen.session.getItem(item(chosen))], ['Cat', 'Cat']);
});

tabs('that become another person say under its name what was said meanwhile', ({ dom }) => {
  open(dom);
  const names = ({ outbox }: Tab) => outbox.items.map(({ user, message }) => `${user}: ${message}`);
  const second = new Tab(dom);
  second.say('one');
  dom.clock.wind(100);
  second.say('two');
  assert.equal(names(second), [`${second.user}: one`, `${second.user}: two`]);
  assert.equal(second.shown, ['one']);
  const third = new Tab(dom);
  third.say('one');
  third.user = 'Bea';
  third.say('two');
  third.user = 'Cat';
  dom.clock.wind(100);
  assert.equal(names(third), ['Cat: one', 'Bea: two']);
  const gone = new Tab(dom);
  gone.user = 'Ann';
  gone.say('of the first');
  gone.kill();
  assert.equal(names(open(dom)), ['Ann: of the first'], 'someone else has said it');
});

tabs('in other rooms are the same person', ({ dom }) => {
  open(dom);
  assert.ok(open(dom, { room: `${ROOM}2` }).isFirst);
});

tabs('wait for the answer only if there may be another', async ({ dom }) => {
  const turn = () => new Promise(resolve => setImmediate(resolve));
  const first = new Tab(dom);
  await turn();
  assert.ok(first.decided);
  const second = new Tab(dom);
  dom.clock.wind(99);
  await turn();
  assert.not.ok(second.decided);
  dom.clock.wind(1);
  await turn();
  assert.ok(second.decided);
});

tabs('are the first person after one that was killed', ({ dom }) => {
  open(dom).kill();
  assert.ok(open(dom).isFirst);
  assert.not.ok(open(dom).isFirst);
});

tabs('that open at once after one that was killed are different people', ({ dom }) => {
  open(dom).kill();
  const pair = [new Tab(dom), new Tab(dom)];
  dom.clock.wind(100);
  assert.equal(
    pair.map(({ isFirst }) => isFirst),
    [true, false],
  );
});

tabs('stay who they are when they are reloaded', async ({ dom }) => {
  const first = open(dom);
  const second = open(dom);
  const { key } = second;
  assert.ok(first.reload().isFirst);
  let again = second;
  for (let reloads = 0; reloads < 3; reloads++) {
    again = again.reload();
    assert.is(again.key, key, 'without a wait');
    dom.clock.wind(100);
  }
  assert.is(again.user, 'Ann', 'it keeps its name');
});

tabs('leave their key to the next page once the last element has gone', ({ dom }) => {
  open(dom);
  const one = open(dom);
  const { session, key } = one;
  const two = open(dom, { session, beside: one });
  assert.is(two.key, key);
  const left = () => session.getItem(`heartline-person:${one.relay}`) ?? '';
  one.dispose();
  assert.is(left(), '', 'a copy of the tab is another person');
  two.hear('pagehide');
  assert.is(left(), key);
  two.hear('pageshow');
  assert.is(left(), '');
  two.dispose();
  assert.is(left(), key);
  const next = open(dom, { session, beside: one });
  assert.equal([next.key, left()], [key, '']);
});

tabs('stay who they are when they are discarded while hidden', ({ dom }) => {
  open(dom);
  const second = open(dom);
  dom.hide(true);
  second.hear('visibilitychange');
  const session = new FakeStorage();
  for (const [name, value] of second.session.kept) session.setItem(name, value);
  second.kill();
  dom.hide(false);
  assert.is(open(dom, { session }).key, second.key);
});

tabs('that are duplicated are other people, with nothing of the first', ({ dom }) => {
  const original = open(dom);
  const other = open(dom);
  original.type('half a sent');
  original.say('waiting');
  for (const tab of [original, other]) {
    const session = new FakeStorage();
    for (const [name, value] of tab.session.kept) session.setItem(name, value);
    const copy = open(dom, { session });
    assert.not.ok(copy.isFirst);
    assert.is.not(copy.key, other.key);
    assert.equal([copy.waiting, copy.text.value], [[], '']);
  }
  assert.equal([original.waiting, original.text.value], [['waiting'], 'half a sent']);
});

tabs('that come back from the back/forward cache are the first person again, and have their slot', ({ dom }) => {
  const tab = open(dom);
  tab.say('waiting');
  tab.hear('pagehide');
  assert.equal([...tab.session.kept.values()], [tab.slot]);
  tab.hear('pageshow');
  assert.equal([...tab.session.kept.values()], []);
  const second = open(dom);
  assert.not.ok(second.isFirst);
  assert.equal(second.waiting, []);
});

tabs('keep what was not sent through fifty reloads, without a wait and without growth', ({ dom }) => {
  let tab = open(dom);
  tab.type('half a sent');
  tab.say('one');
  tab.outbox.mark(tab.say('two'), { state: 'failed', code: 'too-long' });
  const before = [stored().length, tab.session.kept.size];
  for (let reloads = 0; reloads < 50; reloads++) {
    tab = tab.reload();
    assert.equal([tab.waiting, tab.text.value], [['one', 'two (failed)'], 'half a sent']);
    if (reloads % 2) dom.clock.wind(100);
  }
  assert.equal([stored().length, tab.session.kept.size], before);
  assert.is(tab.outbox.items[1]?.code, 'too-long');
});

tabs('leave what was not sent to the next element of their page, each to one', ({ dom }) => {
  const closed: string[] = [];
  const pair = [open(dom, { closed }), open(dom, { closed })];
  for (const [index, tab] of pair.entries()) {
    tab.type(`draft ${index}`);
    tab.say(`${index}`);
  }
  for (const tab of pair) tab.dispose();
  const again = [new Tab(dom, { closed }), new Tab(dom, { closed })];
  assert.equal(
    again.map(({ waiting, text }) => [...waiting, text.value]),
    [
      ['0', 'draft 0'],
      ['1', 'draft 1'],
    ],
  );
  for (const tab of again) {
    tab.type('');
    for (const { id } of tab.outbox.items) tab.outbox.remove(id);
    tab.dispose();
  }
  assert.equal(closed, [], 'nothing is remembered of what is empty');
});

for (const end of ['kill', 'leave'] as const) {
  tabs(`adopt all messages and the draft of a tab that is gone (${end}), with the ids, and its failures`, ({ dom }) => {
    const gone = open(dom);
    for (let number = 0; number < 98; number++) gone.say(`${number}`);
    gone.outbox.mark(gone.say('failed'), { state: 'failed', code: 'too-long' });
    gone.outbox.mark(gone.say('sent'), { sentAs: 'me' });
    gone.type('half a sent');
    const { items } = gone.outbox;
    gone[end]();
    const next = new Tab(dom);
    assert.equal(next.waiting, [], 'not before it is known that nobody has them');
    dom.clock.wind(100);
    assert.equal(
      next.outbox.items,
      items.map(item => ({ sentAs: '', ...item })),
    );
    assert.is(next.text.value, 'half a sent');
    assert.equal(open(dom).waiting, []);
    assert.is(stored().filter(name => /outbox|draft/.test(name)).length, 2);
    assert.ok(stored().every(name => /holder/.test(name) || name.endsWith(next.slot)));
  });
}

tabs('adopt nothing of a tab that is open', ({ dom }) => {
  const first = open(dom);
  first.say('one');
  first.type('half a sent');
  const second = open(dom);
  assert.equal([second.waiting, second.text.value], [[], '']);
  assert.equal([first.waiting, first.text.value], [['one'], 'half a sent']);
});

tabs('that ask at once adopt only once', ({ dom }) => {
  const gone = open(dom);
  gone.say('one');
  gone.kill();
  const pair = [new Tab(dom), new Tab(dom)];
  dom.clock.wind(100);
  assert.equal(
    pair.map(({ waiting }) => waiting),
    [['one'], []],
  );
});

tabs('adopt from several, in the order of time, and only the newest draft, and only into an empty field', ({ dom }) => {
  for (const name of ['a', 'b']) {
    const gone = new Tab(dom);
    gone.say(name);
    gone.type(`draft ${name}`);
    gone.kill();
    dom.clock.wind(1000);
  }
  const next = new Tab(dom);
  next.type('typed');
  dom.clock.wind(100);
  assert.equal([next.waiting, next.text.value], [['a', 'b'], 'typed']);
  next.type('');
  next.leave();
  next.session.kept.clear();
  assert.is(open(dom).text.value, 'draft b');
  assert.is(open(dom).text.value, 'draft a', 'nothing is lost');
});

tabs('leave what does not fit into the outbox to the next', ({ dom }) => {
  for (let round = 0; round < 2; round++) {
    const gone = new Tab(dom);
    for (let number = 0; number < 150; number++) gone.say(`${round} ${number}`);
    gone.kill();
    dom.clock.wind(1);
  }
  const next = open(dom);
  assert.is(next.waiting.length, 200);
  assert.is(open(dom).waiting.length, 100);
});

tabs('drop more than 50 items and more than a megabyte, the oldest first, but nothing for its age', ({ dom }) => {
  const now = () => dom.clock.now();
  const name = (slot: string, room = ROOM) => `heartline-draft:${room}:${slot}`;
  // The clock may have been wrong then, or is now.
  dom.clock.wind(400 * DAY_MS);
  localStorage.setItem(name('old', 'another'), `${now() - 400 * DAY_MS} old`);
  localStorage.setItem(name('young', 'another'), `${now() - 29 * DAY_MS} young`);
  localStorage.setItem(name('later', 'another'), `${now() + 40 * DAY_MS} later`);
  localStorage.setItem('heartline-outbox:junk:x', '{');
  const live = open(dom);
  live.type('live');
  assert.equal(
    stored().filter(item => !item.includes('holder')),
    [name('later', 'another'), name('old', 'another'), name('young', 'another'), name(live.slot)].sort(),
  );
  localStorage.removeItem(name('later', 'another'));
  for (let index = 0; index < 60; index++) localStorage.setItem(name(`s${index}`, 'another'), `${now() + index} x`);
  open(dom);
  const kept = () => stored().filter(item => item.includes(':another:'));
  assert.is(kept().length, 50);
  assert.not.ok(kept().includes(name('s9', 'another')));
  assert.ok(kept().includes(name('s10', 'another')));
  for (const item of kept()) localStorage.setItem(item, `${now()} ${'x'.repeat(100_000)}`);
  open(dom);
  assert.is(kept().length, 10);
});

tabs('take over what an earlier version has stored for the tab, once', ({ dom }) => {
  const session = new FakeStorage();
  const item = { id: 'i', message: 'one', user: 'Ann', at: 1, state: 'pending' };
  session.setItem(`heartline-outbox:${ROOM}:`, JSON.stringify([item]));
  session.setItem('heartline-draft:https://relay.example/rooms/tea', '7 days');
  const tab = open(dom, { session });
  assert.equal(tab.outbox.items, [{ sentAs: '', ...item }], 'it may have been sent');
  assert.is(tab.text.value, '7 days');
  assert.is(session.kept.size, 0);
});

tabs('adopt without asking where there is no channel', ({ dom }) => {
  dom.define('BroadcastChannel', undefined);
  const first = open(dom);
  first.say('one');
  const second = open(dom);
  assert.ok(second.isFirst);
  assert.equal(second.waiting, ['one']);
  assert.equal(first.waiting, ['one'], 'it has lost nothing');
});

for (const event of ['visibilitychange', 'pageshow', 'resume']) {
  tabs(`that were frozen do not send what another has adopted (${event})`, ({ dom }) => {
    const frozen = open(dom);
    frozen.say('one');
    const channels = [...FakeChannel.open];
    FakeChannel.open.clear();
    open(dom);
    for (const channel of channels) FakeChannel.open.add(channel);
    frozen.hear(event);
    assert.equal(frozen.waiting, ['one (unknown)']);
  });
}

tabs('that did not answer in time do not send what another has adopted', ({ dom }) => {
  const busy = open(dom);
  busy.say('one');
  busy.outbox.mark(busy.say('two'), { state: 'failed', code: 'too-long' });
  const channels = [...FakeChannel.open];
  FakeChannel.open.clear();
  const next = open(dom);
  assert.equal(next.waiting, ['one', 'two (failed)']);
  for (const channel of channels) FakeChannel.open.add(channel);
  assert.equal(busy.waiting, ['one', 'two (failed)']);
  busy.hear('visibilitychange');
  assert.equal(busy.waiting, ['one (unknown)', 'two (failed)']);
  busy.outbox.mark(busy.outbox.items[0]?.id, { state: 'pending' });
  open(dom);
  assert.equal(busy.waiting, ['one', 'two (failed)'], 'its own again');
  assert.equal(next.waiting, ['one', 'two (failed)']);
});

tabs('that did not answer in time do not send what another has adopted in part', ({ dom }) => {
  const busy = open(dom);
  for (let number = 0; number < 3; number++) busy.say(`busy ${number}`);
  const channels = [...FakeChannel.open];
  FakeChannel.open.clear();
  const next = new Tab(dom);
  for (let number = 0; number < 199; number++) next.say(`next ${number}`);
  dom.clock.wind(100);
  assert.is(next.waiting.length, 200);
  for (const channel of channels) FakeChannel.open.add(channel);
  busy.hear('visibilitychange');
  assert.equal(busy.waiting, ['busy 0 (unknown)', 'busy 1', 'busy 2']);
});

tabs('ignore what others say on their channel', ({ dom }) => {
  open(dom);
  const stranger = new FakeChannel();
  for (const data of [null, 7, 'x', {}, [], { heartline: 2, asks: true }]) stranger.postMessage(data);
  assert.not.ok(open(dom).isFirst);
});

tabs('forget pages that are gone, and leave nothing behind', ({ dom }) => {
  for (const room of ['a', 'b', 'c']) open(dom, { room }).kill();
  const tab = open(dom);
  assert.equal(stored(), [`heartline-holder:${ROOM}`]);
  tab.dispose();
  new Tab(dom).dispose();
  assert.equal(dom.leftovers, []);
  assert.is(FakeChannel.open.size, 0);
});

tabs.run();
