/** The page in a real browser: typing, scrolling back, and that nothing typed is lost. */
import type { Locator } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchBrowser } from '../support/browser.ts';
import { within } from '../support/deadline.ts';
import { type ChatPage, Stage, until } from '../support/stage.ts';
import { WireClient } from '../support/wire-client.ts';

const TEST_MS = 60_000;

const page = suite<{ stage: Stage }>('e2e: the page');

page.before(async context => {
  context.stage = await Stage.open({ RATE: '0' });
});
page.after(async ({ stage }) => {
  await stage?.close();
});

const test = (name: string, body: (stage: Stage) => Promise<void>) =>
  page(name, ({ stage }) => within(() => body(stage), TEST_MS)());

test('Enter during an IME composition sends nothing: with isComposing, with keyCode 229, and in a real composition', async stage => {
  const a = await stage.enter('/rooms/pinyin');
  await a.composer.fill('ni');
  for (const init of [{ isComposing: true }, { keyCode: 229 }]) {
    await a.composer.dispatchEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init });
  }
  await a.composer.fill('');

  const devtools = await a.page.context().newCDPSession(a.page);
  const compose = (text: string) =>
    devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  await a.composer.focus();
  await compose('nihao');
  await devtools.send('Input.dispatchKeyEvent', {
    type: 'rawKeyDown',
    key: 'Enter',
    code: 'Enter',
    windowsVirtualKeyCode: 229,
  });
  assert.is(await a.composer.inputValue(), 'nihao');
  await devtools.send('Input.insertText', { text: '你好' });
  assert.is(await a.composer.inputValue(), '你好');
  await a.composer.press('Enter');
  await a.shows(['你好']);
  assert.equal(await stage.log('pinyin'), ['你好']);
});

test('the button ends a composition and sends all of it, and the composer keeps the focus', async stage => {
  const a = await stage.enter('/rooms/button');
  const devtools = await a.page.context().newCDPSession(a.page);
  await a.composer.focus();
  await devtools.send('Input.imeSetComposition', { text: 'hao', selectionStart: 3, selectionEnd: 3 });
  await a.button('发送').click();
  await a.shows(['hao']);
  assert.is(await a.composer.inputValue(), '');
  assert.ok(await a.composer.evaluate(field => field.matches(':focus')));
});

test('Enter and Ctrl+Enter send, Shift+Enter inserts a new line, Escape deletes nothing, Tab moves the focus', async stage => {
  const a = await stage.enter('/rooms/keys');
  await a.composer.fill('one');
  await a.composer.press('Shift+Enter');
  await a.page.keyboard.type('two');
  await a.composer.press('Escape');
  assert.is(await a.composer.inputValue(), 'one\ntwo');
  await a.composer.press('Control+Enter');
  await a.shows(['one\ntwo']);
  await a.composer.press('Tab');
  assert.ok(await a.button('发送').evaluate(button => button.matches(':focus')));
});

test('on a touch keyboard Enter inserts a new line and the button sends', async stage => {
  const a = await stage.enter('/rooms/touch', stage.relay.host, { hasTouch: true, isMobile: true });
  await a.composer.tap();
  await a.page.keyboard.type('one');
  await a.page.keyboard.press('Enter');
  await a.page.keyboard.type('two');
  await a.button('发送').tap();
  await a.shows(['one\ntwo']);
});

test('the composer grows with its text, up to a limit', async stage => {
  const a = await stage.enter('/rooms/growing');
  const height = async () => (await a.composer.boundingBox())?.height ?? 0;
  const one = await height();
  await a.composer.fill('1\n2\n3');
  const three = await height();
  assert.ok(three > one + 40, `${one} ${three}`);
  await a.composer.fill('x\n'.repeat(60));
  assert.ok((await height()) < 200);
});

test('a reload keeps the draft, the name and unsent messages', async stage => {
  const a = await stage.enter('/rooms/reload');
  await rename(a, '王五');
  await a.button('手动关闭').click();
  await a.say('said while closed');
  await a.composer.fill('half a sent');
  assert.equal(
    (await a.rows()).map(row => row.state),
    ['pending'],
  );
  await a.page.reload();
  await a.reaches('connected');
  await a.shows(['said while closed']);
  assert.is(await a.composer.inputValue(), 'half a sent');
  assert.is(await a.page.locator('li[data-seq] bdi').textContent(), '王五');
  assert.ok((await a.rows())[0]?.own);
  assert.equal(await stage.log('reload'), ['said while closed']);
});

test('a refused message says why, and can be retried and deleted', async stage => {
  const a = await stage.enter('/rooms/refused');
  // The blank Braille pattern: the composer takes it, the relay sees that there is nothing to see.
  await a.say('\u2800');
  const failed = a.page.locator('li[data-state="failed"]');
  await failed.getByText('消息为空，未发送').waitFor();
  await a.button('重试').click();
  await failed.getByText('消息为空，未发送').waitFor();
  await a.button('删除').click();
  await a.shows([]);
  await a.say('x'.repeat(4097));
  await a.page.getByText('消息过长', { exact: true }).waitFor();
  assert.is(await a.composer.inputValue(), 'x'.repeat(4097), 'what is too long stays');
  await a.say('short');
  await a.shows(['short']);
});

