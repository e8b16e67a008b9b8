/** The launcher on pages of other people: its keyboard, its count, its place and its looks. */
import * as assert from 'uvu/assert';
import { violations } from '../support/axe.ts';
import { exampleOf } from '../support/examples.ts';
import { ATTRIBUTES, hostSuite } from '../support/host-page.ts';
import { until } from '../support/stage.ts';

const launcher = hostSuite('e2e: launcher', 30_000);
const { test } = launcher;

const SCRIPT = '<script type="module" src="http://RELAY/launcher.js"></script>';
const body = (room: string) =>
  `<p>The host page</p><button id="host">Host</button><chat-launcher room="${room}" ${ATTRIBUTES}></chat-launcher>`;

test('opens and closes by the keyboard, moves the focus, and says how it is', async load => {
  const host = await load({ head: SCRIPT, body: body('keyboard') });
  await host.reaches('keyboard');
  await host.page.evaluate(`
    window.heard = [];
    document.querySelector('chat-launcher').addEventListener('toggle', ({ target }) => heard.push(target.open));
    addEventListener('keydown', ({ key }) => heard.push(key));`);
  const button = host.page.getByRole('button', { name: 'Chat', exact: true });
  const panel = host.page.getByRole('dialog', { name: 'Chat', exact: true });
  const composer = host.page.locator('textarea');
  assert.is(await button.getAttribute('aria-expanded'), 'false');
  assert.not.ok(await panel.isVisible());
  for (const key of ['Enter', 'Space']) {
    await button.press(key);
    await panel.waitFor();
    assert.is(await button.getAttribute('aria-expanded'), 'true');
    await host.page.locator('textarea:focus').waitFor();
    await composer.pressSequentially('a b');
    await host.page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    assert.is(await button.getAttribute('aria-expanded'), 'false');
    assert.ok(await button.evaluate(found => found.matches(':focus')));
  }
  const keys = await host.page.evaluate('heard');
  assert.equal(keys, ['Enter', true, false, ' ', true, false], 'the Escape is not for the host page');
  // The dialog of the chat window closes before the panel.
  await button.press('Enter');
  await host.page.locator('button.role').click();
  await host.page.locator('dialog input').press('Escape');
  await host.page.locator('dialog').waitFor({ state: 'detached' });
  assert.ok(await panel.isVisible());
  // A page that opens it leaves the focus where it is.
  await button.click();
  await panel.waitFor({ state: 'hidden' });
  await host.page.locator('#host').focus();
  await host.page.evaluate("document.querySelector('chat-launcher').open = true");
  await panel.waitFor();
  assert.ok(await host.page.locator('#host:focus').isVisible());
  await host.close();
});

test('counts what is unread while it is closed, in its name too, in both languages', async (load, stage) => {
  const host = await load({ head: SCRIPT, body: body('count') });
  await host.reaches('count');
  const other = await stage.enter('/rooms/count');
  for (const text of ['one', 'two']) await other.say(text);
  await host.page.getByRole('button', { name: 'Chat, 2 new messages', exact: true }).waitFor();
  assert.is(await host.page.locator('button[aria-expanded] .count').textContent(), '2');
  await host.page.evaluate("document.querySelector('chat-launcher').lang = 'zh'");
  await host.page.getByRole('button', { name: '聊天，2 条新消息', exact: true }).waitFor();
  await other.say('three');
  const button = host.page.getByRole('button', { name: '聊天，3 条新消息', exact: true });
  await button.click();
  await host.page.getByRole('button', { name: '聊天', exact: true }).waitFor();
  assert.is(await host.page.locator('button[aria-expanded] .count').textContent(), '');
  await host.page.locator('.text', { hasText: 'three' }).waitFor();
  assert.ok(await host.page.locator('.text', { hasText: 'three' }).isVisible());
  await host.page.evaluate("document.querySelector('chat-launcher').setAttribute('label', '客服')");
  await host.page.getByRole('dialog', { name: '客服', exact: true }).waitFor();
  await other.page.close();
  await host.close();
});

test('has no fault that axe finds, open and closed, light and dark', async (load, stage) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const head = `<title>Host</title>${SCRIPT}<script>document.documentElement.lang = 'en'</script>`;
    const main = `<main><h1>Host</h1></main>${body('axe')}`.replace(
      '<p>The host page</p><button id="host">Host</button>',
      '',
    );
    const host = await load({ head, body: main, options: { colorScheme } });
    await host.page.locator('chat-window[state="connected"]').waitFor({ state: 'attached' });
    const other = await stage.enter('/rooms/axe');
    await other.say('hello');
    const button = host.page.getByRole('button', { name: 'Chat, 1 new message', exact: true });
    await button.waitFor();
    assert.equal(await violations(host.page), [], `${colorScheme}, closed`);
    await button.click();
    await host.page.locator('.text', { hasText: 'hello' }).first().waitFor();
    assert.equal(await violations(host.page), [], `${colorScheme}, open`);
    await other.page.close();
    await host.close();
  }
});

