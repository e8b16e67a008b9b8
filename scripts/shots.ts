/**
 * `npm run shots`: takes screenshots of the page in every state, wide and narrow, light and dark, in both languages,
 * with a real relay and a real Chromium. They go to shots/, which git ignores. Chinese needs a font:
 * `fonts-wqy-microhei` or `fonts-noto-cjk`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import { type ChatPage, Stage } from '../test/support/stage.ts';
import { WireClient } from '../test/support/wire-client.ts';
import { buildAll } from './build.ts';
import { readOptions } from './options.ts';

const FOLDER = fileURLToPath(new URL('../shots', import.meta.url));
const ROOM = '大厅';

/** The conversation to show. Messages without a name are sent by the page itself. */
const TALK: readonly (readonly [string, string])[] = [
  ['林小雨', '今天把心跳改成了每 3 秒一次，断线以后自己会回来。'],
  ['林小雨', '地铁里试过，三站没信号，出来一条都没丢'],
  ['', '真的？我把服务器 kill -9 了再看看'],
  [
    'Jonas',
    'Same here: the relay restarted twice during the deploy and nobody noticed. Notes are at https://heartline.example/notes',
  ],
  ['张伟', '拼音输入时按回车也不会误发了，舒服。'],
  ['', '那就这么定了，今晚上线'],
];

interface Look {
  readonly name: string;
  readonly options: BrowserContextOptions;
}

const LOOKS: readonly Look[] = [
  { name: 'wide-light-zh', options: { viewport: { width: 1180, height: 900 }, locale: 'zh-CN' } },
  { name: 'wide-dark-en', options: { viewport: { width: 1180, height: 900 }, locale: 'en-US', colorScheme: 'dark' } },
  { name: 'narrow-light-zh', options: { viewport: { width: 390, height: 800 }, locale: 'zh-CN', hasTouch: true } },
  {
    name: 'narrow-dark-en',
    options: { viewport: { width: 390, height: 800 }, locale: 'en-US', colorScheme: 'dark', hasTouch: true },
  },
];

async function talk(stage: Stage, window: ChatPage): Promise<WireClient[]> {
  const others = new Map<string, WireClient>();
  for (const [index, [user, text]] of TALK.entries()) {
    if (user === '') {
      await say(window, text);
    } else {
      const other = others.get(user) ?? (await WireClient.join(stage.relay.host, ROOM, user));
      others.set(user, other);
      other.say(`shot-${index}`, text);
    }
    await window.showsMany(index + 1);
  }
  return [...others.values()];
}

/** Uses the button, because Enter inserts a new line on a touch keyboard. */
async function say(window: ChatPage, text: string): Promise<void> {
  await window.composer.fill(text);
  await window.page.getByRole('button', { name: /^(发送|Send)$/ }).click();
}

async function shoot(stage: Stage, { name, options }: Look): Promise<void> {
  const take = async (window: ChatPage, state: string) => {
    // Long enough for the last animation, and for a beat of the heart line.
    await window.page.waitForTimeout(700);
    await window.page.screenshot({ path: join(FOLDER, `${name}-${state}.png`) });
  };
  const window = await stage.enter(`/rooms/${encodeURIComponent(ROOM)}`, stage.proxy.host, options);
  const english = options.locale === 'en-US';
  const press = (zh: string, en: string) => window.button(english ? en : zh).click();
  await take(window, 'empty');

  await window.page.getByRole('button', { name: english ? 'Change name' : '更换角色' }).click();
  await window.page.getByRole('dialog').getByRole('textbox').fill('xs');
  await take(window, 'dialog');
  await window.page.keyboard.press('Enter');

  const others = await talk(stage, window);
  await window.page.waitForTimeout(6500);
  await take(window, 'talking');

  await window.page.locator('.everyone').click();
  await take(window, 'people');
  await window.page.keyboard.press('Escape');
  const message = window.page.locator('li[data-seq="4"]');
  await message.locator('.text').hover();
  await message.locator('.more').click();
  await take(window, 'menu');
  await window.page.keyboard.press('Escape');

  const [other] = others;
  for (let index = 0; index < 40; index++)
    other?.say(`long-${index}`, `${index + 1} · ${'长话短说。'.repeat(1 + (index % 7))}`);
  await window.showsMany(TALK.length + 40);
  await window.page.locator('.scroller').hover();
  await window.page.mouse.wheel(0, -900);
  await window.page.waitForTimeout(300);
  other?.say('unread-1', '你在看上面，我在下面说话');
  await take(window, 'long');

  stage.proxy.block();
  await window.breaks();
  await say(window, '断线时写的，先放着');
  await take(window, 'offline');
  stage.proxy.allow();

  await window.page.waitForTimeout(100);
  await window.reaches('connected');
  await window.page.waitForTimeout(1000);
  await say(window, '太长'.repeat(2500));
  await take(window, 'too-long');
  // The relay sees that there is nothing to see in it.
  await say(window, '\u2800');
  await window.page.locator('li[data-state="failed"]').waitFor();
  await take(window, 'failed');

  await press('手动关闭', 'Disconnect');
  await window.reaches('closed');
  await take(window, 'closed');
  await window.page.context().close();
  for (const client of others) await client.close();
}

readOptions('npm run shots', {});
await buildAll();
mkdirSync(FOLDER, { recursive: true });
for (const look of LOOKS) {
  const stage = await Stage.open({ RATE: '0', MAX_PER_ADDRESS: '0' });
  try {
    await shoot(stage, look);
  } finally {
    await stage.close();
  }
  process.stdout.write(`${look.name}\n`);
}
