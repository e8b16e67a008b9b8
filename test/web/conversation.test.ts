import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Message } from '../../src/protocol/entries.ts';
import { CLOSE_FORBIDDEN } from '../../src/protocol/limits.ts';
import type { ConnectionState } from '../../src/web/client/client.ts';
import { type Conversation, type ConversationOptions, createConversation } from '../../src/web/conversation.ts';
import { type Dom, type DomContext, useDom } from '../support/dom.ts';
import { eventually, FakeRelay } from '../support/fake-relay.ts';
import { message, messages } from '../support/list.ts';
import { en } from '../support/words.ts';

const conversation = suite<DomContext>('conversation');
useDom(conversation);

/** A channel to another tab that is the browser's person in the room. */
class AnsweringChannel {
  static asked = 0;
  onmessage: ((event: { data: unknown }) => void) | undefined;

  postMessage({ url }: { readonly url: string }): void {
    AnsweringChannel.asked++;
    this.onmessage?.({ data: { heartline: 1, page: 'another page', url, slot: 'another slot', first: true } });
  }

  close(): void {}
}

/** A conversation on the page, with a relay and a user. */
class Rig {
  readonly relay: FakeRelay;
  readonly conversation: Conversation;
  readonly states: ConnectionState['name'][] = [];
  readonly received: Message[] = [];
  switches = 0;
  readonly #dom: Dom;

  constructor(dom: Dom, options: Partial<Pick<ConversationOptions, 'room' | 'relay' | 'user' | 'heartbeatMs'>> = {}) {
    this.#dom = dom;
    this.relay = new FakeRelay(dom);
    this.conversation = createConversation({
      room: 'tea',
      relay: 'https://relay.example',
      words: en,
      nextLanguage: () => '中文',
      heartbeatMs: undefined,
      user: 'Ann',
      changed: state => this.states.push(state.name),
      received: message => this.received.push(message),
      blocked: () => {},
      switchLanguage: () => this.switches++,
      ...options,
    });
    document.body.replaceChildren(this.conversation.element);
    this.conversation.open();
  }

  one<Element extends HTMLElement = HTMLElement>(selector: string): Element {
    const found = document.querySelector<Element>(selector);
    if (!found) throw new Error(`there is no ${selector}`);
    return found;
  }

  /** Presses the button with these words; the last where there are several. */
  press(words: string): void {
    this.button(words).click();
  }

  button(words: string): HTMLButtonElement {
    const button = [...document.querySelectorAll('button')].findLast(button => button.textContent === words);
    if (!button) throw new Error(`there is no button ${words}`);
    return button;
  }

  get text(): HTMLTextAreaElement {
    return this.one('textarea');
  }

  type(text: string): void {
    this.text.value = text;
    this.#dom.fire(this.text, 'input');
  }

  /** Writes a message, presses Enter, and lets a frame pass. */
  say(text: string): void {
    this.type(text);
    this.#dom.press(this.text, 'Enter');
    this.#dom.frame();
  }

  /** The texts of the messages on the page; those that are not stored with their state. */
  get rows(): string[] {
    return [...document.querySelectorAll<HTMLElement>('li.message')].map(row => {
      const text = row.querySelector('.text')?.textContent;
      return row.dataset.state ? `${text} (${row.dataset.state})` : `${text}`;
    });
  }

  get state(): string {
    return this.one('.state').textContent ?? '';
  }

  /** Why the composer's text was not accepted. */
  get error(): string {
    return this.one('.composer [role=alert]').textContent ?? '';
  }

  async openRenameDialog(): Promise<HTMLInputElement> {
    this.one('button.role').click();
    await eventually(() => document.querySelector<HTMLDialogElement>('dialog')?.open === true, 'the dialog');
    return this.one<HTMLInputElement>('dialog input');
  }

  async rename(user: string): Promise<void> {
    const field = await this.openRenameDialog();
    field.value = user;
    this.press(en.save);
  }
}

conversation('connects to its room and sends a hello with the stored identity', ({ dom }) => {
  const rig = new Rig(dom, { room: '大厅' });
  assert.equal(rig.relay.dialed, [`wss://relay.example/rooms/${encodeURIComponent('大厅')}`]);
  assert.equal(rig.states, ['connecting']);
  const hello = rig.relay.accept();
  assert.is(hello.type, 'hello');
  assert.is(hello.user, 'Ann');
  assert.is(hello.key, localStorage.getItem('heartline-key:https://relay.example'));
  assert.equal(rig.states, ['connecting', 'connected']);
  assert.is(rig.state, en.connected);
});

