import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listenForTrouble } from '../support/browser.ts';
import { within } from '../support/deadline.ts';
import { Stage, until } from '../support/stage.ts';

const TEST_MS = 60_000;
const PING_MS = 3000;

const tutorial = suite<{ stage: Stage; folder: string }>("e2e: the tutorial's page");

// Opens the tutorial's page from a file, as a reader of the tutorial would; only the port is changed. The fixture's
// extension hides it from the formatter, which rejects HTML with Vue templates.
tutorial.before(async context => {
  context.stage = await Stage.open();
  context.folder = mkdtempSync(join(tmpdir(), 'heartline-tutorial-'));
  const vue = dirname(createRequire(import.meta.url).resolve('vue/package.json'));
  copyFileSync(join(vue, 'dist/vue.global.prod.js'), join(context.folder, 'vue.global.js'));
  const page = readFileSync(new URL('../fixtures/tutorial.html.txt', import.meta.url), 'utf8');
  writeFileSync(
    join(context.folder, 'tutorial.html'),
    page.replace('localhost:8000', `localhost:${context.stage.relay.port}`),
  );
});
tutorial.after(async ({ stage, folder }) => {
  await stage?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const test = (name: string, body: (stage: Stage, open: () => Promise<TutorialPage>) => Promise<void>) =>
  tutorial(name, ({ stage, folder }) =>
    within(() => body(stage, () => TutorialPage.open(stage, join(folder, 'tutorial.html'))), TEST_MS)(),
  );

class TutorialPage {
  readonly page: Page;
  readonly trouble: string[];
  /** Whether each received frame was binary. */
  readonly binary: boolean[] = [];
  pings = 0;

  private constructor(page: Page) {
    this.page = page;
    this.trouble = listenForTrouble(page);
  }

  static async open(stage: Stage, file: string): Promise<TutorialPage> {
    const context = await stage.browser.newContext();
    const tutorial = new TutorialPage(await context.newPage());
    tutorial.page.on('websocket', socket => {
      socket.on('framereceived', ({ payload }) => {
        tutorial.binary.push(typeof payload !== 'string');
        if (payload.toString() === '{"type":"ping"}') tutorial.pings += 1;
      });
    });
    const connected = tutorial.page.waitForEvent('console', message => message.text() === '连接成功');
    await tutorial.page.goto(pathToFileURL(file).href);
    await connected;
    return tutorial;
  }

  async say(text: string): Promise<void> {
    await this.page.locator('input').fill(text);
    await this.page.locator('input').press('Enter');
  }

  /** Sends what is still in the input: each failure doubles the page's sockets, and the newest may not be open yet. */
  async sayAgain(): Promise<void> {
    if ((await this.page.locator('input').inputValue()) !== '') await this.page.locator('input').press('Enter');
  }

  texts(): Promise<string[]> {
    return this.page.locator('.message').allTextContents();
  }

  async shows(texts: readonly string[]): Promise<void> {
    const wanted = JSON.stringify(texts);
    await until(
      async () => JSON.stringify(await this.texts()) === wanted,
      async () => `the tutorial's page shows ${JSON.stringify(await this.texts())} instead of ${wanted}`,
    );
  }
}

test('exchanges messages with another tutorial page and with the new page, in the lobby', async (stage, open) => {
  const [old, other, fresh] = [await open(), await open(), await stage.enter('/')];
  await old.say('你好');
  await fresh.shows(['你好']);
  await other.shows(['你好']);
  await fresh.say('hello from the new page');
  await old.shows(['你好', 'hello from the new page']);
  await other.page.getByRole('button', { name: '更换角色' }).click();
  await other.say('in another role');
  const all = ['你好', 'hello from the new page', 'in another role'];
  await fresh.shows(all);
  await old.shows(all);
  await other.shows(all);
  assert.equal(await fresh.page.locator('li[data-seq]:not(.own) .head bdi').allTextContents(), ['A', 'B']);
  assert.is(await old.page.locator('.me').count(), 1);
  assert.ok(old.binary.length > 0 && old.binary.every(Boolean));
  assert.equal([...old.trouble, ...other.trouble], []);
});

test('has its pings answered, and shows none of the answers', async (_stage, open) => {
  const old = await open();
  await until(
    async () => old.pings >= 2,
    async () => `${old.pings} pings were answered`,
    PING_MS * 4,
  );
  assert.equal(await old.texts(), []);
});

test('reconnects by itself after its connection was closed and after the relay was killed', async (stage, open) => {
  const [old, fresh] = [await open(), await stage.enter('/')];
  let connected = old.page.waitForEvent('console', message => message.text() === '连接成功');
  await old.page.getByRole('button', { name: '手动关闭' }).click();
  await connected;
  await fresh.say('after 手动关闭');
  await old.shows(['after 手动关闭']);
  await stage.relay.kill();
  await old.page.waitForEvent('console', message => message.text() === '连接错误');
  await stage.relay.start();
  connected = old.page.waitForEvent('console', message => message.text() === '连接成功');
  await connected;
  await fresh.reaches('connected');
  await old.say('after the kill');
  await until(
    async () => {
      await old.sayAgain();
      return (await fresh.rows()).at(-1)?.text === 'after the kill';
    },
    async () => `the new page shows ${JSON.stringify(await fresh.rows())}`,
  );
});

tutorial('no window had an error or broke the content security policy', ({ stage }) => {
  assert.equal(stage.trouble, []);
});

tutorial.run();
