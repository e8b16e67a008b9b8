/** Several tabs of one real browser: nothing typed is lost when one is gone, and each knows who it is. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchProfile } from '../support/browser.ts';
import { within } from '../support/deadline.ts';
import { ChatPage, Stage, until } from '../support/stage.ts';

const TEST_MS = 180_000;
/** Chromium writes what a page has stored after 5 s, but at most once a minute. */
const WRITTEN_MS = 90_000;

const tabs = suite<{ stage: Stage }>('e2e: tabs');

tabs.before(async context => {
  context.stage = await Stage.open({ RATE: '0' });
});
tabs.after(async ({ stage }) => {
  await stage?.close();
});

const test = (name: string, body: (stage: Stage) => Promise<void>) =>
  tabs(name, ({ stage }) => within(() => body(stage), TEST_MS)());

const ZH = { locale: 'zh-CN' };
const trouble: string[][] = [];

/** Opens another tab of a browser, and waits until it is connected if it is to be. */
async function enter(context: BrowserContext, url: string, state = 'connected'): Promise<ChatPage> {
  const tab = new ChatPage(await context.newPage());
  trouble.push(tab.trouble);
  await tab.page.goto(url);
  await tab.reaches(state);
  return tab;
}

/** Lets no tab of a browser connect, until the result is called. The pages themselves load. */
async function disconnect(context: BrowserContext): Promise<() => void> {
  let broken = true;
  await context.routeWebSocket(/./, socket => {
    if (broken) void socket.close();
    else socket.connectToServer();
  });
  return () => {
    broken = false;
  };
}

/** The id of the user of each message, as the relay knows it. */
async function authors(stage: Stage, room: string): Promise<string[]> {
  const answer = await fetch(`http://${stage.relay.host}/rooms/${room}/messages?limit=200`);
  const { messages }: { messages: { from: string }[] } = await answer.json();
  return messages.map(({ from }) => from);
}

const HUNDRED = Array.from({ length: 100 }, (_, number) => `message ${number}`);

/** Says a hundred messages in one turn, and begins another. */
async function sayHundred(tab: ChatPage): Promise<void> {
  await tab.composer.evaluate((field, texts) => {
    for (const text of texts) {
      if (field instanceof HTMLTextAreaElement) field.value = text;
      field.dispatchEvent(new Event('input'));
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
    }
  }, HUNDRED);
  await tab.composer.fill('half a sent');
}

/** Waits until a text is in the files of a profile. */
function written(profile: string, text: string): Promise<void> {
  const folder = join(profile, 'Default/Local Storage/leveldb');
  return until(
    async () =>
      readdirSync(folder).some(name => {
        const bytes = readFileSync(join(folder, name));
        return bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'));
      }),
    async () => `${text} is not in ${readdirSync(folder)}`,
    WRITTEN_MS,
  );
}

test('a browser that is killed has lost nothing when it starts again, and everything is sent once', async stage => {
  const profile = mkdtempSync(join(tmpdir(), 'heartline-profile-'));
  const url = `http://${stage.relay.host}/rooms/killed`;
  let context = await launchProfile(profile, ZH);
  try {
    await disconnect(context);
    const tab = await enter(context, url, 'waiting');
    await sayHundred(tab);
    await written(profile, 'half a sent');
    const devtools = await context.newCDPSession(tab.page);
    const closed = new Promise(resolve => context.once('close', resolve));
    await devtools.send('Browser.crash').catch(() => {});
    await closed;

    context = await launchProfile(profile, ZH);
    const next = await enter(context, url);
    await next.shows(HUNDRED);
    assert.is(await next.composer.inputValue(), 'half a sent');
    assert.equal(await stage.log('killed'), HUNDRED);
  } finally {
    await context.close().catch(() => {});
    rmSync(profile, { recursive: true, force: true });
  }
});

test('a closed tab leaves its messages and draft to the next, but not to one that is open with it', async stage => {
  const context = await stage.browser.newContext(ZH);
  const url = `http://${stage.relay.host}/rooms/closed`;
  const connect = await disconnect(context);
  const tab = await enter(context, url, 'waiting');
  await sayHundred(tab);
  const other = await enter(context, url, 'waiting');
  // It connects only once it has decided, and then it has adopted what it may.
  assert.equal(await other.rows(), []);
  await other.page.close();
  await tab.page.close();
  connect();
  const next = await enter(context, url);
  await next.shows(HUNDRED);
  assert.is(await next.composer.inputValue(), 'half a sent');
  assert.equal(await stage.log('closed'), HUNDRED);
  const left = await next.page.evaluate(() => Object.keys(localStorage).filter(name => name.includes('outbox')));
  assert.equal(left, []);
  await context.close();
});

