/** The chunks of the page in a real browser: words and dialogs load in chunks, may fail to load, and are retried. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildPage } from '../../scripts/page.ts';
import { within } from '../support/deadline.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { ChatPage, Stage, until } from '../support/stage.ts';
import { WireClient } from '../support/wire-client.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEST_MS = 60_000;

const chunks = suite<{ stage: Stage }>('e2e: chunks');

chunks.before(async context => {
  context.stage = await Stage.open({ RATE: '0' });
});
chunks.after(async ({ stage }) => {
  await stage?.close();
});

const test = (name: string, body: (stage: Stage) => Promise<void>) =>
  chunks(name, ({ stage }) => within(() => body(stage), TEST_MS)());

/** The names of the chunks that a page has asked the relay for, in order, without their hashes. */
function listenForChunks(page: Page): string[] {
  const names: string[] = [];
  page.on('request', request => {
    const name = /\/chunks\/(.+)-[0-9A-Z]{8}\.js/.exec(request.url())?.[1];
    if (name !== undefined) names.push(name);
  });
  return names;
}

for (const [locale, language, other, button] of [
  ['zh-TW', 'zh', 'en', '手动关闭'],
  ['en-GB', 'en', 'zh', 'Disconnect'],
] as const) {
  test(`a browser in ${locale} has its words preloaded, once, and no others`, async stage => {
    const context = await stage.browser.newContext({ locale });
    const window = new ChatPage(await context.newPage());
    const asked = listenForChunks(window.page);
    const response = await window.page.goto(`http://${stage.relay.host}/rooms/words`);
    await window.reaches('connected');
    assert.ok(await window.button(button).isVisible());
    const html = (await response?.text()) ?? '';
    assert.match(html, new RegExp(`<link rel="modulepreload" href="/chunks/${language}-[0-9A-Z]{8}\\.js">`));
    assert.match(html, language === 'zh' ? '<html lang="zh-CN">' : '<html lang="en">');
    assert.is(response?.headers().vary, 'Accept-Encoding, Accept-Language');
    assert.equal(
      asked.filter(name => name === language),
      [language],
    );
    assert.is(asked.includes(other), false);
    assert.equal(window.trouble, []);
    await context.close();
  });
}

test('what every window needs after its first paint comes in one chunk', async stage => {
  const context = await stage.browser.newContext({ locale: 'zh-CN' });
  const window = new ChatPage(await context.newPage());
  const asked = listenForChunks(window.page);
  await window.page.goto(`http://${stage.relay.host}/rooms/few`);
  await window.reaches('connected');
  await window.page.locator('.trace').waitFor({ state: 'attached' });
  await window.page.locator('.count', { hasText: '1' }).waitFor();
  const early = ['zh', 'zh-later', 'later-states', 'enhancements', 'tabs'];
  const onWelcome = ['rename-dialog', 'history'];
  await until(
    async () => asked.length >= early.length + onWelcome.length,
    async () => `asked for ${asked}`,
  );
  assert.equal([...asked].sort(), [...early, ...onWelcome].sort());
  assert.equal(window.trouble, []);
  await context.close();
});

test('each language of the document has an ETag of its own', async stage => {
  const get = (language: string, etag = '') =>
    fetch(`http://${stage.relay.host}/`, { headers: { 'Accept-Language': language, 'If-None-Match': etag } });
  const [en, zh] = [await get('en'), await get('zh')];
  const etag = en.headers.get('ETag') ?? '';
  assert.is.not(etag, zh.headers.get('ETag'));
  assert.is((await get('en', etag)).status, 304);
  assert.is((await get('zh', etag)).status, 200);
});

test('the dialog opens once its chunk has loaded, and opens again', async stage => {
  const a = await stage.enter('/rooms/dialog');
  const dialog = a.page.getByRole('dialog');
  for (const name of ['王五', '赵六']) {
    await a.button('更换角色').click();
    await a.page.getByLabel('名字', { exact: true }).fill(name);
    await a.button('确定').click();
    await dialog.waitFor({ state: 'detached' });
  }
  await a.button('更换角色').click();
  await a.button('王五').click();
  await a.say('hello');
  await a.shows(['hello']);
  assert.is(await a.page.locator('li[data-seq] bdi').textContent(), '王五');
});

