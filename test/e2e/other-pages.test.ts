/** The element on pages of other people: their frameworks, their styles, their scripts and their shortcuts. */
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { compileScript, parse } from 'vue/compiler-sfc';
import { exampleOf } from '../support/examples.ts';
import { ATTRIBUTES, ELEMENT, hostSuite } from '../support/host-page.ts';
import { until } from '../support/stage.ts';

const others = hostSuite('e2e: other pages', 30_000);
const { test } = others;

/** Apps that show the element in a room, and let `change(room, user)` change both at once. */
const APPS: Readonly<Record<string, string>> = {
  'a plain page': `
    const chat = document.createElement('chat-window');
    Object.assign(chat, { relay: 'ws://RELAY', room: 'tea', user: 'Ann', heartbeat: 5000, lang: 'en' });
    document.getElementById('app').append(chat);
    window.change = (room, user) => Object.assign(chat, { room, user });`,
  React: `
    import { createElement, useState } from 'react';
    import { createRoot } from 'react-dom/client';
    function App() {
      const [{ room, user }, set] = useState({ room: 'tea', user: 'Ann' });
      window.change = (room, user) => set({ room, user });
      return createElement('div', null, createElement('chat-window', { relay: 'ws://RELAY', room, user, heartbeat: 5000, lang: 'en' }));
    }
    createRoot(document.getElementById('app')).render(createElement(App));`,
  Vue: `
    import { createApp, h, reactive } from 'vue/dist/vue.runtime.esm-bundler.js';
    const state = reactive({ room: 'tea', user: 'Ann' });
    window.change = (room, user) => Object.assign(state, { room, user });
    createApp({ render: () => h('chat-window', { relay: 'ws://RELAY', heartbeat: 5000, lang: 'en', ...state }) }).mount('#app');`,
  Preact: `
    import { h, render } from 'preact';
    const show = (room, user) =>
      render(h('chat-window', { relay: 'ws://RELAY', room, user, heartbeat: 5000, lang: 'en' }), document.getElementById('app'));
    window.change = show;
    show('tea', 'Ann');`,
};

/** Bundles an app; `jsx` is the package that JSX in it is for. */
async function bundle(contents: string, jsx = 'react'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'tsx' },
    jsx: 'automatic',
    jsxImportSource: jsx,
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
  });
  return outputFiles[0]?.text ?? '';
}

for (const [name, source] of Object.entries(APPS)) {
  test(`${name} sets the element's properties before and after it is defined, and a change of several is one`, async load => {
    const script = await bundle(source);
    const app = '<div id="app"></div><script type="module" src="app.js"></script>';
    for (const body of [ELEMENT + app, app + ELEMENT]) {
      const host = await load({ script, body });
      await host.reaches('tea');
      assert.equal(host.dialed, ['/rooms/tea']);
      await host.page.evaluate("change('coffee', 'Anna')");
      await host.reaches('coffee');
      assert.equal(host.dialed, ['/rooms/tea', '/rooms/coffee']);
      await host.page.evaluate("change('coffee', 'Annabel')");
      await host.page.locator('button.role[title="Annabel"]').waitFor();
      assert.equal(host.dialed, ['/rooms/tea', '/rooms/coffee']);
      await host.close();
    }
  });
}

test("hears the keys that are meant for it, and leaves the host's shortcuts none of them", async load => {
  const host = await load({
    head: ELEMENT,
    body: `<chat-window room="keys" ${ATTRIBUTES}></chat-window>`,
  });
  await host.reaches('keys');
  await host.page.evaluate(`
    window.heard = [];
    for (const type of ['keydown', 'keypress', 'keyup']) addEventListener(type, event => { heard.push(event.key); event.preventDefault(); });`);
  const composer = host.page.locator('textarea');
  await composer.pressSequentially('a b/c');
  assert.is(await composer.inputValue(), 'a b/c');
  await composer.press('Enter');
  await host.page.locator('.text', { hasText: 'a b/c' }).waitFor();
  await host.page.locator('button.role').click();
  await host.page.locator('dialog input').pressSequentially('x?');
  await host.page.locator('dialog input').press('Escape');
  await host.page.locator('dialog').waitFor({ state: 'detached' });
  assert.equal(await host.page.evaluate('heard'), []);
  await host.close();
});

