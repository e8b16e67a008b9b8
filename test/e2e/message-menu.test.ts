/** The menu of a message: by mouse, by keyboard, and by a long press. */
import type { Locator, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { type ChatPage, Stage, until } from '../support/stage.ts';
import { WireClient } from '../support/wire-client.ts';

const menus = suite<{ stage: Stage }>('e2e: message menu');

menus.before(async context => {
  context.stage = await Stage.open({ RATE: '0' });
});
menus.after(({ stage }) => stage.close());

const test = (name: string, body: (stage: Stage) => Promise<void>) =>
  menus(name, ({ stage }) => within(() => body(stage), 60_000)());

const ENGLISH = { locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] };

/** A window in a room with two messages of Ann and one of its own. */
async function enter(stage: Stage, room: string, options: object = {}): Promise<ChatPage> {
  const ann = await WireClient.join(stage.relay.host, room, 'Ann');
  ann.say('1', 'first  line\nsecond line');
  ann.say('2', 'see the notes');
  const window = await stage.enter(`/rooms/${room}`, stage.relay.host, { ...ENGLISH, ...options });
  await window.showsMany(2);
  await window.composer.fill('my own');
  await window.button('Send').click();
  await window.showsMany(3);
  await ann.close();
  return window;
}

const message = ({ page }: ChatPage, seq: number): Locator => page.locator(`li[data-seq="${seq}"]`);
const menu = ({ page }: ChatPage): Locator => page.getByRole('menu');
const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

test('by mouse: a button beside the message under the pointer opens it, and it copies the text', async stage => {
  const window = await enter(stage, 'mouse');
  assert.is(await window.page.locator('.more').count(), 0);
  for (const seq of [1, 2, 3]) {
    await message(window, seq).locator('.text').hover();
    const more = message(window, seq).locator('.more');
    await more.waitFor();
    const [button, text, scroller] = await Promise.all(
      [more, message(window, seq).locator('.text'), window.page.locator('.scroller')].map(each => each.boundingBox()),
    );
    assert.ok(button && text && scroller);
    assert.ok(seq === 3 ? button.x + button.width <= text.x : button.x >= text.x + text.width, 'beside the text');
    assert.ok(button.x >= scroller.x && button.x + button.width <= scroller.x + scroller.width);
    await more.click();
    await menu(window).getByRole('menuitem', { name: 'Copy text' }).click();
    await window.page.getByText('Copied', { exact: true }).waitFor();
    await menu(window).waitFor({ state: 'hidden' });
    const texts = ['first  line\nsecond line', 'see the notes', 'my own'];
    assert.is(await clipboard(window.page), texts[seq - 1]);
  }
  await window.composer.focus();
  await window.page.mouse.move(5, 5);
  await window.page.locator('.more').waitFor({ state: 'detached' });
  // A mouse has the browser's own menu.
  assert.ok(
    await message(window, 1)
      .locator('.text')
      .evaluate(text =>
        text.dispatchEvent(new PointerEvent('contextmenu', { bubbles: true, cancelable: true, pointerType: 'mouse' })),
      ),
  );
  await window.page.close();
});

test('by keyboard: one stop of Tab, arrows lead from message to message and item to item, Escape leads back', async stage => {
  const window = await enter(stage, 'keys');
  const { page } = window;
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    addEventListener('keydown', ({ key }) => heard.push(key));
  });
  await page.locator('.scroller').focus();
  await page.keyboard.press('Tab');
  const more = page.locator('.more:focus');
  await message(window, 3).locator('.more:focus').waitFor();
  assert.match((await more.getAttribute('aria-label')) ?? '', /^More: .*my own$/);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await message(window, 1).locator('.more:focus').waitFor();
  await page.keyboard.press('ArrowUp');
  await message(window, 1).locator('.more:focus').waitFor();
  await page.keyboard.press('ArrowDown');
  await message(window, 2).locator('.more:focus').waitFor();
  await page.keyboard.press('Enter');
  const item = page.getByRole('menuitem', { name: 'Copy text' });
  await until(
    () => item.evaluate(found => found.matches(':focus')),
    async () => 'the first item has no focus',
  );
  for (const key of ['ArrowDown', 'ArrowUp', 'Home', 'End']) {
    await page.keyboard.press(key);
    assert.ok(await item.evaluate(found => found.matches(':focus')), key);
  }
  await page.keyboard.press('Escape');
  await menu(window).waitFor({ state: 'hidden' });
  await message(window, 2).locator('.more:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByText('Copied', { exact: true }).waitFor();
  assert.is(await clipboard(page), 'see the notes');
  await message(window, 2).locator('.more:focus').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(
    await page.evaluate('heard'),
    ['Tab', 'Enter', 'Enter', 'Tab'],
    'the host page hears no key of the menu',
  );
  await page.close();
});

test('offers what a message that was not sent offers', async stage => {
  const window = await enter(stage, 'failed');
  await window.say('\u2800');
  const failed = window.page.locator('li[data-state="failed"]');
  await failed.locator('.text').hover();
  await failed.locator('.more').click();
  assert.equal(await menu(window).getByRole('menuitem').allTextContents(), ['Copy text', 'Retry', 'Delete']);
  await window.page.keyboard.press('ArrowUp');
  await window.page.keyboard.press('Enter');
  await failed.waitFor({ state: 'detached' });
  await window.page.close();
});

test('by a long press, as a sheet, and not by one that scrolls', async stage => {
  const window = await enter(stage, 'touch', { hasTouch: true, isMobile: true, viewport: { width: 390, height: 700 } });
  const session = await window.page.context().newCDPSession(window.page);
  const box = await message(window, 1).locator('.text').boundingBox();
  assert.ok(box);
  const [x, y] = [box.x + 20, box.y + 20];
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  await touch('touchStart', [{ x, y }]);
  await menu(window).waitFor();
  await touch('touchEnd', []);
  const sheet = await menu(window).boundingBox();
  assert.equal(sheet && [sheet.x, sheet.width, sheet.y + sheet.height], [0, 390, 700]);
  await menu(window).getByRole('menuitem', { name: 'Copy text' }).tap();
  await window.page.getByText('Copied', { exact: true }).waitFor();
  assert.is(await clipboard(window.page), 'first  line\nsecond line');
  await window.page.close();
});

test('copies where the page has no clipboard, such as without HTTPS', async stage => {
  const window = await enter(stage, 'insecure');
  await window.page.evaluate(() => {
    const { clipboard } = navigator;
    Object.assign(globalThis, { clipboard });
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
  });
  await message(window, 1).locator('.text').hover();
  await message(window, 1).locator('.more').click();
  await window.page.keyboard.press('Enter');
  await window.page.getByText('Copied', { exact: true }).waitFor();
  assert.is(await window.page.evaluate('clipboard.readText()'), 'first  line\nsecond line');
  await message(window, 1).locator('.more:focus').waitFor();
  await window.page.close();
});

menus.run();
