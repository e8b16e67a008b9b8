/** The element <chat-window>, and the relay's own page, whose title and language follow the element. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ChatWindow } from '../../src/web/chat-window.ts';
import languages from '../../src/web/i18n?languages';
import { type DomContext, useDom } from '../support/dom.ts';
import { eventually, FakeRelay } from '../support/fake-relay.ts';
import { message } from '../support/list.ts';
import { en, zh } from '../support/words.ts';

const window = suite<DomContext & { relay: FakeRelay }>('chat-window');
// An element is defined once for a window.
useDom(window, { per: 'suite', url: 'https://host.example/rooms/tea?x=1' });

window.before(async ({ dom }) => {
  new FakeRelay(dom);
  document.body.innerHTML = '<chat-window data-page relay="wss://relay.example"></chat-window>';
  await import('../../src/web/main.ts');
  await eventually(() => shadow(page()).childElementCount > 0, 'the page');
});

window.before.each(context => {
  context.relay = new FakeRelay(context.dom);
});

window.after.each(async ({ dom, relay }) => {
  localStorage.clear();
  sessionStorage.clear();
  document.body.replaceChildren();
  await turn();
  assert.equal(dom.leftovers, [], 'an element that is gone leaves nothing behind');
  assert.equal(relay.open, [], 'an element that is gone leaves no socket behind');
});

/** The element of the relay's own page. Only the first test sees it. */
const page = () => one<ChatWindow>(document, 'chat-window');