test('when scrolled back, the visible rows do not move while 100 messages arrive, and the pill scrolls to them', async stage => {
  const other = await WireClient.join(stage.relay.host, 'reading', 'Ann');
  for (let n = 0; n < 60; n++) other.say(`a${n}`, `message ${n} ${'and more of it '.repeat(n % 17)}`);
  const a = await stage.enter('/rooms/reading');
  await until(
    async () => (await a.rows()).length === 50,
    async () => 'no replay',
  );
  await wheel(a, -1500);
  const moved = await watchRow(a);
  for (let n = 0; n < 100; n++) {
    other.say(`b${n}`, `news ${n} ${'with words '.repeat(n % 23)}`);
    if (n % 10 === 9) await a.page.waitForTimeout(30);
  }
  const pill = a.button('100 条新消息');
  await pill.waitFor();
  assert.is(await moved(), 0);
  await pill.click();
  await until(
    async () => (await gapToEnd(a)) < 1,
    async () => `still ${await gapToEnd(a)} px from the end`,
  );
  assert.is(await pill.isVisible(), false);
  assert.is(await a.page.locator('li.unread').textContent(), '100 条新消息');
  await a.say('read them all');
  assert.is(await a.page.locator('li.unread').count(), 0);
  other.ws.terminate();
});

test('at the end, the list follows new messages and drops old rows; scrolling to the top loads them again', async stage => {
  const other = await WireClient.join(stage.relay.host, 'many', 'Ann');
  const a = await stage.enter('/rooms/many');
  for (let n = 0; n < 700; n++) other.say(`m${n}`, `message ${n}`);
  const last = a.page.locator('li[data-seq]').last();
  await last.getByText('message 699', { exact: true }).waitFor();
  assert.ok((await gapToEnd(a)) < 1);
  const kept = (await a.rows()).length;
  assert.ok(kept >= 400 && kept <= 500, `${kept} rows`);
  await until(
    async () => {
      await wheel(a, -20_000);
      return (await a.rows())[0]?.text === 'message 0';
    },
    async () => `the first is ${(await a.rows())[0]?.text}`,
  );
  const texts = (await a.rows()).map(row => row.text);
  assert.equal(
    texts,
    Array.from({ length: 700 }, (_, n) => `message ${n}`),
  );
  assert.is(await a.page.locator('li.first').count(), 1);
  assert.is(await a.page.locator('.divider').count(), 1);
  other.ws.terminate();
});

test('older messages that failed to load are requested again on scrolling', async stage => {
  const other = await WireClient.join(stage.relay.host, 'older', 'Ann');
  for (let n = 0; n < 100; n++) other.say(`m${n}`, `message ${n}`);
  await other.message('message 99');
  const a = await stage.enter('/rooms/older');
  let asked = 0;
  let fails = true;
  await a.page.route('**/rooms/older/messages?*', route => {
    asked += 1;
    return fails ? route.abort() : route.continue();
  });
  await until(
    async () => {
      await wheel(a, -20_000);
      return asked > 0;
    },
    async () => 'no older messages were requested',
  );
  assert.is((await a.rows())[0]?.text, 'message 50');
  fails = false;
  await until(
    async () => {
      await wheel(a, 200);
      await wheel(a, -20_000);
      return (await a.rows())[0]?.text === 'message 0';
    },
    async () => `asked ${asked} times, the first is ${(await a.rows())[0]?.text}`,
  );
  other.ws.terminate();
});

test('only live messages are in the log that is read aloud, and not if many arrive at once', async stage => {
  const other = await WireClient.join(stage.relay.host, 'aloud', 'Ann');
  other.say('a1', 'before');
  const a = await stage.enter('/rooms/aloud');
  await a.shows(['before']);
  const log = a.page.getByRole('log');
  assert.is(await log.locator('li').count(), 0);
  other.say('a2', 'live');
  await log.getByText('live', { exact: true }).waitFor();
  // A hidden page collects messages for a second. A visible page on a busy machine might render the twenty in several
  // frames.
  await setHidden(a, true);
  for (let n = 0; n < 20; n++) other.say(`b${n}`, `much ${n}`);
  await a.showsMany(22);
  assert.ok((await log.locator('li').count()) <= 5);
  other.ws.terminate();
});

test('messages are grouped by person, name and time', async stage => {
  const [a, b] = [await stage.enter('/rooms/groups'), await stage.enter('/rooms/groups')];
  await a.say('1');
  await b.shows(['1']);
  await a.say('2');
  await b.shows(['1', '2']);
  await rename(a, '赵六');
  await a.say('3');
  await b.shows(['1', '2', '3']);
  const firsts = (window: ChatPage) =>
    window.page.locator('li[data-seq]').evaluateAll(rows => rows.map(row => row.classList.contains('first')));
  assert.equal(await firsts(b), [true, false, true]);
  assert.equal(
    (await a.rows()).map(row => row.own),
    [true, true, true],
    "a message stays one's own under another name",
  );
});

