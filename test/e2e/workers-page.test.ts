/**
 * The page with the relay on Workers, in a real Chromium: the Worker serves the page, and the room's object its
 * messages.
 */
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchBrowser } from '../support/browser.ts';
import { within } from '../support/deadline.ts';
import { ChatPage } from '../support/stage.ts';
import { WorkersProcess } from '../support/workers-process.ts';

const relay = new WorkersProcess();
let browser: Browser | undefined;
const windows: ChatPage[] = [];
const workers = suite('e2e: the page on Workers');

workers.before(async () => {
  browser = await launchBrowser();
  await relay.start();
});
workers.after(async () => {
  await browser?.close();
  await relay.dispose();
});

async function enter(path: string): Promise<ChatPage> {
  const context = await browser?.newContext({ locale: 'zh-CN' });
  if (!context) throw new Error('no browser');
  const window = new ChatPage(await context.newPage());
  windows.push(window);
  await window.page.goto(`http://${relay.host}${path}`);
  await window.reaches('connected');
  return window;
}

workers(
  'two windows exchange messages, and show each once after all connections were lost without warning',
  within(async () => {
    const [a, b] = [await enter('/rooms/workers'), await enter('/rooms/workers')];
    await a.say('你好');
    await b.shows(['你好']);
    await relay.kill();
    await Promise.all([a.breaks(), b.breaks()]);
    await a.say('断线时写的');
    await relay.start();
    await b.shows(['你好', '断线时写的']);
    await a.shows(['你好', '断线时写的']);
    await b.say('收到');
    await a.shows(['你好', '断线时写的', '收到']);
  }, 120_000),
);

workers(
  'the page at / is the lobby, and only the files of the page are served',
  within(async () => {
    await enter('/');
    const get = async (path: string) => (await fetch(`http://${relay.host}${path}`)).status;
    assert.equal(
      await Promise.all(['/chat.js', '/style.css', '/chat.js.br', '/index.html.gz', '/.assetsignore'].map(get)),
      [200, 200, 404, 404, 404],
    );
  }, 60_000),
);

workers('no window had an error or broke the content security policy', () => {
  assert.ok(windows.length > 0);
  assert.equal(
    windows.flatMap(window => window.trouble),
    [],
  );
});

workers.run();
