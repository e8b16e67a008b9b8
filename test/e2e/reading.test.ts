/** Reading back in a real browser: by any means, in a large window, in a busy room, and on paper. */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchBrowser } from '../support/browser.ts';
import { within } from '../support/deadline.ts';
import { ChatPage, Stage, until } from '../support/stage.ts';
import { WireClient } from '../support/wire-client.ts';

const TEST_MS = 60_000;

const reading = suite<{ stage: Stage }>('e2e: reading back');

reading.before(async context => {
  context.stage = await Stage.open({ RATE: '0', MAX_PER_ADDRESS: '0' });
});
reading.after(async ({ stage }) => {
  await stage?.close();
});

const test = (name: string, body: (stage: Stage) => Promise<void>, ms = TEST_MS) =>
  reading(name, ({ stage }) => within(() => body(stage), ms)());

/** Fills a room with messages, each with an address in it, and waits until they are stored. */
async function fill(stage: Stage, room: string, count: number): Promise<WireClient> {
  const other = await WireClient.join(stage.relay.host, room, 'Bob');
  for (let n = 1; n <= count; n++)
    other.say(`${room}-${n}`, `message-${n} https://a.example/${n} ${'and more '.repeat(n % 17)}`);
  await other.message(`message-${count} https://a.example/${count} ${'and more '.repeat(count % 17)}`);
  return other;
}

const SCROLLER = "document.querySelector('chat-window').shadowRoot.querySelector('.scroller')";

const gapToEnd = (page: Page) =>
  page.evaluate<number>(`${SCROLLER}.scrollHeight - ${SCROLLER}.scrollTop - ${SCROLLER}.clientHeight`);

/** Ways to scroll back, none of which is a gesture in the list. (To the page, find in page is a script.) */
const MEANS: Readonly<Record<string, (window: ChatPage) => Promise<unknown>>> = {
  'scrollIntoView()': ({ page }) => page.evaluate(`${SCROLLER}.querySelector('[data-seq="20"]').scrollIntoView()`),
  'a script': ({ page }) => page.evaluate(`${SCROLLER}.scrollTop = 400`),
  'a smooth script': ({ page }) => page.evaluate(`${SCROLLER}.scrollTo({ top: 400, behavior: 'smooth' })`),
  'focus()': ({ page }) => page.evaluate(`${SCROLLER}.querySelector('[data-seq="20"] a').focus()`),
  'Shift+Tab': async ({ page, composer }) => {
    await composer.focus();
    for (let press = 0; press < 30; press++) await page.keyboard.press('Shift+Tab');
  },
  'Page Up': async ({ page }) => {
    await page.evaluate(`${SCROLLER}.focus()`);
    await page.keyboard.press('PageUp');
  },
};

for (const [means, scroll] of Object.entries(MEANS)) {
  test(`the next message does not undo scrolling back by ${means}`, async stage => {
    const room = `back-${Object.keys(MEANS).indexOf(means)}`;
    const other = await fill(stage, room, 50);
    const a = await stage.enter(`/rooms/${room}`);
    await a.showsMany(50);
    await a.page.locator('[data-seq="50"] a').waitFor();
    await until(
      async () => (await gapToEnd(a.page)) < 1,
      async () => `${await gapToEnd(a.page)} px from the end`,
    );
    await a.page.evaluate(`window.ended = new Promise(end => { ${SCROLLER}.onscrollend = end; }); undefined`);
    await scroll(a);
    await a.page.evaluate('ended.then(() => {})');
    let gap = Number.NaN;
    await until(
      async () => {
        const before = gap;
        gap = await gapToEnd(a.page);
        return gap === before && gap > 100;
      },
      async () => `${gap} px from the end`,
    );
    const top = () => a.page.evaluate<number>(`${SCROLLER}.scrollTop`);
    const before = await top();
    other.say('next', 'the next message');
    await a.page.locator('li[data-seq="51"]').waitFor({ state: 'attached' });
    other.say('last', 'and one more');
    await a.page.locator('li[data-seq="52"]').waitFor({ state: 'attached' });
    assert.ok(Math.abs((await top()) - before) <= 1, `moved by ${(await top()) - before} px`);
    await a.button('2 条新消息').waitFor();
    await a.page.evaluate(`${SCROLLER}.scrollTop = 1e6`);
    other.say('end', 'at the end');
    await a.page.locator('li[data-seq="53"]').waitFor();
    await until(
      async () => (await gapToEnd(a.page)) < 1,
      async () => `${await gapToEnd(a.page)} px from the end`,
    );
    other.ws.terminate();
    await a.page.context().close();
  });
}