conversation('shows the room’s name, and the lobby’s in the language of the page', ({ dom }) => {
  new Rig(dom, { room: 'tea' });
  assert.is(document.querySelector('h1')?.textContent, 'tea');
  const rig = new Rig(dom, { room: 'lobby' });
  assert.is(document.querySelector('h1')?.textContent, en.lobby);
  assert.is(rig.conversation.element.lang, 'en');
});

conversation('shows and reports the messages of its first page, and then live ones', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept(messages(1, 2));
  rig.relay.socket.hear(message(3));
  dom.frame();
  assert.equal(rig.rows, ['1', '2', '3']);
  assert.equal(
    rig.received.map(({ seq }) => seq),
    [1, 2, 3],
  );
  assert.is(rig.one('[role=log]').querySelectorAll('li').length, 1, 'only what is live is read aloud');
});

conversation('shows a new message at once, and as stored when its echo comes', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept([message(1)]);
  rig.say('hello');
  assert.equal(rig.rows, ['1', 'hello (pending)']);
  const [frame] = rig.relay.socket.read();
  assert.equal([frame?.type, frame?.message], ['normal', 'hello']);
  rig.relay.socket.hear(message(2, { id: `${frame?.id}`, from: 'me', user: 'Ann', message: 'hello' }));
  assert.equal(rig.rows, ['1', 'hello (pending)'], 'until the next frame');
  dom.frame();
  assert.equal(rig.rows, ['1', 'hello']);
  assert.ok(rig.one('[data-seq="2"]').classList.contains('own'));
});

conversation('shows a message written before it is connected, and sends it then', ({ dom }) => {
  const rig = new Rig(dom);
  rig.say('early');
  assert.equal(rig.rows, ['early (pending)']);
  rig.relay.accept();
  assert.equal(rig.relay.frames, ['normal early']);
});

conversation('shows why a message was refused; it can be sent again or deleted', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept();
  rig.say('long');
  const [frame] = rig.relay.socket.read();
  const refuse = () => rig.relay.socket.hear({ type: 'refused', of: 'normal', code: 'too-long', id: frame?.id });
  refuse();
  assert.equal(rig.rows, ['long (failed)']);
  assert.match(rig.one('.note').textContent ?? '', en['too-long']);
  rig.press(en.retry);
  assert.equal(rig.rows, ['long (pending)']);
  assert.equal(rig.relay.frames, ['normal long']);
  assert.is(document.activeElement, rig.text, 'the button that had the focus is gone');
  refuse();
  rig.press(en.discard);
  assert.equal(rig.rows, []);
  assert.is(document.activeElement, rig.text);
});

conversation('has the outgoing messages of an earlier one on its page, and sends them again', async ({ dom }) => {
  const first = new Rig(dom);
  first.relay.accept();
  first.say('kept');
  first.conversation.dispose();
  const second = new Rig(dom);
  await eventually(() => second.rows.length > 0, 'the chunk that moves them');
  assert.equal(second.rows, ['kept (pending)']);
  second.relay.accept();
  const [frame] = second.relay.socket.read();
  assert.equal([frame?.message, frame?.again], ['kept', true]);
});

conversation('keeps the text in the composer when there are too many outgoing messages', ({ dom }) => {
  const rig = new Rig(dom);
  for (let count = 0; count < 200; count++) rig.say(`${count}`);
  assert.is(rig.rows.length, 200);
  rig.say('one too many');
  assert.is(rig.rows.length, 200);
  assert.is(rig.error, en.unsent);
  assert.is(rig.text.value, 'one too many');
});

conversation('disconnects by its button, stays disconnected, and resumes by the same button', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept(messages(1, 2), { epoch: 'E' });
  rig.press(en.close);
  assert.equal(rig.relay.open, []);
  assert.is(rig.states.at(-1), 'closed');
  assert.is(rig.state, en.closed);
  dom.clock.wind(600_000);
  dom.hide(true);
  dom.hide(false);
  assert.is(rig.relay.sockets.length, 1);
  rig.press(en.reconnect);
  const hello = rig.relay.accept([message(3)]);
  assert.equal([hello.epoch, hello.since], ['E', 2]);
  assert.is(rig.button(en.close).textContent, en.close);
  dom.frame();
  assert.equal(rig.rows, ['1', '2', '3']);
});