function one<Element extends HTMLElement = HTMLElement>(within: ParentNode, selector: string): Element {
  const found = within.querySelector<Element>(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}

function shadow({ shadowRoot }: HTMLElement): ShadowRoot {
  if (!shadowRoot) throw new Error('there is no shadow root');
  return shadowRoot;
}

/** Lets all microtasks run. */
const turn = () => new Promise(resolve => setImmediate(resolve));

/** An element with these attributes, on the page, with its words there. */
async function open(attributes: Readonly<Record<string, string>> = {}): Promise<ChatWindow> {
  const chat = document.createElement('chat-window') as ChatWindow;
  for (const [name, value] of Object.entries({ relay: 'wss://relay.example', ...attributes })) {
    chat.setAttribute(name, value);
  }
  document.body.append(chat);
  await shows(chat);
  return chat;
}

const shows = (chat: ChatWindow) => eventually(() => shadow(chat).childElementCount > 0, 'the conversation');

const placeholder = (chat: ChatWindow) => one<HTMLTextAreaElement>(shadow(chat), 'textarea').placeholder;

function button(chat: ChatWindow, words: string): HTMLButtonElement {
  const button = [...shadow(chat).querySelectorAll('button')].find(button => button.textContent === words);
  if (!button) throw new Error(`there is no button ${words}`);
  return button;
}

/** The addresses that were dialed, without the relay's. */
const rooms = (relay: FakeRelay) => relay.dialed.map(url => url.replace('wss://relay.example/rooms/', ''));

window('gives the relay’s page a title and a language', async () => {
  const chat = page();
  await eventually(() => document.title !== '', 'the title');
  assert.is(document.title, 'tea · Heartline');
  assert.is(document.documentElement.lang, 'en');
  chat.setAttribute('room', 'lobby');
  chat.lang = 'zh';
  await eventually(() => document.title !== 'tea · Heartline' && document.documentElement.lang !== 'en', 'the title');
  assert.is(document.title, `${zh.lobby} · Heartline`);
  assert.is(document.documentElement.lang, 'zh-CN');
});

window('uses the room of its attribute, or else of the page’s path', async ({ relay }) => {
  const chat = await open();
  assert.is(chat.room, 'tea');
  await open({ room: '大厅' });
  assert.equal(rooms(relay), ['tea', encodeURIComponent('大厅')]);
});

window('has its state in an attribute, and dispatches an event for each change', async ({ relay }) => {
  const told: unknown[] = [];
  const listen = (event: Event) => told.push((event as CustomEvent).detail);
  const chat = await open();
  chat.addEventListener('state', listen);
  assert.is(chat.getAttribute('state'), 'connecting');
  relay.accept();
  assert.is(chat.getAttribute('state'), 'connected');
  button(chat, en.close).click();
  assert.is(chat.getAttribute('state'), 'closed');
  assert.equal(told, [{ name: 'connected' }, { name: 'closed' }]);
});

window('dispatches an event for every message', async ({ relay }) => {
  const told: unknown[] = [];
  const chat = await open({ user: 'Ann' });
  chat.addEventListener('message', event => told.push((event as CustomEvent).detail));
  relay.accept([message(1)]);
  relay.socket.hear(message(2));
  const own = { from: 'me', user: chat.getAttribute('user') ?? '' };
  relay.socket.hear(message(3, own));
  assert.equal(told, [
    { ...message(1), replayed: true, own: false },
    { ...message(2), replayed: false, own: false },
    { ...message(3, own), replayed: false, own: true },
  ]);
});

window('uses the name of its user attribute', async ({ relay }) => {
  await open({ user: 'Ann' });
  assert.is(relay.accept().user, 'Ann');
  await open();
  assert.match(`${relay.accept().user}`, /^Guest [1-9]\d{3}$/);
});

window('pings as often as its attribute says, or not at all', async ({ dom, relay }) => {
  await open({ heartbeat: '1000' });
  relay.accept();
  const often = relay.socket;
  await open({ heartbeat: 'off' });
  relay.accept();
  dom.clock.wind(1000);
  assert.equal([often.pings, relay.socket.pings], [1, 0]);
});

window('has each attribute as a property, whenever it is set', async ({ relay }) => {
  const set = { room: 'coffee', relay: 'wss://other.example', user: 'Ann', heartbeat: 'off' };
  const names = Object.keys(set) as (keyof typeof set)[];
  const made = await open();
  for (const order of [names, names.toReversed()]) {
    const chat = await open();
    for (const name of order) Object.assign(chat, { [name]: set[name] });
    assert.equal(Object.fromEntries(names.map(name => [name, chat.getAttribute(name)])), set);
    assert.equal(Object.fromEntries(names.map(name => [name, chat[name]])), set);
    await turn();
    assert.is(relay.dialed.at(-1), 'wss://other.example/rooms/coffee');
    assert.is(relay.accept().user, 'Ann');
    for (const name of order) Object.assign(chat, { [name]: undefined });
    assert.equal(
      chat.getAttributeNames().filter(name => names.some(other => other === name)),
      [],
    );
    await turn();
    chat.remove();
  }
  made.heartbeat = 1000;
  assert.is(made.getAttribute('heartbeat'), '1000');
});

window('makes one change of all attributes that change in a turn', async ({ relay }) => {
  const chat = await open({ room: 'tea' });
  chat.room = 'coffee';
  chat.setAttribute('user', 'Ann');
  chat.heartbeat = 5000;
  chat.room = 'milk';
  await turn();
  assert.equal(rooms(relay), ['tea', 'milk']);
  chat.room = 'coffee';
  chat.room = 'milk';
  await turn();
  assert.equal(rooms(relay), ['tea', 'milk'], 'nothing has changed');
});

window('changes the name without another connection', async ({ dom, relay }) => {
  const chat = await open({ user: 'Ann' });
  relay.accept([message(1)]);
  chat.user = 'Anna';
  await turn();
  assert.equal(relay.frames, ['rename Anna']);
  chat.user = '   ';
  await turn();
  chat.user = null;
  await turn();
  assert.equal(relay.frames, [], 'that is no name');
  chat.user = 'Annabel';
  await turn();
  assert.equal(relay.frames, ['rename Annabel']);
  one(shadow(chat), 'button.role').click();
  await eventually(() => shadow(chat).querySelector<HTMLDialogElement>('dialog')?.open === true, 'the dialog');
  one<HTMLInputElement>(shadow(chat), 'dialog input').value = 'Bel';
  button(chat, en.save).click();
  assert.equal(relay.frames, ['rename Bel']);
  chat.theme = 'dark';
  await turn();
  dom.frame();
  assert.equal(relay.frames, [], 'the user has chosen another name');
  assert.is(relay.sockets.length, 1);
  assert.is(shadow(chat).querySelectorAll('[data-seq]').length, 1);
  assert.equal(
    JSON.parse(localStorage.getItem('heartline-names:https://relay.example') ?? ''),
    ['Bel'],
    'not the host’s',
  );
});

window('says that it cannot open a room or a relay of this name, and opens one when it can', async ({ relay }) => {
  const told: unknown[] = [];
  const listen = (event: Event) => told.push((event as CustomEvent).detail);
  document.addEventListener('error', listen, { capture: true });
  const chat = await open();
  for (const [property, reason, values] of [
    ['room', 'bad-room', ['Support Team', '', '.', '..', 'a/b', '?', 'x'.repeat(65)]],
    ['relay', 'bad-relay', ['relay.example', 'localhost:8000', 'ftp://relay.example', 'wss://', 'javascript:x']],
  ] as const) {
    for (const value of values) {
      chat[property] = value;
      await turn();
      assert.is(one(shadow(chat), '[role=alert]').textContent, en[reason], `${property} ${value}`);
      assert.is(chat.getAttribute('state'), 'stopped');
      assert.is(told.pop(), reason);
      assert.equal(relay.open, []);
    }
    chat.removeAttribute(property);
    if (property === 'relay') chat.relay = 'WSS://relay.example/';
    await turn();
    assert.is(chat.getAttribute('state'), 'connecting', property);
  }
  chat.room = 'cafe\u0301';
  await turn();
  assert.is(rooms(relay).at(-1), encodeURIComponent('caf\u00e9'));
  document.removeEventListener('error', listen, { capture: true });
});

window('starts again when an attribute changes, but not when it is set to the same value', async ({ relay }) => {
  const chat = await open({ room: 'tea' });
  relay.accept();
  chat.setAttribute('room', 'tea');
  chat.setAttribute('title', 'Chat');
  assert.equal(rooms(relay), ['tea']);
  chat.setAttribute('room', 'coffee');
  await shows(chat);
  assert.equal(rooms(relay), ['tea', 'coffee']);
  assert.is(relay.open.length, 1, 'the old connection is closed');
  assert.is(one(shadow(chat), 'h1').textContent, 'coffee');
  chat.removeAttribute('room');
  await shows(chat);
  assert.equal(rooms(relay), ['tea', 'coffee', 'tea']);
});

window('uses the language of its attribute, of the last choice, or of the browser, in this order', async ({ dom }) => {
  const chosen = async (attributes: Readonly<Record<string, string>>, languages: readonly string[]) => {
    dom.define('navigator', { languages });
    const chat = await open(attributes);
    return placeholder(chat);
  };
  assert.is(await chosen({}, ['fr', 'zh-TW', 'en']), zh.composer);
  assert.is(await chosen({ lang: 'en' }, ['zh']), en.composer);
  assert.is(await chosen({}, ['fr']), en.composer);
  localStorage.setItem('heartline-language', 'zh');
  assert.is(await chosen({}, ['en']), zh.composer);
  assert.is(await chosen({ lang: 'en' }, ['en']), en.composer);
});

window('switches the language by its button, and stores the choice', async ({ dom, relay }) => {
  dom.define('navigator', { languages: ['en'] });
  const chat = await open();
  relay.accept([message(1)]);
  const text = one<HTMLTextAreaElement>(shadow(chat), 'textarea');
  text.value = 'half a sent';
  dom.fire(text, 'input');
  button(chat, zh.language).focus();
  button(chat, zh.language).click();
  await eventually(() => placeholder(chat) === zh.composer, 'the other language');
  assert.is(chat.lang, 'zh');
  assert.is(document.activeElement, chat, 'the focus stays on the button');
  assert.is(shadow(chat).activeElement, button(chat, en.language));
  assert.is(one<HTMLTextAreaElement>(shadow(chat), 'textarea').value, 'half a sent', 'the draft stays');
  relay.accept([message(1)]);
  dom.frame();
  assert.is(shadow(chat).querySelectorAll('[data-seq]').length, 1);
  assert.is(relay.open.length, 1);
  assert.is(placeholder(await open()), zh.composer);
});

window('changes every word in place, and nothing else', async ({ dom, relay }) => {
  const chat = await open({ lang: 'en', room: 'lobby', user: 'Ann' });
  relay.accept([message(1, { edited: dom.clock.now() })], {});
  relay.socket.hear({ type: 'people', count: 2 });
  const text = one<HTMLTextAreaElement>(shadow(chat), 'textarea');
  const send = one(shadow(chat), '.send');
  text.value = 'waits';
  send.click();
  send.click();
  dom.frame();
  const words = ({ composer, edited, lobby, pending, blank, connected, close, role, messages }: typeof en) =>
    [composer, edited, lobby, pending, blank, connected, close, role, messages].sort();
  const shown = () =>
    [
      text.placeholder,
      one(shadow(chat), 'small').textContent,
      one(shadow(chat), 'h1').textContent,
      one(shadow(chat), '.note').textContent,
      alert(chat),
      one(shadow(chat), '.state').textContent,
      one(shadow(chat), '.quick button:last-child').textContent,
      one(shadow(chat), '.label').textContent,
      one(shadow(chat), '[role=region]').ariaLabel,
    ].sort();
  assert.equal(shown(), words(en));
  const row = one(shadow(chat), '[data-seq="1"]');
  for (const [lang, language, day] of [
    ['zh', zh, /今天/],
    ['en', en, /Today/],
  ] as const) {
    chat.lang = lang;
    await eventually(() => text.placeholder === language.composer, 'the other language');
    assert.equal(shown(), words(language));
    assert.is(one(shadow(chat), '.count').textContent, language.people(2));
    assert.match(one(row, '.divider').textContent, day);
    assert.is(one(shadow(chat), '.chat').lang, language.tag);
    assert.is(one(shadow(chat), 'textarea'), text);
    assert.is(one(shadow(chat), '[data-seq="1"]'), row);
  }
  assert.is(relay.sockets.length, 1);
});

window('is there without the words of later states, and says them once they have loaded', async ({ dom, relay }) => {
  const restore = breakLanguage('en', 'later');
  try {
    const chat = await open({ lang: 'en' });
    relay.accept([message(1, { edited: dom.clock.now() })]);
    dom.frame();
    button(chat, en.close).click();
    await turn();
    const shown = () =>
      ['.state', 'small', '.quick button:last-child'].map(each => one(shadow(chat), each).textContent);
    assert.equal(shown(), ['', '', '']);
    assert.is(alert(chat), '', 'nobody waits for them');
    restore();
    await eventually(() => {
      dom.clock.wind(500);
      return shown()[0] !== '';
    }, 'the words');
    assert.equal(shown(), [en.closed, en.edited, en.reconnect]);
  } finally {
    restore();
  }
});

window('keeps the name that the user chose until its attribute changes', async ({ dom, relay }) => {
  dom.define('navigator', { languages: ['en'] });
  const chat = await open({ user: 'Ann' });
  relay.accept();
  one(shadow(chat), 'button.role').click();
  await eventually(() => shadow(chat).querySelector<HTMLDialogElement>('dialog')?.open === true, 'the dialog');
  one<HTMLInputElement>(shadow(chat), 'dialog input').value = 'Bel';
  button(chat, en.save).click();
  chat.room = 'coffee';
  await turn();
  assert.is(relay.accept().user, 'Bel', 'in another room');
  chat.remove();
  await turn();
  document.body.append(chat);
  await shows(chat);
  assert.is(relay.accept().user, 'Bel', 'when it is inserted again');
  Object.assign(chat, { room: 'tea', user: 'Anna' });
  await turn();
  assert.is(relay.accept().user, 'Anna');
  chat.user = null;
  chat.room = 'coffee';
  await turn();
  assert.is(relay.accept().user, 'Bel', 'the last name that was stored');
});

window('keeps its connection when it is moved, and closes it when it is removed', async ({ dom, relay }) => {
  const chat = await open();
  const told: unknown[] = [];
  chat.addEventListener('state', event => told.push((event as CustomEvent).detail));
  relay.accept([message(1)]);
  const other = document.createElement('div');
  document.body.append(other);
  other.append(chat);
  await turn();
  chat.remove();
  document.body.append(chat);
  await turn();
  assert.is(relay.sockets.length, 1);
  assert.is(relay.open.length, 1);
  chat.remove();
  await turn();
  assert.equal(relay.open, []);
  assert.equal(dom.leftovers, []);
  assert.is(shadow(chat).childElementCount, 0);
  assert.is(chat.getAttribute('state'), 'closed');
  assert.equal(told.at(-1), { name: 'closed' });
});

window('starts again when it is inserted again later', async ({ relay }) => {
  const chat = await open();
  chat.remove();
  await turn();
  document.body.append(chat);
  await shows(chat);
  assert.is(relay.sockets.length, 2);
  assert.is(relay.open.length, 1);
});

window('does not connect while it is not in a document', async ({ relay }) => {
  const chat = await open();
  const apart = document.createElement('chat-window');
  apart.setAttribute('relay', 'wss://relay.example');
  apart.setAttribute('room', 'apart');
  chat.remove();
  await turn();
  chat.setAttribute('room', 'gone');
  await turn();
  assert.equal(rooms(relay), ['tea']);
});

window('connects in the last language that was asked for while others were loading', async ({ relay }) => {
  const chat = document.createElement('chat-window') as ChatWindow;
  chat.setAttribute('relay', 'wss://relay.example');
  document.body.append(chat);
  for (const language of ['zh', 'en', 'zh']) chat.lang = language;
  await shows(chat);
  await turn();
  assert.is(placeholder(chat), zh.composer);
  assert.is(relay.sockets.length, 1);
});

window('does not connect when it is removed while its language is loading', async ({ relay }) => {
  const chat = document.createElement('chat-window') as ChatWindow;
  chat.setAttribute('relay', 'wss://relay.example');
  document.body.append(chat);
  chat.remove();
  await turn();
  assert.equal(relay.sockets, []);
  assert.is(shadow(chat).childElementCount, 0);
});

window('follows an attribute that a listener changes while it connects', async ({ relay }) => {
  const chat = document.createElement('chat-window') as ChatWindow;
  chat.setAttribute('relay', 'wss://relay.example');
  chat.addEventListener('state', () => chat.setAttribute('room', 'other'));
  document.body.append(chat);
  await shows(chat);
  assert.is(one(shadow(chat), 'h1').textContent, 'other');
  assert.equal(rooms(relay), ['tea', 'other']);
  assert.is(relay.open.length, 1, 'the first connection is closed');
});

/** Makes words of a language fail to load. Returns a function that undoes it. */
function breakLanguage(tag: string, words: 'path' | 'later' = 'path'): () => void {
  const language = languages[tag];
  if (!language) throw new Error(`there is no ${tag}`);
  const { [words]: path } = language;
  const define = (value: string) => Object.defineProperty(language, words, { value, configurable: true });
  define('data:text/javascript,not a module');
  return () => define(path);
}

const alert = (chat: ChatWindow) => one(shadow(chat), '.composer [role=alert]').textContent;

window('shows the language that it has when it is inserted again and another cannot be loaded', async ({ dom }) => {
  const restore = breakLanguage('zh');
  try {
    const chat = await open({ lang: 'en' });
    chat.lang = 'zh';
    chat.remove();
    await turn();
    document.body.append(chat);
    await shows(chat);
    assert.is(placeholder(chat), en.composer);
    await eventually(() => alert(chat) === en.unloaded, 'the error');
    restore();
    dom.clock.wind(500);
    await eventually(() => placeholder(chat) === zh.composer, 'the other language');
  } finally {
    restore();
  }
});

window('says once that a language cannot be loaded, and again when it is asked for again', async ({ dom }) => {
  const restore = breakLanguage('zh');
  try {
    const chat = await open({ lang: 'en' });
    button(chat, zh.language).click();
    await eventually(() => alert(chat) === en.unloaded, 'the error');
    dom.fire(one(shadow(chat), 'textarea'), 'input');
    assert.is(alert(chat), '');
    await eventually(() => dom.leftovers.filter(name => name === 'timer').length > 1, 'the next attempt');
    const shown: (string | null)[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      dom.clock.wind(15_000);
      await turn();
      await turn();
      shown.push(alert(chat));
    }
    assert.equal(shown, Array(5).fill(''));
    button(chat, zh.language).click();
    await eventually(() => alert(chat) === en.unloaded, 'the error');
  } finally {
    restore();
  }
});

window('can be on a page twice in one room, each with its own draft and messages', async ({ dom, relay }) => {
  const pair = [await open(), await open()];
  const text = (chat: ChatWindow) => one<HTMLTextAreaElement>(shadow(chat), 'textarea');
  const type = (chat: ChatWindow, value: string) => {
    text(chat).value = value;
    dom.fire(text(chat), 'input');
  };
  for (const [index, chat] of pair.entries()) {
    type(chat, `said ${index}`);
    dom.press(text(chat), 'Enter');
    type(chat, `draft ${index}`);
    await eventually(
      () => dom.leftovers.filter(left => left === 'listener for pagehide on window').length === 4,
      'all',
    );
  }
  for (const chat of pair) chat.remove();
  await turn();
  document.body.append(...pair);
  for (const [index, chat] of pair.entries()) {
    await eventually(() => shadow(chat).querySelector('textarea')?.value !== '', 'the draft');
    assert.is(text(chat).value, `draft ${index}`);
    relay.sockets.at(index - 2)?.open();
    relay.sockets.at(index - 2)?.welcome();
    relay.sockets.at(index - 2)?.page([]);
    const said = relay.sockets
      .at(index - 2)
      ?.read()
      .filter(({ type }) => type === 'normal');
    assert.equal(
      said?.map(({ message }) => message),
      [`said ${index}`],
    );
  }
});

window('can be on a page several times, each with its own connection', async ({ dom, relay }) => {
  const [a, b] = [await open({ room: 'a' }), await open({ room: 'b' })];
  const [first, second] = relay.sockets;
  for (const socket of [first, second]) {
    socket?.open();
    socket?.welcome();
    socket?.page([]);
  }
  second?.hear(message(1));
  dom.frame();
  assert.is(shadow(a).querySelectorAll('[data-seq]').length, 0);
  assert.is(shadow(b).querySelectorAll('[data-seq]').length, 1);
  a.remove();
  await turn();
  assert.equal(relay.open, [second]);
});

/** The reason why a promise is rejected, as its type and message; `''` if it is not. */
const reasonOf = (promise: Promise<void>) => promise.then(() => '', String);

window('says what its method is given, in order, as soon as it is connected', async ({ relay }) => {
  const chat = document.createElement('chat-window') as ChatWindow;
  chat.setAttribute('relay', 'wss://relay.example');
  const said = ['one', 'two\n'].map(text => chat.say(text));
  await turn();
  assert.is(relay.sockets.length, 0, 'it is not on the page');
  document.body.append(chat);
  await Promise.all([...said, chat.say('three')]);
  const texts = () => [...shadow(chat).querySelectorAll('.text')].map(({ textContent }) => textContent);
  assert.equal(texts(), ['one', 'two', 'three']);
  relay.accept();
  assert.equal(relay.frames, ['normal one'], 'the others wait for their turn');
});

window('says nothing in a room that it was not meant for', async ({ relay }) => {
  let count = 0;
  const meant = async (change: (chat: ChatWindow) => void, attributes: Readonly<Record<string, string>> = {}) => {
    const chat = await open({ user: 'Ann', ...attributes });
    const text = `for tea ${++count}`;
    const said = chat.say(text).then(
      () => 'said',
      (reason: unknown) => reason instanceof DOMException && reason.name,
    );
    change(chat);
    const result = await said;
    await turn();
    const texts = [...shadow(chat).querySelectorAll('.text')].map(({ textContent }) => textContent);
    assert.is(texts.includes(text), result === 'said');
    chat.remove();
    await turn();
    return result;
  };
  assert.is(await meant(() => {}), 'said');
  assert.is(await meant(chat => chat.setAttribute('user', 'Anna')), 'said');
  const move = (chat: ChatWindow) => document.body.prepend(chat);
  assert.is(await meant(move), 'said');
  const change = (chat: ChatWindow) => chat.setAttribute('room', 'coffee');
  assert.is(await meant(change), 'AbortError');
  assert.is(await meant(chat => chat.setAttribute('relay', 'wss://other.example')), 'AbortError');
  assert.is(await meant(chat => chat.remove()), 'AbortError');
  const bad = { room: 'no room' };
  assert.is(await meant(change, bad), 'AbortError', 'there was no conversation, but this is another');
  assert.is(await meant(chat => chat.remove(), bad), 'AbortError');
  assert.equal(relay.open, []);
});

window('says in the next room what is said after the change, and in the first one what is said before it', async () => {
  const chat = await open({ room: 'coffee' });
  const before = document.createElement('chat-window') as ChatWindow;
  const early = before.say('early');
  Object.assign(before, { relay: 'wss://relay.example', room: 'milk' });
  document.body.append(before);
  chat.room = 'tea';
  await Promise.all([chat.say('for tea'), early]);
  for (const [each, room, said] of [
    [chat, 'tea', 'for tea'],
    [before, 'milk', 'early'],
  ] as const) {
    assert.is(one(shadow(each), 'h1').textContent, room);
    assert.is(one(shadow(each), '.text').textContent, said);
  }
});

window('does what was asked of it before it was removed in no later conversation', async ({ relay }) => {
  const chat = await open();
  const closed = reasonOf(chat.close());
  chat.remove();
  await turn();
  document.body.append(chat);
  assert.match(await closed, /^AbortError: /);
  assert.is(relay.open.length, 1);
});

window('says why it cannot take a message or a name', async ({ relay }) => {
  const chat = await open({ user: 'Ann' });
  assert.is(await reasonOf(chat.say(' \n ')), `RangeError: ${en.blank}`);
  assert.is(await reasonOf(chat.say('x'.repeat(4097))), `RangeError: ${en['too-long']}`);
  for (const name of ['', ' ', 'x'.repeat(33)]) {
    assert.is(await reasonOf(chat.rename(name)), `RangeError: ${en.badName}`);
  }
  for (let count = 0; count < 200; count++) await chat.say(`${count}`);
  assert.is(await reasonOf(chat.say('one more')), `RangeError: ${en.unsent}`);
  relay.accept();
  assert.equal(relay.frames, ['normal 0']);
});

window('renames, and stores no name that the user has not chosen', async ({ relay }) => {
  const chat = await open();
  relay.accept();
  await chat.rename(' Bel ');
  assert.equal(relay.frames, ['rename Bel']);
  assert.not.match(localStorage.getItem('heartline-names:https://relay.example') ?? '', 'Bel');
});

window('leaves the room and comes back by its methods', async ({ relay }) => {
  const chat = await open();
  relay.accept([message(1)]);
  await chat.close();
  assert.is(chat.getAttribute('state'), 'closed');
  assert.equal(relay.open, []);
  await chat.close();
  await chat.say('later');
  assert.is(relay.sockets.length, 1, 'what is said waits');
  await chat.open();
  await chat.open();
  assert.is(relay.sockets.length, 2);
  relay.accept();
  assert.equal(relay.frames, ['normal later']);
});

window('focuses the composer, once it is there', async () => {
  const chat = document.createElement('chat-window') as ChatWindow;
  chat.setAttribute('relay', 'wss://relay.example');
  document.body.append(chat);
  chat.focus();
  assert.is(document.activeElement, document.body);
  await shows(chat);
  chat.focus();
  assert.is(shadow(chat).activeElement?.localName, 'textarea');
});

window('counts what is unread in a property, an attribute and an event', async ({ dom, relay }) => {
  const told: unknown[] = [];
  const chat = await open({ user: 'Ann' });
  chat.addEventListener('unread', event => told.push((event as CustomEvent).detail));
  relay.accept();
  await eventually(() => shadow(chat).querySelector('.pill') !== null, 'the chunk');
  await turn();
  assert.equal([chat.unread, chat.hasAttribute('unread'), told], [0, false, []]);
  dom.hide(true);
  for (const seq of [1, 2, 3]) relay.socket.hear(message(seq));
  dom.clock.wind(1000);
  await turn();
  assert.equal([chat.unread, chat.getAttribute('unread'), told.splice(0)], [3, '3', [3]]);
  relay.socket.hear(message(4));
  dom.clock.wind(1000);
  await turn();
  assert.equal([chat.unread, told.splice(0)], [4, [4]]);
  await chat.say('an answer');
  await turn();
  assert.equal([chat.unread, chat.hasAttribute('unread'), told.splice(0)], [0, false, [0]]);
  relay.socket.hear(message(5));
  dom.clock.wind(1000);
  await turn();
  assert.is(chat.unread, 1);
  chat.room = 'other';
  await turn();
  assert.equal([chat.unread, told], [0, [1, 0]], 'another room');
});

window.run();