test('a window that the first page does not fill loads older messages until it is full', async stage => {
  const other = await WireClient.join(stage.relay.host, 'large', 'Bob');
  for (let n = 1; n <= 400; n++) other.say(`large-${n}`, `${n}`);
  await other.message('400');
  for (const height of [2560, 4000]) {
    const a = await stage.enter('/rooms/large', stage.relay.host, { viewport: { width: 1200, height } });
    await until(
      async () => await a.page.evaluate<boolean>(`${SCROLLER}.scrollHeight > ${SCROLLER}.clientHeight + 100`),
      async () => `${(await a.rows()).length} rows do not fill ${height} px`,
    );
    assert.ok((await gapToEnd(a.page)) < 1, 'the newest message is in view');
    assert.is((await a.rows()).at(-1)?.text, '400');
    await a.page.context().close();
  }
  other.ws.terminate();
});

/** Ways to scroll back by some rows from wherever the list is. */
const MORE_MEANS: Readonly<Record<string, (window: ChatPage) => Promise<unknown>>> = {
  'the wheel': async ({ page }) => {
    await page.locator('.scroller').hover();
    await page.mouse.wheel(0, -500);
  },
  'a finger': async ({ page }) => {
    const box = await page.locator('.scroller').boundingBox();
    const session = await page.context().newCDPSession(page);
    const [x, y] = [(box?.x ?? 0) + 100, (box?.y ?? 0) + 50];
    await session.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    for (let step = 1; step <= 10; step++) {
      await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x, y: y + step * 30 }] });
    }
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await session.send('Emulation.setTouchEmulationEnabled', { enabled: false });
  },
  'the scrollbar': async ({ page }) => {
    const thumb = await page.evaluate<{ x: number; y: number }>(`{
      const list = ${SCROLLER};
      const { right, top } = list.getBoundingClientRect();
      const bar = list.offsetWidth - list.clientWidth;
      if (bar < 4) throw new Error('there is no scrollbar');
      ({ x: right - bar / 2, y: top + (list.scrollTop + list.clientHeight / 2) / list.scrollHeight * list.clientHeight });
    }`);
    await page.mouse.move(thumb.x, thumb.y);
    await page.mouse.down();
    await page.mouse.move(thumb.x, thumb.y - 10, { steps: 5 });
    await page.mouse.up();
  },
  'a selection that is drawn beyond the edge': async ({ page }) => {
    const edge = (await page.locator('.scroller').boundingBox())?.y ?? 0;
    // A link would be dragged.
    const { x, y } = await page.evaluate<{ x: number; y: number }>(`{
      const isText = ({ x, y }) => ${SCROLLER}.getRootNode().elementFromPoint(x, y)?.className === 'text';
      const corner = ({ right, bottom }) => ({ x: right - 12, y: bottom - 12 });
      [...${SCROLLER}.querySelectorAll('.text')]
        .map(text => corner(text.getBoundingClientRect()))
        .find(point => point.y > ${edge + 60} && isText(point));
    }`);
    const top = () => page.evaluate<number>(`${SCROLLER}.scrollTop`);
    const before = await top();
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x, edge - 20, { steps: 5 });
    await until(
      async () => (await top()) < before - 100,
      async () => `the list is still scrolled to ${await top()}`,
    );
    await page.mouse.move(x, edge + 60);
    await page.mouse.up();
  },
  'a script': ({ page }) => page.evaluate(`${SCROLLER}.scrollTop -= 500`),
  'scrollIntoView()': ({ page }) => page.evaluate('above(6).scrollIntoView()'),
  'focus()': ({ page }) => page.evaluate("above(6).querySelector('a').focus()"),
  'Shift+Tab': async ({ page }) => {
    await page.evaluate("above(0).querySelector('a').focus()");
    for (let press = 0; press < 6; press++) await page.keyboard.press('Shift+Tab');
  },
  'Page Up': async ({ page }) => {
    await page.evaluate(`${SCROLLER}.focus()`);
    await page.keyboard.press('PageUp');
  },
};