conversation('waits for the next attempt, which a button makes at once', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept();
  rig.relay.socket.end();
  assert.is(rig.states.at(-1), 'waiting');
  assert.is(rig.state, en.lost);
  rig.press(en.now);
  assert.is(rig.relay.sockets.length, 2);
  rig.relay.accept();
  assert.is(rig.states.at(-1), 'connected');
});

conversation('reconnects by itself', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept();
  rig.relay.socket.end();
  dom.clock.wind(60_000);
  assert.ok(rig.relay.sockets.length > 1);
});

conversation('says that it has no access, and then connects only by its button', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.socket.open();
  rig.relay.socket.end(CLOSE_FORBIDDEN);
  assert.is(rig.states.at(-1), 'stopped');
  assert.is(rig.state, en.stopped);
  dom.clock.wind(600_000);
  assert.is(rig.relay.sockets.length, 1);
  rig.press(en.reconnect);
  assert.is(rig.relay.sockets.length, 2);
});

conversation('says where messages are missing', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept([message(1)]);
  rig.relay.socket.end();
  rig.press(en.now);
  const { socket } = rig.relay;
  socket.open();
  socket.welcome();
  socket.page([message(9)], { missed: 7 });
  dom.frame();
  assert.is(rig.one('li.missed').textContent, en.missed(7));
  assert.equal(rig.rows, ['1', '9']);
});

conversation(
  'counts messages missed while disconnected as unread, but not those of its first page',
  async ({ dom }) => {
    const rig = new Rig(dom);
    await eventually(() => document.querySelector('.pill') !== null, 'the chunk that counts');
    dom.hide(true);
    rig.relay.accept(messages(1, 3));
    dom.clock.wind(1000);
    assert.ok(rig.one('.pill').hidden);
    rig.relay.socket.end();
    rig.press(en.now);
    assert.is(document.activeElement, rig.text, 'the button has gone, and the focus is not lost');
    rig.relay.accept([message(4)]);
    dom.clock.wind(1000);
    assert.is(rig.one('.pill').textContent, en.unread(1));
  },
);

conversation('removes the unread divider when the user answers', async ({ dom }) => {
  const rig = new Rig(dom);
  await eventually(() => document.querySelector('.pill') !== null, 'the chunk that counts');
  rig.relay.accept([message(1)]);
  dom.hide(true);
  rig.relay.socket.hear(message(2));
  dom.clock.wind(1000);
  assert.ok(document.querySelector('li.unread'));
  rig.say('an answer');
  assert.is(document.querySelector('li.unread'), null);
});

conversation('keeps the rows on the page when the room has another log', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept(messages(1, 2), { epoch: 'E' });
  dom.frame();
  rig.relay.socket.end();
  rig.press(en.now);
  rig.relay.accept([message(1, { message: 'new' })], { epoch: 'F' });
  dom.frame();
  assert.equal(rig.rows, ['1', '2', 'new']);
  assert.is(document.querySelectorAll('[data-seq]').length, 1);
});

conversation('fetches older messages when the reader is at the top', async ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.log = messages(40, 90);
  rig.relay.accept(messages(41, 90));
  const scroller = rig.one('[role=region]');
  Object.defineProperty(scroller, 'scrollHeight', { value: 2000 });
  dom.frame();
  assert.equal(rig.relay.fetched, []);
  scroller.scrollTop = 0;
  dom.fire(scroller, 'scroll');
  await eventually(() => rig.rows[0] === '40', 'the older message');
  const [first = ''] = rig.relay.fetched;
  const url = new URL(first);
  assert.is(`${url.origin}${url.pathname}`, 'https://relay.example/rooms/tea/messages');
  assert.equal([url.searchParams.get('before'), url.searchParams.get('limit')], ['41', '50']);
});

conversation('does not say that it sends while it is not connected', ({ dom }) => {
  const rig = new Rig(dom);
  const note = () => document.querySelector('.note')?.textContent;
  rig.relay.accept();
  rig.say('one');
  assert.is(note(), en.pending);
  rig.press(en.close);
  assert.is(note(), en.queued);
  rig.press(en.reconnect);
  assert.is(note(), en.queued);
  rig.relay.accept();
  assert.is(note(), en.pending);
  rig.relay.socket.end(1006);
  assert.is(note(), en.queued);
});