test('fifty reloads lose nothing and store nothing more', async stage => {
  const context = await stage.browser.newContext(ZH);
  const connect = await disconnect(context);
  const tab = await enter(context, `http://${stage.relay.host}/rooms/reloads`, 'waiting');
  await tab.say('one');
  await tab.say('two');
  await tab.composer.fill('half a sent');
  const count = () => tab.page.evaluate(() => localStorage.length + sessionStorage.length);
  // Until the page has claimed what it claims.
  await tab.page.waitForFunction(() => Object.keys(localStorage).some(name => name.startsWith('heartline-holder:')));
  const before = await count();
  for (let reloads = 0; reloads < 50; reloads++) {
    await tab.page.reload();
    await tab.page.waitForFunction(
      () => document.querySelector('chat-window')?.shadowRoot?.querySelector('textarea')?.value === 'half a sent',
    );
  }
  assert.equal(
    (await tab.rows()).map(({ text }) => text),
    ['one', 'two'],
  );
  assert.is(await count(), before);
  connect();
  await tab.page.reload();
  await tab.shows(['one', 'two']);
  assert.equal(await stage.log('reloads'), ['one', 'two']);
  await context.close();
});

test('two tabs are two people, a reload stays who it was, and the next one is the first again', async stage => {
  const context = await stage.browser.newContext(ZH);
  const url = `http://${stage.relay.host}/rooms/people`;
  const a = await enter(context, url);
  const b = await enter(context, url);
  await a.say('a');
  await b.shows(['a']);
  await b.say('b');
  await a.shows(['a', 'b']);
  assert.equal(
    [await a.rows(), await b.rows()].map(rows => rows.map(({ own }) => own)),
    [
      [true, false],
      [false, true],
    ],
  );
  const names = await a.page.locator('li[data-seq] bdi').allTextContents();
  assert.is.not(names[0], names[1]);
  await b.page.reload();
  await b.shows(['a', 'b']);
  await b.say('b again');
  await b.shows(['a', 'b', 'b again']);
  await a.page.reload();
  await a.shows(['a', 'b', 'b again']);
  await a.say('a again');
  await a.shows(['a', 'b', 'b again', 'a again']);
  await a.page.close();
  const next = await enter(context, url);
  await next.say('next');
  await next.shows(['a', 'b', 'b again', 'a again', 'next']);
  const [one, two, ...later] = await authors(stage, 'people');
  assert.is.not(one, two);
  assert.equal(later, [two, one, one]);
  assert.equal(await next.page.locator('li[data-seq="5"] bdi').textContent(), names[0]);
  await context.close();
});

test('two elements of one room on a page each keep their own messages and draft, also when reloaded', async stage => {
  const context = await stage.browser.newContext(ZH);
  const connect = await disconnect(context);
  const tab = await enter(context, `http://${stage.relay.host}/rooms/pair`, 'waiting');
  const fields = tab.page.locator('textarea');
  const addElement = async () => {
    await tab.page.evaluate(() => {
      const chat = document.createElement('chat-window');
      chat.setAttribute('lang', 'zh');
      document.body.append(chat);
    });
    await tab.page.locator('body > chat-window[state="waiting"]').waitFor();
  };
  const drafts = () => fields.evaluateAll(all => all.map(field => field instanceof HTMLTextAreaElement && field.value));
  const haveDrafts = (wanted: readonly string[]) =>
    until(
      async () => JSON.stringify(await drafts()) === JSON.stringify(wanted),
      async () => `the drafts are ${await drafts()}`,
    );
  await addElement();
  for (const [index, said] of ['one', 'two'].entries()) {
    await fields.nth(index).fill(said);
    await fields.nth(index).press('Enter');
    await fields.nth(index).fill(`draft ${said}`);
  }
  await tab.page.reload();
  await tab.reaches('waiting');
  await haveDrafts(['draft one']);
  await addElement();
  await haveDrafts(['draft one', 'draft two']);
  connect();
  await until(
    async () => (await stage.log('pair')).length === 2,
    async () => `only ${await stage.log('pair')}`,
  );
  await tab.page.reload();
  await tab.reaches('connected');
  await tab.page.locator('li[data-seq="2"]').waitFor();
  assert.equal((await stage.log('pair')).sort(), ['one', 'two']);
  await context.close();
});

test('a full storage loses nothing on the page, also when its element is removed and opened again', async stage => {
  const context = await stage.browser.newContext(ZH);
  const connect = await disconnect(context);
  const tab = await enter(context, `http://${stage.relay.host}/rooms/full`, 'waiting');
  await tab.page.waitForFunction(() => Object.keys(localStorage).some(name => name.startsWith('heartline-holder:')));
  await tab.page.evaluate(() => {
    for (const storage of [localStorage, sessionStorage]) {
      for (let length = 4_000_000; length >= 1; length /= 2) {
        for (let more = true, at = 0; more; at++) {
          try {
            storage.setItem(`filling ${length} ${at}`, 'x'.repeat(length));
          } catch {
            more = false;
          }
        }
      }
    }
  });
  await tab.say('one');
  await tab.say('two');
  await tab.composer.fill('half a sent');
  await tab.page.evaluate(async () => {
    const chat = document.querySelector('chat-window');
    chat?.remove();
    await new Promise(resolve => setTimeout(resolve));
    if (chat) document.body.append(chat);
  });
  connect();
  await tab.shows(['one', 'two']);
  assert.is(await tab.composer.inputValue(), 'half a sent');
  assert.equal(await stage.log('full'), ['one', 'two']);
  await context.close();
});

tabs('no tab had an error or broke the content security policy', () => {
  assert.equal(trouble.flat(), []);
});

tabs.run();