/**
 * `above(n)` is the row n rows above the topmost visible one. `watch()` begins to measure by how much that one moves, in
 * any frame, and `most` is the greatest number of rows that there was.
 */
const MEASURE = `
  const list = ${SCROLLER};
  const shown = () => [...list.querySelectorAll(':not([hidden]) > li[data-seq]')];
  const top = row => row.getBoundingClientRect().top - list.getBoundingClientRect().top;
  window.above = count => {
    const rows = shown();
    return rows[Math.max(0, rows.findIndex(row => top(row) >= 0) - count)];
  };
  window.seqs = () => shown().map(row => Number(row.dataset.seq));
  window.most = 0;
  new MutationObserver(() => {
    most = Math.max(most, list.querySelectorAll('li').length);
  }).observe(list, { childList: true, subtree: true });
  window.watch = () => {
    const row = above(0);
    const start = top(row);
    window.moved = 0;
    const look = () => {
      if (window.watched !== row) return;
      moved = Math.max(moved, row.isConnected ? Math.abs(top(row) - start) : Infinity);
      requestAnimationFrame(look);
    };
    window.watched = row;
    look();
    return list.scrollTop;
  };
  window.held = () => {
    const root = list.getRootNode();
    const row = root.activeElement?.closest('li');
    return (row ? row.dataset.seq : '') + ' ' + root.getSelection();
  };
  undefined;
`;

/** Whether the list shows each message between its first and its last once, in order. */
const isWhole = (seqs: readonly number[]) => seqs.every((seq, index) => seq === (seqs[0] ?? 0) + index);

test('while 5,000 messages come, what is read stays in its place, however the reader came there', async stage => {
  const first = 300;
  const each = Math.ceil(5000 / Object.keys(MORE_MEANS).length);
  const other = await fill(stage, 'busy', first);
  const browser = await launchBrowser({ ignoreDefaultArgs: ['--hide-scrollbars'] });
  try {
    const a = new ChatPage(await (await browser.newContext({ locale: 'zh-CN' })).newPage());
    await a.page.goto(`http://${stage.relay.host}/rooms/busy`);
    await a.showsMany(50);
    await a.page.locator(`[data-seq="${first}"] a`).waitFor();
    await a.page.evaluate(MEASURE);
    let last = first;
    for (const [means, scroll] of Object.entries(MORE_MEANS)) {
      const before = await a.page.evaluate<number>('Number(above(0).dataset.seq)');
      await scroll(a);
      let top = Number.NaN;
      await until(
        async () => {
          const now = await a.page.evaluate<number>(`${SCROLLER}.scrollTop`);
          const isStill = now === top;
          top = now;
          return isStill && (await a.page.evaluate<number>('Number(above(0).dataset.seq)')) < before;
        },
        async () =>
          `${means} did not scroll: ${await a.page.evaluate(`[above(0).dataset.seq, ${SCROLLER}.scrollTop, seqs()[0]]`)} from ${before}`,
      );
      await a.page.evaluate('watch()');
      const held = await a.page.evaluate<string>('held()');
      for (let n = 0; n < each; n++) {
        last++;
        other.say(`busy-${last}`, `message-${last} https://a.example/${last} ${'and more '.repeat(last % 17)}`);
      }
      await a.page.locator(`chat-window[unread="${last - first}"]`).waitFor({ timeout: 30_000 });
      const moved = await a.page.evaluate<number>('moved');
      assert.ok(moved < 1, `after ${means}, what is read moved by ${moved} px`);
      assert.is(await a.page.evaluate('held()'), held, means);
    }
    const most = await a.page.evaluate<number>('most');
    assert.ok(most <= 1000, `${most} rows`);
    assert.ok(last >= first + 5000);

    // Reading on, one meets every message.
    const seqs = () => a.page.evaluate<number[]>('seqs()');
    let end = (await seqs()).at(-1) ?? 0;
    assert.ok(end < last - 1000, `${end} of ${last}`);
    await until(
      async () => {
        const now = await seqs();
        assert.ok(isWhole(now) && (now[0] ?? 0) <= end && (now.at(-1) ?? 0) >= end, `${now} after ${end}`);
        end = now.at(-1) ?? 0;
        await a.page.evaluate(`${SCROLLER}.scrollTop = 1e6`);
        return end === last && (await gapToEnd(a.page)) < 1;
      },
      async () => `the last is ${end} of ${last}`,
      60_000,
    );
    await a.page.locator('chat-window:not([unread])').waitFor({ state: 'attached' });
    // The end is followed again, and what was taken out at the top is loaded again.
    other.say('busy-end', 'the end');
    await a.page.locator(`li[data-seq="${last + 1}"]`).waitFor();
    assert.ok((await a.rows()).length <= 500);
    await until(
      async () => {
        await a.page.evaluate(`${SCROLLER}.scrollTop = 0`);
        const now = await seqs();
        assert.ok(isWhole(now), `${now}`);
        return (now[0] ?? 0) < last - 1500;
      },
      async () => `the first is ${(await seqs())[0]}`,
    );
    const mostAgain = await a.page.evaluate<number>('most');
    assert.ok(mostAgain <= 1000, `${mostAgain} rows`);
    await a.page.locator('.scroller').press('End');
    await until(
      async () => (await seqs()).at(-1) === last + 1 && (await gapToEnd(a.page)) < 1,
      async () => `the last is ${(await seqs()).at(-1)}`,
    );
    assert.ok(isWhole(await seqs()));
    assert.equal(a.trouble, []);
  } finally {
    await browser.close();
    other.ws.terminate();
  }
}, 180_000);