conversation('takes no message that the relay would refuse for its length, and keeps it in the composer', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept();
  for (const text of ['x'.repeat(4097), '长'.repeat(30_000), 'x'.repeat(70_000), 'x\n'.repeat(200).concat('x')]) {
    rig.say(text);
    assert.is(rig.error, en['too-long']);
    assert.is(rig.text.value, text);
    assert.equal(rig.rows, []);
  }
  for (const text of ['x'.repeat(4096), '长'.repeat(4096), 'x\n'.repeat(199).concat('x')]) {
    rig.say(text);
    assert.is(rig.error, '');
    assert.is(rig.text.value, '');
  }
});

conversation('shows the people in the room, and the user’s own name', async ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept();
  // The first two wait for the chunk, in their order.
  rig.relay.socket.hear({ type: 'people', count: 2, joined: [{ from: 'b', user: 'Bob' }] });
  await eventually(() => document.querySelector('.count')?.textContent === en.people(2), 'the people');
  assert.is(rig.one('.names').textContent, 'Bob');
  rig.relay.socket.hear({ type: 'people', count: 1, left: [{ from: 'b', user: 'Bob' }] });
  await eventually(() => rig.one('.count').textContent === en.people(1), 'one who left');
  assert.is(rig.one('.names').textContent, '');
  assert.is(rig.one('button.role').title, 'Ann');
});

conversation('changes the name by its dialog, for all later messages', async ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept([message(1, { from: 'me', user: 'Ann' })]);
  dom.frame();
  await rig.rename('  Anna ');
  assert.is(document.querySelector('dialog[open]'), null);
  assert.equal(rig.relay.frames, ['rename Anna']);
  assert.is(rig.one('button.role').title, 'Anna');
  assert.is(document.activeElement, rig.text);
  assert.equal(JSON.parse(localStorage.getItem('heartline-names:https://relay.example') ?? ''), ['Anna']);
  rig.say('hello');
  const [frame] = rig.relay.socket.read();
  rig.relay.socket.hear(message(2, { id: `${frame?.id}`, from: 'me', user: 'Anna', message: 'hello' }));
  dom.frame();
  for (const seq of [1, 2]) assert.ok(rig.one(`[data-seq="${seq}"]`).classList.contains('own'), `${seq}`);
});

conversation('offers earlier names in its dialog', async ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept();
  await rig.rename('Bea');
  await rig.rename('Cat');
  const field = await rig.openRenameDialog();
  assert.is(field.value, 'Cat');
  rig.press('Bea');
  assert.is(rig.one('button.role').title, 'Bea');
});

conversation('shows at the composer that a name was refused', ({ dom }) => {
  const rig = new Rig(dom);
  rig.relay.accept();
  rig.relay.socket.hear({ type: 'refused', of: 'rename', code: 'bad-user' });
  assert.is(rig.error, en['bad-user']);
});

conversation('pings, and shows the round-trip time', ({ dom }) => {
  const rig = new Rig(dom, { heartbeatMs: 4000 });
  rig.relay.accept();
  dom.clock.wind(4000);
  assert.is(rig.relay.socket.pings, 1);
  dom.clock.wind(25);
  rig.relay.socket.hear({ type: 'ping' });
  assert.is(rig.one('.detail').textContent, '25 ms');
});

conversation('sends no ping when heartbeats are off', ({ dom }) => {
  const rig = new Rig(dom, { heartbeatMs: 0 });
  rig.relay.accept();
  dom.clock.wind(120_000);
  assert.is(rig.relay.socket.pings, 0);
});

conversation('has a button for the next language', ({ dom }) => {
  const rig = new Rig(dom);
  rig.press('中文');
  assert.is(rig.switches, 1);
});

conversation('keeps draft, messages and identity when opened again, even if nothing can be stored', async ({ dom }) => {
  const ways: Record<string, () => () => void> = {
    full: () => dom.fillStorage(),
    refused: () => {
      dom.refuseStorage();
      return () => {};
    },
  };
  for (const [way, begin] of Object.entries(ways)) {
    const end = begin();
    const options = { room: way, relay: `https://${way}.example`, user: null };
    const first = new Rig(dom, options);
    const { key, user } = first.relay.accept([message(1)]);
    first.say('hello');
    first.type('half a sent');
    assert.equal(first.rows, ['1', 'hello (pending)']);
    assert.equal(first.relay.frames, ['normal hello']);
    first.conversation.dispose();
    const second = new Rig(dom, options);
    await eventually(() => second.text.value !== '', 'the chunk that moves them');
    assert.equal(second.rows, ['hello (pending)'], way);
    assert.is(second.text.value, 'half a sent', way);
    const hello = second.relay.accept();
    assert.equal([hello.key, hello.user], [key, user], way);
    const [frame] = second.relay.socket.read();
    assert.equal([frame?.message, frame?.again], ['hello', true]);
    second.conversation.dispose();
    end();
  }
});