test('fills the width of a small screen, is on the other side of a page from right to left, and may be hidden', async load => {
  const host = await load({
    head: SCRIPT,
    body: body('small'),
    options: { viewport: { width: 320, height: 640 } },
  });
  await host.reaches('small');
  const button = host.page.getByRole('button', { name: 'Chat', exact: true });
  const panel = host.page.getByRole('dialog', { name: 'Chat', exact: true });
  const right = await button.boundingBox();
  await button.click();
  const small = await panel.boundingBox();
  assert.equal([small?.x, small?.y, small?.width, small?.height], [0, 0, 320, 640 - 88]);
  assert.ok((right?.y ?? 0) >= (small?.height ?? 0), 'the button is below');
  await host.page.setViewportSize({ width: 1000, height: 800 });
  const wide = await panel.boundingBox();
  assert.equal([wide?.x, wide?.width], [1000 - 20 - 400, 400]);
  await host.page.evaluate("document.documentElement.dir = 'rtl'");
  assert.is((await button.boundingBox())?.x, 20);
  assert.is((await panel.boundingBox())?.x, 20);
  assert.is(await host.page.evaluate('document.getAnimations().length'), 0, 'motion is reduced');
  await host.page.evaluate("document.querySelector('chat-launcher').hidden = true");
  assert.not.ok(await button.isVisible());
  assert.not.ok(await panel.isVisible());
  await host.close();
});

test('looks the same whatever the styles of the host page', async (load, stage) => {
  const look = async (css: string) => {
    const host = await load({ head: `<style>${css}</style>${SCRIPT}`, body: body('looks') });
    await host.reaches('looks');
    const other = await stage.enter('/rooms/looks');
    await other.say('hello');
    await host.page.getByRole('button', { name: 'Chat, 1 new message', exact: true }).waitFor();
    const looks = await host.page
      .locator('chat-launcher button')
      .first()
      .evaluate(found => {
        const style = getComputedStyle(found);
        const count = found.querySelector('.count');
        const { width, height } = found.getBoundingClientRect();
        return [width, height, style.color, style.cursor, count && getComputedStyle(count).font, count?.clientWidth];
      });
    await other.page.close();
    await host.close();
    return looks;
  };
  const hostile =
    'html { font-size: 62.5%; } body { font: italic 30px/3 serif; color: red; cursor: wait; letter-spacing: 5px; text-transform: uppercase; } * { color: lime; font-size: 40px; padding: 10px; } button { border: 9px solid; width: 300px; }';
  assert.equal(await look(hostile), await look(''));
});

test('is set by a framework before it is defined, and passes on what is for the chat window', async load => {
  const script = `
    const made = document.createElement('chat-launcher');
    made.open = true;
    for (const [name, value] of Object.entries({ room: 'before', relay: 'ws://RELAY', lang: 'en', theme: 'dark', user: 'Ann' })) made.setAttribute(name, value);
    document.body.append(made);
    await import('http://RELAY/launcher.js');
    await import('http://RELAY/launcher.js?again');`;
  const host = await load({ body: '<script type="module" src="app.js"></script>', script });
  await host.reaches('before');
  await host.page.getByRole('dialog', { name: 'Chat', exact: true }).waitFor();
  assert.is(await host.page.locator('chat-window').getAttribute('theme'), 'dark');
  await host.page.evaluate("document.querySelector('chat-launcher').setAttribute('room', 'after')");
  await host.reaches('after');
  await host.page.evaluate("document.querySelector('chat-launcher').removeAttribute('theme')");
  assert.is(await host.page.locator('chat-window').getAttribute('theme'), null);
  await host.page.evaluate("document.querySelector('chat-launcher').chat.say('by its page')");
  await host.page.locator('li[data-seq] .text', { hasText: 'by its page' }).waitFor();
  await host.close();
});

test('works as the document says', async load => {
  const host = await load({
    head: `${exampleOf('docs/element.md', 'The launcher', 'html')}<link rel="stylesheet" href="style.css">`,
    css: exampleOf('docs/element.md', 'The launcher', 'css'),
  });
  await host.reaches('support');
  const button = host.page.getByRole('button', { name: 'Chat', exact: true });
  await button.click();
  const colourOf = (found: Element) => getComputedStyle(found).backgroundColor;
  for (const coloured of [button, host.page.locator('.send')]) {
    assert.is(await coloured.evaluate(colourOf), 'rgb(123, 45, 142)');
  }
  const [panel, place] = [await host.page.locator('#panel').boundingBox(), await button.boundingBox()];
  assert.is((panel?.y ?? 0) + (panel?.height ?? 0), (place?.y ?? 0) - 12);
  await host.close();
});

test('leaves nothing behind when it is added and removed a hundred times', async load => {
  const host = await load({ head: SCRIPT, body: body('gone') });
  await host.reaches('gone');
  await host.page.evaluate(async () => {
    const found = document.querySelector('chat-launcher');
    if (!found) return;
    for (let count = 0; count < 100; count++) {
      found.toggleAttribute('open');
      found.remove();
      await new Promise(resolve => setTimeout(resolve));
      document.body.append(found);
      await new Promise(resolve => setTimeout(resolve));
    }
    found.remove();
  });
  await until(
    async () => host.open === 0,
    async () => `${host.open} sockets are open`,
  );
  assert.is(await host.page.evaluate('document.querySelectorAll("body *").length'), 2);
  await host.close();
});

launcher.run();