test('copying several messages gives a line for each, with its name and time', async stage => {
  const other = await WireClient.join(stage.relay.host, 'copy', 'Bob');
  other.say('c1', 'one');
  other.say('c2', '  two\n    lines');
  const a = await stage.enter('/rooms/copy', stage.relay.host, { permissions: ['clipboard-read', 'clipboard-write'] });
  await a.shows(['one', '  two\n    lines']);
  await a.say('three');
  await a.showsMany(3);
  await a.page.evaluate(`{
    const list = ${SCROLLER};
    const selection = getSelection();
    selection.setBaseAndExtent(list.querySelector('[data-seq="1"] bdi'), 0, list.querySelector('[data-seq="3"] .text'), 1);
  }`);
  await a.page.keyboard.press('Control+c');
  const text = await a.page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^Bob, \d\d:\d\d: one\nBob, \d\d:\d\d: {3}two\n {4}lines\n访客\d{4}, \d\d:\d\d: three$/);
  await a.page.evaluate(
    `getSelection().setBaseAndExtent(${SCROLLER}.querySelector('[data-seq="1"] .text').firstChild, 1, ${SCROLLER}.querySelector('[data-seq="1"] .text').firstChild, 3)`,
  );
  await a.page.keyboard.press('Control+c');
  assert.is(await a.page.evaluate(() => navigator.clipboard.readText()), 'ne', 'a part of one message is that part');
  other.ws.terminate();
  await a.page.context().close();
});

test('each line of a message has its own direction', async stage => {
  const a = await stage.enter('/rooms/lines');
  await a.say('abc\nשלום');
  await a.shows(['abc\nשלום']);
  assert.is(await a.page.locator('.text').evaluate(text => getComputedStyle(text).unicodeBidi), 'plaintext');
  await a.page.context().close();
});

test('printing gives every message that is loaded', async stage => {
  const other = await fill(stage, 'paper', 50);
  const a = await stage.enter('/rooms/paper');
  await a.showsMany(50);
  await a.page.emulateMedia({ media: 'print' });
  const shown = await a.page.evaluate<{ clipped: boolean; page: number; list: number; composer: string }>(`({
    clipped: ${SCROLLER}.scrollHeight > ${SCROLLER}.clientHeight + 1,
    page: document.documentElement.scrollHeight,
    list: ${SCROLLER}.scrollHeight,
    composer: getComputedStyle(document.querySelector('chat-window').shadowRoot.querySelector('footer')).display,
  })`);
  assert.is(shown.clipped, false, JSON.stringify(shown));
  assert.ok(shown.page >= shown.list, JSON.stringify(shown));
  assert.is(shown.composer, 'none');
  await a.page.emulateMedia({ media: 'screen' });
  await until(
    async () => (await gapToEnd(a.page)) < 1,
    async () => `${await gapToEnd(a.page)} px from the end`,
  );
  other.ws.terminate();
  await a.page.context().close();
});