conversation('waits until it is decided who it is, if another tab may be the browser’s person', async ({ dom }) => {
  localStorage.setItem('heartline-holder:wss://relay.example/rooms/tea', 'another page');
  const given = new Rig(dom);
  assert.is(given.relay.sockets.length, 1, 'not where the host page says who it is');
  const { key } = given.relay.accept();
  dom.define('BroadcastChannel', AnsweringChannel);
  const rig = new Rig(dom, { user: null });
  rig.say('early');
  await eventually(() => AnsweringChannel.asked > 0, 'the question');
  assert.equal(rig.relay.sockets, []);
  dom.clock.wind(100);
  await eventually(() => rig.relay.sockets.length > 0, 'the connection');
  const hello = rig.relay.accept();
  assert.is.not(hello.key, key);
  assert.match(`${hello.user}`, /^Guest \d{4}$/);
  assert.is(rig.one('button.role').title, hello.user);
  const [frame] = rig.relay.socket.read();
  assert.equal([frame?.message, frame?.user], ['early', hello.user]);
  assert.not.ok((localStorage.getItem('heartline-names:https://relay.example') ?? '').includes(`${hello.user}`));
});

conversation('does not connect if it goes while it waits', async ({ dom }) => {
  localStorage.setItem('heartline-holder:wss://relay.example/rooms/tea', 'another page');
  const rig = new Rig(dom, { user: null });
  await eventually(() => dom.leftovers.includes('timer'), 'the wait');
  document.body.replaceChildren();
  rig.conversation.dispose();
  dom.clock.wind(1000);
  await new Promise(resolve => setImmediate(resolve));
  assert.equal(rig.relay.sockets, []);
  assert.equal(dom.leftovers, []);
});

conversation('is closed and opened as it was asked last while it waits', async ({ dom }) => {
  dom.define('BroadcastChannel', AnsweringChannel);
  const wait = async (ask: (rig: Rig) => void) => {
    localStorage.setItem('heartline-holder:wss://relay.example/rooms/tea', 'another page');
    const rig = new Rig(dom, { user: null });
    await eventually(() => dom.leftovers.includes('timer'), 'the wait');
    ask(rig);
    assert.equal(rig.relay.sockets, [], 'it is not known yet who it is');
    dom.clock.wind(100);
    await new Promise(resolve => setImmediate(resolve));
    return rig;
  };
  const closed = await wait(({ conversation }) => conversation.client.close());
  assert.equal(closed.relay.sockets, []);
  assert.equal(closed.states, ['closed']);
  closed.press(en.reconnect);
  await eventually(() => closed.relay.sockets.length > 0, 'the connection');
  closed.conversation.dispose();
  for (const ask of [
    (rig: Rig) => rig.button(en.reconnect).click(),
    ({ conversation }: Rig) => {
      conversation.client.close();
      conversation.open();
    },
  ]) {
    const opened = await wait(ask);
    assert.is(opened.relay.sockets.length, 1);
    assert.match(`${opened.relay.accept().user}`, /^Guest \d{4}$/);
    opened.conversation.dispose();
  }
});

conversation('leaves no timer, listener or socket behind, whatever state it is in', ({ dom }) => {
  const cases: Record<string, (rig: Rig) => void> = {
    connecting: () => {},
    connected: rig => rig.relay.accept([message(1)]),
    waiting: rig => rig.relay.socket.end(),
    closed: rig => rig.press(en.close),
    stopped: rig => rig.relay.socket.end(CLOSE_FORBIDDEN),
  };
  for (const [state, prepare] of Object.entries(cases)) {
    const rig = new Rig(dom);
    prepare(rig);
    assert.is(rig.states.at(-1), state);
    const told = rig.states.length;
    rig.conversation.dispose();
    assert.equal(dom.leftovers, [], state);
    assert.equal(rig.relay.open, [], state);
    dom.hide(true);
    dom.hide(false);
    dom.clock.wind(600_000);
    assert.is(rig.relay.sockets.length, 1, state);
    assert.is(rig.states.length, told, state);
  }
});

conversation.run();