test('may be hidden, loaded twice, and put into rooms and relays that there are not', async (load, stage) => {
  const host = await load({
    head: ELEMENT + ELEMENT.replace('chat.js', 'chat.js?again'),
    body: `<chat-window room="Support Team" ${ATTRIBUTES}></chat-window>`,
  });
  const alert = host.page.locator('[role=alert]');
  await alert.filter({ hasText: 'This room name is not valid' }).waitFor();
  await host.page.evaluate(
    "Object.assign(document.querySelector('chat-window'), { relay: 'relay.example', room: 'tea' })",
  );
  await alert.filter({ hasText: 'This is not the address of a relay' }).waitFor();
  assert.equal(host.dialed, []);
  await host.page.evaluate(`document.querySelector('chat-window').relay = 'ws://${stage.relay.host}'`);
  await host.reaches('tea');
  await host.page.evaluate("document.querySelector('chat-window').hidden = true");
  assert.not.ok(await host.page.locator('chat-window').isVisible());
  await host.close();
});

test('changes language and room at once, and moves the focus only where the same thing is again', async load => {
  const host = await load({
    head: ELEMENT,
    body: `<chat-window room="tea" ${ATTRIBUTES}></chat-window>`,
  });
  await host.reaches('tea');
  await host.page.locator('textarea').focus();
  await host.page.evaluate("Object.assign(document.querySelector('chat-window'), { lang: 'zh', room: 'coffee' })");
  await host.reaches('coffee');
  assert.equal(host.dialed, ['/rooms/tea', '/rooms/coffee']);
  await host.page.locator('textarea[placeholder="说点什么…"]:focus').waitFor();
  await host.page.locator('.quick button').first().press('Enter');
  await host.page.locator('.quick button:focus', { hasText: '中文' }).waitFor();
  await host.close();
});

test('is not seen, and takes no press, in a panel of the host that is not', async load => {
  for (const style of ['visibility: hidden', 'opacity: 0; pointer-events: none']) {
    const host = await load({
      head: ELEMENT,
      body: `<div style="${style}"><chat-window room="tea" ${ATTRIBUTES}></chat-window></div>`,
    });
    await host.reaches('tea');
    const pressed = await host.page.evaluate(() => document.elementFromPoint(200, 200)?.localName);
    assert.is.not(pressed, 'chat-window', style);
    await host.close();
  }
});