test('on a low screen with four lines typed, half of the height is for messages, and the placeholder has one line', async stage => {
  const low = await stage.enter('/rooms/low', stage.relay.host, { viewport: { width: 844, height: 200 } });
  await low.composer.fill('1\n2\n3\n4');
  const height = (await low.page.locator('.scroller').boundingBox())?.height ?? 0;
  assert.ok(height >= 100, `${height} px are for messages`);
  await low.page.context().close();
  const narrow = await stage.enter('/rooms/low', stage.relay.host, {
    viewport: { width: 320, height: 600 },
    locale: 'en',
  });
  const one = (await narrow.composer.boundingBox())?.height ?? 0;
  await narrow.composer.fill('x');
  assert.is(one, (await narrow.composer.boundingBox())?.height, 'the placeholder takes one line');
  const room = await narrow.composer.evaluate(field => {
    const { paddingLeft, paddingRight, font } = getComputedStyle(field);
    const context = document.createElement('canvas').getContext('2d');
    if (!context) return 0;
    context.font = font;
    const words = context.measureText(field.getAttribute('placeholder') ?? '').width;
    return field.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight) - words;
  });
  assert.ok(room >= 0, `the placeholder is ${-room} px too wide`);
  await narrow.page.context().close();
});

test('a link in an outgoing message keeps the focus when the message is stored', async stage => {
  const context = await stage.browser.newContext({ locale: 'en' });
  const a = new ChatPage(await context.newPage());
  const held: (() => void)[] = [];
  let isHolding = false;
  await a.page.routeWebSocket(/./, socket => {
    const server = socket.connectToServer();
    server.onMessage(message => {
      if (isHolding) held.push(() => socket.send(message));
      else socket.send(message);
    });
  });
  const enhanced = a.page.waitForResponse(response => response.url().includes('enhancements'));
  await a.page.goto(`http://${stage.relay.host}/rooms/kept-focus`);
  await a.reaches('connected');
  await (await enhanced).finished();
  await a.page.locator('.pill').waitFor({ state: 'attached' });
  const focused = () =>
    a.page.evaluate(() => document.querySelector('chat-window')?.shadowRoot?.activeElement?.outerHTML);
  isHolding = true;
  const texts = ['https://a.example/1 and https://a.example/2', 'https://a.example/1 and https://a.example/2'];
  for (const text of texts) await a.say(text);
  const link = a.page.locator('li[data-id] a[href="https://a.example/2"]').first();
  await link.focus();
  assert.match((await focused()) ?? '', 'a.example/2');
  isHolding = false;
  for (const send of held) send();
  await a.shows(texts);
  await until(
    async () => (await a.page.locator('[data-seq] a:focus').count()) === 1,
    async () => `${await focused()} has the focus`,
  );
  assert.is(await a.page.locator('[data-seq="1"] a:focus').getAttribute('href'), 'https://a.example/2');
  await context.close();
});

test('the composer has the focus on load, but not on a touch screen, and focus and name can be seen', async stage => {
  const a = await stage.enter('/rooms/focus');
  await a.page.locator('textarea:focus').waitFor();
  await a.page.locator('.quick button').last().press('Enter');
  await a.button('重新连接').press('Enter');
  await a.reaches('connected');
  await a.say('see https://a.example/x');
  await a.showsMany(1);
  await a.page.locator('.own a').focus();
  await a.page.keyboard.press('Shift+Tab');
  await a.page.keyboard.press('Tab');
  const ring = await a.page
    .locator('.own a:focus-visible')
    .evaluate(link => [
      getComputedStyle(link).outlineColor,
      getComputedStyle(link.parentElement ?? link).backgroundColor,
    ]);
  assert.is.not(ring[0], ring[1]);
  await a.page.context().close();
  const other = await WireClient.join(stage.relay.host, 'focus', 'W'.repeat(32));
  other.say('long', 'a long name');
  const touch = await stage.enter('/rooms/focus', stage.relay.host, {
    hasTouch: true,
    isMobile: true,
    viewport: { width: 320, height: 600 },
  });
  await touch.page.locator('.text', { hasText: 'a long name' }).waitFor();
  assert.is(await touch.page.evaluate(() => document.activeElement?.localName), 'body');
  const head = await touch.page
    .locator('li', { hasText: 'a long name' })
    .locator('.head')
    .evaluate(box => [box.scrollWidth, box.clientWidth]);
  assert.ok((head[0] ?? 0) <= (head[1] ?? 0), `${head}`);
  other.ws.terminate();
  await touch.page.context().close();
});

reading.run();
