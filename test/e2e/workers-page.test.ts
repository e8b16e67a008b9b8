/** The page against the relay at the edge, in a real Chromium: served by the Worker, talking through the room's object. */
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchBrowser } from '../support/browser.ts';
import { within } from '../support/deadline.ts';
import { ChatPage } from '../support/stage.ts';
import { EdgeProcess } from '../support/workers-process.ts';

const relay = new EdgeProcess();
let browser: Browser | undefined;
const windows: ChatPage[] = [];
const edge = suite('e2e: the edge');

edge.before(async () => {
  browser = await launchBrowser();
  await relay.start();
});
edge.after(async () => {
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

edge(
  'two windows talk, and go on with everything once after all lines were lost without a warning',
  within(async () => {
    const [a, b] = [await enter('/rooms/edge'), await enter('/rooms/edge')];
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

edge(
  'the page at / is the lobby, and nothing but the page itself is served',
  within(async () => {
    await enter('/');
    const get = async (path: string) => (await fetch(`http://${relay.host}${path}`)).status;
    assert.equal(
      await Promise.all(['/chat.js', '/style.css', '/chat.js.br', '/index.html.gz', '/.assetsignore'].map(get)),
      [200, 200, 404, 404, 404],
    );
  }, 60_000),
);

edge('no window had an error or broke the content security policy', () => {
  assert.ok(windows.length > 0);
  assert.equal(
    windows.flatMap(window => window.trouble),
    [],
  );
});

edge.run();