test('a moved element keeps its connection, and a removed one leaves no socket open', async stage => {
  const a = await stage.enter('/rooms/moved');
  let sockets = 0;
  a.page.on('websocket', () => sockets++);
  await a.page.evaluate(() => document.body.prepend(document.querySelector('chat-window') ?? ''));
  await a.say('still here');
  await a.shows(['still here']);
  assert.is(sockets, 0);
  const other = await WireClient.join(stage.relay.host, 'moved', 'Ann');
  await a.page.evaluate(() => document.querySelector('chat-window')?.remove());
  await until(
    async () => other.frames.some(frame => frame.type === 'people' && frame.count === 1),
    async () => 'the connection is still open',
  );
  other.ws.terminate();
});

test('messages that arrive in a hidden tab are shown once, below the unread divider', async stage => {
  const other = await WireClient.join(stage.relay.host, 'hidden', 'Ann');
  const a = await stage.enter('/rooms/hidden');
  await a.say('mine');
  await a.shows(['mine']);
  await setHidden(a, true);
  for (let n = 0; n < 3; n++) other.say(`h${n}`, `unseen ${n}`);
  await a.shows(['mine', 'unseen 0', 'unseen 1', 'unseen 2']);
  const divider = a.page.locator('li.unread');
  assert.is(await divider.textContent(), '3 条新消息');
  await setHidden(a, false);
  assert.is(await divider.textContent(), '3 条新消息');
  assert.is(await a.button('3 条新消息').count(), 0);
  other.ws.terminate();
});

test('a page in the back/forward cache has no open socket, and resumes afterwards', async stage => {
  const other = await WireClient.join(stage.relay.host, 'back', 'Ann');
  const a = await stage.enter('/rooms/back');
  // An automated browser keeps no page in that cache, so the test dispatches the events.
  const tell = (name: string) =>
    a.page.evaluate(event => window.dispatchEvent(new PageTransitionEvent(event, { persisted: true })), name);
  await tell('pagehide');
  await until(
    async () => other.frames.some(frame => frame.type === 'people' && frame.left !== undefined),
    async () => 'the connection is still open',
  );
  other.say('m', 'meanwhile');
  await tell('pageshow');
  await a.reaches('connected');
  await a.shows(['meanwhile']);
  other.ws.terminate();
});

test('the page works on plain HTTP under another host name, without secure-context APIs', async stage => {
  const browser = await launchBrowser({ args: ['--host-resolver-rules=MAP chat.test 127.0.0.1'] });
  try {
    const window = await browser.newPage();
    await window.goto(`http://chat.test:${stage.relay.port}/rooms/plain`);
    await window.locator('chat-window[state="connected"]').waitFor();
    assert.is(await window.evaluate(() => isSecureContext), false);
    await window.locator('textarea').fill('from the kitchen');
    await window.locator('textarea').press('Enter');
    await window.locator('li[data-seq]').waitFor();
    assert.equal(await stage.log('plain'), ['from the kitchen']);
  } finally {
    await browser.close();
  }
});

page('no window had an error or broke the content security policy', ({ stage }) => {
  assert.equal(stage.trouble, []);
});

page.run();

async function rename(window: ChatPage, name: string): Promise<void> {
  await window.button('更换角色').click();
  await window.page.getByLabel('名字', { exact: true }).fill(name);
  await window.button('确定').click();
}

/** Makes a page believe that its tab is hidden, because a headless browser never hides one. */
async function setHidden(window: ChatPage, hidden: boolean): Promise<void> {
  await window.page.evaluate(value => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

function scroller(window: ChatPage): Locator {
  return window.page.getByRole('region', { name: '消息' });
}

function gapToEnd(window: ChatPage): Promise<number> {
  return scroller(window).evaluate(box => box.scrollHeight - box.scrollTop - box.clientHeight);
}

/** Scrolls the messages with the wheel and waits until they stop. */
async function wheel(window: ChatPage, pixels: number): Promise<void> {
  await scroller(window).hover();
  await window.page.mouse.wheel(0, pixels);
  let top = Number.NaN;
  await until(
    async () => {
      const before = top;
      top = await scroller(window).evaluate(box => box.scrollTop);
      return top === before;
    },
    async () => 'the messages do not stop scrolling',
  );
}

/** Watches the first fully visible row in every frame. The result returns its maximum movement in pixels. */
async function watchRow(window: ChatPage): Promise<() => Promise<number>> {
  const worst = await scroller(window).evaluateHandle(box => {
    const top = box.getBoundingClientRect().top;
    const row = [...box.querySelectorAll('li')].find(each => each.getBoundingClientRect().top >= top);
    const start = row?.getBoundingClientRect().top ?? Number.NaN;
    const seen = {
      worst: 0,
      look() {
        seen.worst = Math.max(seen.worst, Math.abs((row?.getBoundingClientRect().top ?? Number.NaN) - start));
        requestAnimationFrame(seen.look);
      },
    };
    seen.look();
    return seen;
  });
  return () => worst.evaluate(seen => seen.worst);
}