test('a dialog whose chunk does not load says so, and opens on the next try; chat goes on meanwhile', async stage => {
  const context = await stage.browser.newContext({ locale: 'zh-CN' });
  const a = new ChatPage(await context.newPage());
  let blocked = true;
  let aborted = 0;
  await a.page.route(/rename-dialog/, route => {
    if (!blocked) return route.continue();
    aborted += 1;
    return route.abort();
  });
  await a.page.goto(`http://${stage.relay.host}/rooms/blocked`);
  await a.reaches('connected');
  await a.say('before');
  await a.shows(['before']);
  for (let press = 1; press <= 2; press++) {
    await a.button('更换角色').click();
    await a.page.getByRole('alert').getByText('加载失败，请重试或刷新页面').waitFor();
    await a.composer.press('x');
    assert.is(await a.page.getByRole('alert').getByText('加载失败').count(), 0);
    await a.composer.fill('');
  }
  assert.ok(aborted >= 3, `${aborted} requests`);
  blocked = false;
  await a.button('更换角色').click();
  await a.page.getByLabel('名字', { exact: true }).fill('王五');
  await a.button('确定').click();
  await a.say('after');
  await a.shows(['before', 'after']);
  assert.equal(a.trouble, []);
  await context.close();
});

test('if the chunk of older messages does not load, the page says so, and the next scroll retries', async stage => {
  const other = await WireClient.join(stage.relay.host, 'far', 'Ann');
  for (let n = 0; n < 100; n++) other.say(`m${n}`, `message ${n}`);
  await other.message('message 99');
  const context = await stage.browser.newContext({ locale: 'zh-CN' });
  const a = new ChatPage(await context.newPage());
  let blocked = true;
  await a.page.route(/chunks\/history-/, route => (blocked ? route.abort() : route.continue()));
  await a.page.goto(`http://${stage.relay.host}/rooms/far`);
  await a.showsMany(50);
  const first = async () => (await a.rows())[0]?.text;
  const scrollToTop = async () => {
    await a.page.locator('.scroller').hover();
    await a.page.mouse.wheel(0, 200);
    await a.page.mouse.wheel(0, -20_000);
  };
  const says = a.page.getByRole('alert').getByText('加载失败，请重试或刷新页面');
  await until(
    async () => {
      await scrollToTop();
      return says.isVisible();
    },
    async () => `the first is ${await first()}`,
  );
  assert.is(await first(), 'message 50');
  blocked = false;
  await until(
    async () => {
      await scrollToTop();
      return (await first()) === 'message 0';
    },
    async () => `the first is ${await first()}`,
  );
  assert.equal(a.trouble, []);
  other.ws.terminate();
  await context.close();
});

test('the styles of later states are requested until they load', async stage => {
  const context = await stage.browser.newContext({ locale: 'zh-CN' });
  const a = new ChatPage(await context.newPage());
  let blocked = true;
  await a.page.route(/chunks\/later-states-/, route => (blocked ? route.abort() : route.continue()));
  await a.page.goto(`http://${stage.relay.host}/rooms/styles`);
  await a.reaches('connected');
  const position = () => a.page.locator('.pill').evaluate(pill => getComputedStyle(pill).position);
  assert.is(await position(), 'static');
  blocked = false;
  await until(
    async () => (await position()) === 'absolute',
    async () => 'the styles never came',
  );
  await a.say('你好');
  await a.shows(['你好']);
  assert.equal(a.trouble, []);
  await context.close();
});

test('nothing is shown before the words are loaded, and everything once they are', async stage => {
  const context = await stage.browser.newContext({ locale: 'zh-CN' });
  const a = new ChatPage(await context.newPage());
  const asked: string[] = [];
  await a.page.route(/chunks\/zh-/, route => {
    asked.push(route.request().url());
    return asked.length <= 3 ? route.abort() : route.continue();
  });
  await a.page.goto(`http://${stage.relay.host}/rooms/wordless`);
  await until(
    async () => asked.length > 1,
    async () => `asked ${asked.length} times`,
  );
  assert.is(await a.page.locator('chat-window[state]').count(), 0);
  await a.reaches('connected');
  await a.say('你好');
  await a.shows(['你好']);
  assert.is(await a.page.title(), 'wordless · Heartline');
  await context.close();
});

test('if the words of another language do not load, the old ones stay, with a notice and a retry', async stage => {
  const a = await stage.enter('/rooms/switch');
  let blocked = true;
  await a.page.route(/chunks\/en-/, route => (blocked ? route.abort() : route.continue()));
  await a.button('English').click();
  await a.page.getByRole('alert').getByText('加载失败，请重试或刷新页面').waitFor();
  await a.say('还在这里');
  await a.shows(['还在这里']);
  blocked = false;
  await a.button('English').click();
  await a.button('中文').waitFor();
  await a.reaches('connected');
  assert.is(await a.page.evaluate(() => document.documentElement.lang), 'en');
  await a.page.reload();
  await a.button('中文').waitFor();
});