test('asks for no older messages while the reader cannot see the list', async load => {
  const host = await load({
    head: ELEMENT,
    body: `<chat-window room="hidden" ${ATTRIBUTES}></chat-window>`,
  });
  await host.reaches('hidden');
  const composer = host.page.locator('textarea');
  for (let count = 1; count <= 20; count++) {
    await composer.fill(`${count}\n\n\n`.repeat(3));
    await composer.press('Enter');
  }
  await host.page.locator('li[data-seq="20"]').waitFor();
  await host.page.locator('.scroller').hover();
  const asked: string[] = [];
  host.page.on('request', request => {
    if (request.url().includes('/messages?')) asked.push(request.url());
  });
  await host.page.mouse.wheel(0, -200);
  await host.page.waitForFunction(() => {
    const scroller = document.querySelector('chat-window')?.shadowRoot?.querySelector('.scroller');
    return scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight > 100;
  });
  await host.page.evaluate("document.querySelector('chat-window').hidden = true");
  // Long enough for the observer, which reports before the frame after the next.
  await host.page.evaluate(
    () => new Promise<void>(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
  );
  assert.equal(asked, []);
  await host.close();
});

test('leaves no connection behind when it is added, moved and removed a hundred times', async load => {
  const host = await load({
    head: ELEMENT,
    body: `<main></main><aside></aside><chat-window room="moves" ${ATTRIBUTES}></chat-window>`,
  });
  await host.reaches('moves');
  await host.page.evaluate(async () => {
    const chat = document.querySelector('chat-window');
    if (!chat) return;
    for (let count = 0; count < 100; count++) {
      document.querySelector('main')?.append(chat);
      document.querySelector('aside')?.append(chat);
      await new Promise(resolve => setTimeout(resolve));
    }
  });
  await host.reaches('moves');
  assert.is(host.dialed.length, 1, 'a move keeps the connection');
  await host.page.evaluate(async () => {
    const chat = document.querySelector('chat-window');
    if (!chat) return;
    for (let count = 0; count < 100; count++) {
      chat.remove();
      await new Promise(resolve => setTimeout(resolve));
      document.body.append(chat);
      await new Promise(resolve => setTimeout(resolve));
    }
    chat.remove();
  });
  await until(
    async () => host.open === 0,
    async () => `${host.open} sockets are open`,
  );
  await host.close();
});

test('does what its methods say, and tells its page of people and of what is unread', async (load, stage) => {
  const host = await load({
    head: ELEMENT,
    body: `<p>The host page</p><chat-window room="methods" ${ATTRIBUTES}></chat-window>`,
  });
  await host.page.evaluate(`
    window.heard = [];
    window.chat = document.querySelector('chat-window');
    for (const target of [chat, document.body]) {
      for (const type of ['people', 'unread']) {
        target.addEventListener(type, ({ detail }) => heard.push([target.localName, type, detail.count ?? detail]));
      }
    }
    customElements.whenDefined('chat-window').then(() => chat.say('said at once'))`);
  await host.page.locator('li[data-seq] .text', { hasText: 'said at once' }).waitFor();
  await host.reaches('methods');
  const other = await stage.enter('/rooms/methods');
  await host.page.waitForFunction('heard.some(([, , count]) => count === 2) && chat.unread === 0');
  await host.page.evaluate("chat.style.display = 'none'");
  await host.page.evaluate(
    () => new Promise<void>(done => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );
  await other.say('not seen');
  await host.page.waitForFunction('chat.unread === 1 && chat.matches(\'[unread="1"]\')');
  await host.page.evaluate("chat.style.display = ''");
  await host.page.waitForFunction("chat.unread === 0 && !chat.hasAttribute('unread')");
  assert.equal(
    await host.page.evaluate("heard.filter(([name, type]) => name !== 'chat-window' || type === 'unread')"),
    [
      ['chat-window', 'unread', 1],
      ['chat-window', 'unread', 0],
    ],
  );
  await host.page.evaluate('chat.focus()');
  await host.page.locator('textarea:focus').waitFor();
  await host.page.evaluate("chat.rename('Bel').then(() => chat.close())");
  await host.page.locator('chat-window[state="closed"]').waitFor();
  await host.page.evaluate("chat.say('said while away').then(() => chat.open())");
  await other.showsMany(3);
  assert.equal(await stage.log('methods'), ['said at once', 'not seen', 'said while away']);
  const refused = (call: string) =>
    host.page.evaluate(`chat.${call}.catch(error => error.name + ': ' + error.message)`);
  assert.is(await refused("say(' ')"), 'RangeError: Please write a message');
  assert.is(await refused("rename('')"), 'RangeError: Use 1 to 32 characters');
  await other.page.close();
  await host.close();
});

const DOCUMENT = 'docs/element.md';

/** The component `Support` of a Vue file, as a module. */
function compileVue(file: string): string {
  const { descriptor } = parse(file);
  const compilerOptions = { isCustomElement: (tag: string) => tag.startsWith('chat-') };
  const { content } = compileScript(descriptor, {
    id: 'support',
    inlineTemplate: true,
    genDefaultAs: 'Support',
    templateOptions: { compilerOptions },
  });
  return content;
}

/** The examples of the document, each with what mounts it. */
const EXAMPLES: Readonly<Record<string, () => Promise<string>>> = {
  React: () =>
    bundle(`${exampleOf(DOCUMENT, 'React', 'tsx')}
      import { createRoot } from 'react-dom/client';
      createRoot(document.getElementById('app')).render(<Support user="Ann" />);`),
  Preact: () =>
    bundle(
      `${exampleOf(DOCUMENT, 'Preact', 'tsx')}
      import { render } from 'preact';
      render(<Support user="Ann" />, document.getElementById('app'));`,
      'preact',
    ),
  Vue: () =>
    bundle(`${compileVue(exampleOf(DOCUMENT, 'Vue', 'vue'))}
      import { createApp } from 'vue/dist/vue.runtime.esm-bundler.js';
      createApp(Support, { user: 'Ann' }).mount('#app');`),
};

for (const [name, make] of Object.entries(EXAMPLES)) {
  test(`the example for ${name} in the document counts what is unread, and says what its button says`, async (load, stage) => {
    const host = await load({
      script: await make(),
      head: ELEMENT,
      body: '<div id="app"></div><script type="module" src="app.js"></script>',
    });
    await host.reaches('support');
    await host.page.locator('button', { hasText: 'Ask' }).click();
    await host.page.locator('.own .text', { hasText: 'Can somebody help me?' }).last().waitFor();
    await host.page.locator('button.role[title="Ann"]').waitFor();
    await host.page.evaluate("document.querySelector('chat-window').style.display = 'none'");
    await host.page.evaluate(
      () => new Promise<void>(done => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
    );
    const other = await stage.enter('/rooms/support');
    await other.say('Yes');
    await host.page.locator('output', { hasText: '1 unread' }).waitFor();
    await other.page.close();
    await host.close();
  });
}

test('works and looks as the document says, under the policy that it gives', async load => {
  const policy = exampleOf(DOCUMENT, 'A content security policy', 'http');
  const host = await load({
    head: exampleOf(DOCUMENT, 'The element', 'html'),
    css: exampleOf(DOCUMENT, 'Looks', 'css'),
    policy: policy.replace('Content-Security-Policy:', '').trim(),
  });
  await host.reaches('support');
  await host.page.evaluate(`(async () => { ${exampleOf(DOCUMENT, 'Methods', 'js')} })()`);
  await host.page.locator('.own .text', { hasText: 'Can somebody help me?' }).last().waitFor();
  await host.page.locator('textarea:focus').waitFor();
  assert.not.ok(await host.page.locator('header').isVisible());
  const chat = host.page.locator('chat-window');
  assert.is((await chat.boundingBox())?.height, 400);
  const styleOf = (selector: string, property: string) =>
    chat
      .locator(selector)
      .last()
      .evaluate((found, name) => getComputedStyle(found).getPropertyValue(name), property);
  assert.is(await styleOf('.send', 'background-color'), 'rgb(123, 45, 142)');
  assert.is(await styleOf('.text', 'border-top-left-radius'), '4px');
  assert.match(await styleOf('textarea', 'font-family'), /Georgia/);
  await host.page.locator('button.role').click();
  await host.page.locator('dialog').waitFor();
  await host.page.evaluate("document.querySelector('chat-window').setAttribute('lang', 'zh')");
  await host.page.locator('textarea[placeholder="说点什么…"]').waitFor();
  await host.close();
});

/** What host pages do to everything on them. */
const HOSTILE: Readonly<Record<string, string>> = {
  'inherited styles':
    'body { letter-spacing: 3px; word-spacing: 9px; text-transform: uppercase; text-align: right; text-indent: 20px; white-space: nowrap; user-select: none; line-height: 3; font: italic bold 30px/3 serif; color: red; cursor: wait; visibility: visible; text-shadow: 2px 2px red; }',
  'a universal rule':
    '* { letter-spacing: 2px; text-transform: uppercase; font: 24px/2 monospace; color: lime; text-align: center; list-style: square; }',
  'a small rem': 'html { font-size: 62.5%; }',
  'another direction': 'html { direction: rtl; }',
  'a dark system on a light page': ':root { color-scheme: light; }',
};

/** The share of pixels that differ visibly between two pictures of the same size. */
function difference(page: Page, pictures: readonly Buffer[]): Promise<number> {
  return page.evaluate(
    async ([one = '', other = '']) => {
      const [a = [], b = []] = await Promise.all(
        [one, other].map(async picture => {
          const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          context?.drawImage(bitmap, 0, 0);
          return context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
        }),
      );
      if (a.length !== b.length || a.length === 0) return 1;
      let differing = 0;
      for (let at = 0; at < a.length; at += 4) {
        if ([0, 1, 2].some(channel => Math.abs((a[at + channel] ?? 0) - (b[at + channel] ?? 0)) > 8)) differing++;
      }
      return differing / (a.length / 4);
    },
    pictures.map(picture => picture.toString('base64')),
  );
}

test('looks the same whatever the styles of the host page', async (load, stage) => {
  const size = 'chat-window { position: fixed; inset: 0 auto auto 0; width: 360px; height: 520px; }';
  const look = async (css: string, colorScheme: 'light' | 'dark' = 'light') => {
    const host = await load({
      // The same person each time, who has the same colour.
      head: `<script>localStorage['heartline-key:http://RELAY'] = 'looks-0123456789abcdef'</script>
        <style>${css} ${size}</style>${ELEMENT}`,
      body: `<chat-window theme="light" room="looks" ${ATTRIBUTES}></chat-window>`,
    });
    await host.page.emulateMedia({ colorScheme });
    await host.reaches('looks');
    await host.page.locator('.text', { hasText: 'see' }).locator('a').waitFor();
    return host;
  };
  const first = await stage.enter('/rooms/looks');
  await first.say('One line, see https://example.com/a and more of it');
  await first.shows(['One line, see https://example.com/a and more of it']);
  await first.page.close();
  const plain = await look('');
  const expected = await plain.page.locator('chat-window').screenshot();
  for (const [what, css] of Object.entries(HOSTILE)) {
    const host = await look(css, what.startsWith('a dark') ? 'dark' : 'light');
    const picture = await host.page.locator('chat-window').screenshot();
    const share = await difference(plain.page, [expected, picture]);
    assert.ok(share <= 0.01, `${what}: ${(share * 100).toFixed(1)} % of the pixels differ`);
    await host.close();
  }
  await plain.close();
});

others.run();
