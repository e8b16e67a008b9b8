/** A room in a frame on another site's page: who may show it, how it looks there, and without storage. */
import { createServer } from 'node:http';
import * as assert from 'uvu/assert';
import { exampleOf } from '../support/examples.ts';
import { hostSuite } from '../support/host-page.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { en } from '../support/words.ts';

const frame = hostSuite('e2e: frame', 30_000, origin => ({
  EMBED_ORIGINS: `https://shop.example,${origin}`,
}));
const { test } = frame;

const EXAMPLE = exampleOf('docs/element.md', 'In a frame', 'html');

test('shows the room that the document shows, fills the frame, and meets the page of the relay', async (load, stage) => {
  const policy = "default-src 'none'; frame-src https://relay.example";
  const host = await load({ body: EXAMPLE, policy });
  const inner = host.page.frameLocator('iframe');
  await inner.locator('chat-window[state="connected"]').waitFor();
  assert.is(await inner.locator('h1').textContent(), 'support');
  assert.is(await inner.locator('chat-window').getAttribute('theme'), 'light');
  assert.equal(
    await inner.locator('chat-window').evaluate(chat => {
      const { x, y, width, height } = chat.getBoundingClientRect();
      return [x, y, width, height, document.documentElement.scrollHeight, document.documentElement.lang];
    }),
    [0, 0, 400, 600, 600, 'en'],
  );
  const other = await stage.enter('/rooms/support');
  await inner.locator('textarea').fill('from the frame');
  await inner.locator('textarea').press('Enter');
  await other.shows(['from the frame']);
  await other.page.close();
  await host.close();
});

test('fills a wide frame too, and takes language, theme and name from the query', async load => {
  const host = await load({
    body: '<iframe src="https://relay.example/embed/rooms/%E5%A4%A7?lang=zh&theme=dark&user=Ann" width="900" height="500"></iframe>',
  });
  const inner = host.page.frameLocator('iframe');
  await inner.locator('chat-window[state="connected"]').waitFor();
  await inner.locator('textarea[placeholder="说点什么…"]').waitFor();
  await inner.locator('button.role[title="Ann"]').waitFor();
  assert.is(await inner.locator('h1').textContent(), '大');
  const place = await inner.locator('chat-window').evaluate(chat => chat.getBoundingClientRect().toJSON());
  assert.equal([place.x, place.y, place.width, place.height], [0, 0, 900, 500]);
  await host.close();
});

test('works in the documented sandbox: to write, to change the name, and to open a link', async (load, stage) => {
  const body = exampleOf('docs/element.md', 'In a sandbox', 'html');
  const host = await load({ body });
  const { page } = host;
  const inner = page.frameLocator('iframe');
  await inner.locator('chat-window[state="connected"]').waitFor();
  const role = inner.locator('button.role');
  for (const [name, take] of [
    ['Bea', () => inner.locator('dialog input').press('Enter')],
    ['Cat', () => inner.getByRole('button', { name: en.save }).click()],
  ] as const) {
    await role.click();
    await inner.locator('dialog input').fill(name);
    await take();
    await inner.locator(`button.role[title="${name}"]`).waitFor();
    assert.is(await inner.locator('dialog').count(), 0);
  }
  await inner.locator('textarea').fill(`see http://${stage.relay.host}/healthz`);
  await inner.getByRole('button', { name: en.send }).click();
  const opens = page.waitForEvent('popup');
  await inner.locator('li[data-seq] .text a').click();
  const opened = await opens;
  await opened.waitForURL('**/healthz');
  await host.close();
});

test('shows its room, and no other, also if its script cannot be loaded', async (load, stage) => {
  // The relay takes them for the same.
  for (const path of ['/embed/rooms/support', '/embed/%72ooms/support', '/%65mbed/rooms/support']) {
    const host = await load({ body: '<p>Host</p>' });
    await host.page.route('**/embed.js', route => route.abort());
    await host.page.evaluate(
      `document.body.innerHTML = '<iframe src="http://${stage.relay.host}${path}" width="400" height="500"></iframe>'`,
    );
    const inner = host.page.frameLocator('iframe');
    await inner.locator('chat-window[state="connected"]').waitFor();
    assert.is(await inner.locator('h1').textContent(), 'support', path);
    assert.equal(host.dialed, ['/rooms/support']);
    await host.page.context().close();
  }
});

test('works where the browser refuses it any storage', async (load, stage) => {
  const host = await load({
    body: '<p>Host</p>',
  });
  await host.page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException('The operation is insecure.', 'SecurityError');
        },
      });
    }
  });
  await host.page.evaluate(
    `document.body.innerHTML = '<iframe src="http://${stage.relay.host}/embed/rooms/private" width="400" height="500"></iframe>'`,
  );
  const inner = host.page.frameLocator('iframe');
  await inner.locator('chat-window[state="connected"]').waitFor();
  const stored = await inner.locator('body').evaluate(() => {
    try {
      return localStorage.length;
    } catch {
      return 'refused';
    }
  });
  assert.is(stored, 'refused');
  await inner.locator('textarea').fill('without storage');
  await inner.locator('textarea').press('Enter');
  await inner.locator('li[data-seq] .text', { hasText: 'without storage' }).waitFor();
  await host.close();
});

test('is refused by the browser on any other page, and is nowhere without the variable', async (_, stage) => {
  const stranger = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<iframe src="http://${stage.relay.host}/embed/rooms/support"></iframe>`);
  });
  await new Promise<void>(resolve => stranger.listen(0, resolve));
  const relay = await new RelayProcess({}).start();
  const context = await stage.browser.newContext();
  try {
    const address = stranger.address();
    const page = await context.newPage();
    const refused = page.waitForEvent('console', message => message.text().includes('frame-ancestors'));
    await page.goto(`http://localhost:${typeof address === 'object' ? address?.port : 0}/`);
    await refused;
    assert.is(await page.frameLocator('iframe').locator('chat-window').count(), 0);
    assert.is((await fetch(`http://${relay.host}/embed/rooms/support`)).status, 404);
  } finally {
    await context.close();
    await relay.dispose();
    stranger.close();
    stranger.closeAllConnections();
  }
});

frame.run();