test('the element on a page of another origin loads its chunks from the origin of its script', async stage => {
  const host = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>Host</title><script type="module" src="http://${stage.relay.host}/chat.js"></script>` +
        '<chat-window room="foreign" lang="zh-Hant-TW"></chat-window>',
    );
  });
  await new Promise<void>(resolve => host.listen(0, '127.0.0.1', resolve));
  try {
    const address = host.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const context = await stage.browser.newContext({ locale: 'en-US' });
    const a = new ChatPage(await context.newPage());
    const asked = listenForChunks(a.page);
    await a.page.goto(`http://127.0.0.1:${port}/`);
    await a.reaches('connected');
    await a.button('更换角色').click();
    await a.page.getByLabel('名字', { exact: true }).fill('客人');
    await a.button('确定').click();
    await a.say('from another page');
    await a.shows(['from another page']);
    assert.ok(asked.includes('zh') && asked.includes('rename-dialog') && !asked.includes('en'), `${asked}`);
    assert.is(await a.page.title(), 'Host');
    assert.equal(a.trouble, []);
    await context.close();
  } finally {
    host.close();
    host.closeAllConnections();
  }
});

test('a chunk may be cached for good, the script and the document may not', async stage => {
  const headers = { Origin: 'https://a.example', 'Accept-Encoding': 'br' };
  const get = (path: string) => fetch(`http://${stage.relay.host}${path}`, { headers });
  const [, chunk = ''] = /href="(\/chunks\/[^"]+)"/.exec(await (await get('/')).text()) ?? [];
  const kept = (await get(chunk)).headers;
  assert.is(kept.get('Cache-Control'), 'public, max-age=31536000, immutable');
  assert.is(kept.get('Access-Control-Allow-Origin'), '*');
  assert.is(kept.get('Content-Encoding'), 'br');
  for (const path of ['/', '/chat.js']) assert.is((await get(path)).headers.get('Cache-Control'), 'no-cache');
  assert.is((await get('/chunks/zh-00000000.js')).status, 404);
  assert.is((await get('/localized/zh.html')).status, 404);
});

test('a language is one file: it is built, preloaded, shown and offered', async stage => {
  const folder = mkdtempSync(join(tmpdir(), 'heartline-language-'));
  const relay = new RelayProcess({}, join(folder, 'dist/relay.js'));
  try {
    const [languages, served, dist] = [join(folder, 'i18n'), join(folder, 'static'), join(folder, 'dist')];
    cpSync(join(ROOT, 'src/web/i18n'), languages, { recursive: true });
    cpSync(join(ROOT, 'static'), served, { recursive: true });
    mkdirSync(dist);
    cpSync(join(ROOT, 'dist/relay.js'), join(dist, 'relay.js'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await buildPage({ languages, served, dist });
    const before = readdirSync(join(served, 'chunks'));
    const english = readFileSync(join(languages, 'en.ts'), 'utf8');
    const words = english
      .replace("'en'", "'fi'")
      .replace("'English'", "'Suomi'")
      .replace("send: 'Send'", "send: 'Lähetä'");
    writeFileSync(join(languages, 'fi.ts'), words);
    await buildPage({ languages, served, dist });
    await relay.start();

    const context = await stage.browser.newContext({ locale: 'fi-FI' });
    const a = new ChatPage(await context.newPage());
    const asked = listenForChunks(a.page);
    await a.page.goto(`http://${relay.host}/`);
    await a.button('Lähetä').waitFor();
    assert.is(await a.page.evaluate(() => document.documentElement.lang), 'fi');
    assert.equal(asked.slice(0, 1), ['fi']);
    // The button cycles through all languages.
    for (const [name, send] of [
      ['中文', '发送'],
      ['English', 'Send'],
      ['Suomi', 'Lähetä'],
    ] as const) {
      await a.button(name).click();
      await a.button(send).waitFor();
    }
    await context.close();

    // Without the file, the language is missing, with all that was built for it and nothing else.
    rmSync(join(languages, 'fi.ts'));
    writeFileSync(join(served, 'chunks/mine.js'), '');
    await buildPage({ languages, served, dist });
    assert.equal(
      readdirSync(join(served, 'chunks')).filter(name => !/^mine\.js/.test(name)),
      before,
    );
    assert.ok(readdirSync(join(served, 'chunks')).includes('mine.js'));
    assert.equal(
      readdirSync(join(served, 'localized')).filter(name => name.startsWith('fi')),
      [],
    );
  } finally {
    await relay.dispose();
    rmSync(folder, { recursive: true });
  }
});

chunks('no window had an error or broke the content security policy', ({ stage }) => {
  assert.equal(stage.trouble, []);
});

chunks.run();
