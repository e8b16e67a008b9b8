/** The element where its page moves it, changes it, or does not let it connect. */
import * as assert from 'uvu/assert';
import { ATTRIBUTES, ELEMENT, hostSuite } from '../support/host-page.ts';
import { type Stage, until } from '../support/stage.ts';
import { WireClient } from '../support/wire-client.ts';

const element = hostSuite('e2e: the element', 60_000);
const { test } = element;

/** In a page: the scroller of its element. */
const SCROLLER = "document.querySelector('chat-window').shadowRoot.querySelector('.scroller')";

/** Fills a room with messages of several heights. */
async function fill(stage: Stage, room: string, count: number): Promise<WireClient> {
  const other = await WireClient.join(stage.relay.host, room, 'Bob');
  for (let n = 1; n <= count; n++) other.say(`${room}-${n}`, `message ${n} ${'and more of it '.repeat(n % 17)}`);
  await until(
    async () => (await stage.log(room)).length === count,
    async () => `${(await stage.log(room)).length} messages are stored`,
  );
  return other;
}

test('keeps connection, scroll position, focus, selection, typed text and its undo through ten changes of language', async (load, stage) => {
  const other = await fill(stage, 'words', 40);
  other.ws.terminate();
  const host = await load({ head: ELEMENT, body: `<chat-window room="words" ${ATTRIBUTES}></chat-window>` });
  const { page } = host;
  await host.reaches('words');
  await page.locator('li[data-seq="40"]').waitFor();
  await page.locator('.scroller').hover();
  await page.mouse.wheel(0, -700);
  await until(
    async () => await page.evaluate<boolean>(`${SCROLLER}.scrollHeight - ${SCROLLER}.scrollTop > 1000`),
    async () => 'the list does not scroll',
  );
  const composer = page.locator('textarea');
  await composer.pressSequentially('half a');
  await composer.pressSequentially(' sentence');
  await composer.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(2, 6));
  const look = () =>
    page.evaluate<unknown>(`(() => {
      const root = document.querySelector('chat-window').shadowRoot;
      const field = root.querySelector('textarea');
      return [${SCROLLER}.scrollTop, root.activeElement === field, field.value, field.selectionStart, field.selectionEnd];
    })()`);
  const before = await look();
  for (let change = 1; change <= 10; change++) {
    const [lang, words] = change % 2 === 1 ? ['zh', '说点什么…'] : ['en', 'Write a message…'];
    await page.evaluate(`document.querySelector('chat-window').lang = '${lang}'`);
    await page.locator(`textarea[placeholder="${words}"]`).waitFor();
    assert.equal(await look(), before, `after ${change} changes`);
  }
  await page.keyboard.press('Control+z');
  assert.is.not(await composer.inputValue(), 'half a sentence', 'what was typed can be undone');
  await page.getByRole('button', { name: '中文' }).press('Enter');
  await page.locator('.quick button:focus', { hasText: 'English' }).waitFor();
  assert.equal(host.dialed, ['/rooms/words']);
  assert.is(host.open, 1);
  await host.close();
});

test('stays at the end and at what is read when its page moves it', async (load, stage) => {
  const other = await fill(stage, 'moving', 60);
  const host = await load({
    head: ELEMENT,
    body: `<main></main><chat-window room="moving" ${ATTRIBUTES}></chat-window><aside></aside>`,
  });
  const { page } = host;
  await host.reaches('moving');
  await page.locator('li[data-seq="60"]').waitFor();
  const gap = () =>
    page.evaluate<number>(`${SCROLLER}.scrollHeight - ${SCROLLER}.scrollTop - ${SCROLLER}.clientHeight`);
  const move = (to: string) =>
    page.evaluate(`document.querySelector('${to}').append(document.querySelector('chat-window'))`);
  for (const to of ['main', 'aside', 'main']) {
    await move(to);
    assert.ok((await gap()) < 1, `${await gap()} px from the end in ${to}`);
  }
  await page.locator('.scroller').hover();
  await page.mouse.wheel(0, -900);
  await until(
    async () => (await gap()) > 800,
    async () => 'the list does not scroll',
  );
  const top = () =>
    page.evaluate<number>(
      `${SCROLLER}.querySelector('[data-seq="45"]').getBoundingClientRect().top - ${SCROLLER}.getBoundingClientRect().top`,
    );
  const before = await top();
  for (const to of ['aside', 'main', 'aside']) {
    await move(to);
    assert.ok(Math.abs((await top()) - before) <= 1, `what is read has moved by ${(await top()) - before} px in ${to}`);
  }
  other.say('last', 'the last one');
  await page.locator('li[data-seq="61"]').waitFor({ state: 'attached' });
  assert.ok(Math.abs((await top()) - before) <= 1, 'and the next message moves nothing');
  assert.equal(host.dialed, ['/rooms/moving']);
  other.ws.terminate();
  await host.close();
});

test('counts what comes while its panel cannot be seen, and has seen it once the panel can', async (load, stage) => {
  for (const [index, style] of [
    'visibility: hidden',
    'opacity: 0',
    'content-visibility: hidden',
    'display: none',
  ].entries()) {
    const other = await fill(stage, `panel-${index}`, 3);
    const host = await load({
      head: ELEMENT,
      body: `<div id="panel"><chat-window room="panel-${index}" ${ATTRIBUTES}></chat-window></div>`,
    });
    const { page } = host;
    await host.reaches(`panel-${index}`);
    // The chunk that counts has loaded.
    await page.locator('.pill').waitFor({ state: 'attached' });
    await page.evaluate(`panel.style = '${style}'`);
    await page.evaluate(
      () => new Promise<void>(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
    );
    other.say('one', 'one more');
    other.say('two', 'two more');
    await page.locator('li[data-seq="5"]').waitFor({ state: 'attached' });
    await until(
      async () => (await page.locator('.pill').textContent()) === '2 new messages',
      async () => `${style}: ${await page.locator('.pill').textContent()}`,
    );
    assert.is(await page.locator('.pill').getAttribute('hidden'), null, style);
    await page.evaluate("panel.style = ''");
    await page.locator('.pill[hidden]').waitFor({ state: 'attached' });
    assert.is(await page.locator('li.unread').textContent(), '2 new messages', style);
    other.ws.terminate();
    await host.close();
  }
});

test('says that the policy of its page forbids the connection, and connects once another relay is allowed', async (load, stage) => {
  const policy = (connect: string) => `script-src http://RELAY 'unsafe-inline'; ${connect}`;
  const listen =
    "<script>window.reasons = []; addEventListener('error', ({ detail }) => detail && reasons.push(detail), true)</script>";
  for (const connect of ["connect-src 'self'", "connect-src 'none'", "default-src 'self' 'unsafe-inline'"]) {
    const host = await load({
      head: listen + ELEMENT,
      body: `<chat-window room="policy" ${ATTRIBUTES}></chat-window>`,
      policy: policy(connect),
    });
    const { page } = host;
    await page.getByRole('alert').getByText('The security policy of this page blocks the connection').waitFor();
    assert.equal(await page.evaluate('reasons'), ['blocked'], connect);
    assert.is(await page.locator('chat-window').getAttribute('state'), 'stopped');
    await page.evaluate("document.querySelector('chat-window').lang = 'zh'");
    await page.getByRole('alert').getByText('此页面的安全策略阻止了连接').waitFor();
    assert.equal(await page.evaluate('reasons'), ['blocked'], 'once');
    await page.context().close();
  }
  // Something else that the policy forbids is not the relay's connection.
  const host = await load({
    head: listen + ELEMENT,
    body: `<chat-window room="policy" ${ATTRIBUTES}></chat-window>`,
    policy: policy('connect-src ws://RELAY'),
  });
  const { page } = host;
  await host.reaches('policy');
  await page.evaluate("fetch('http://elsewhere.example/').catch(() => {})");
  await page.evaluate("try { new WebSocket('ws://elsewhere.example/') } catch {}");
  await page.evaluate("document.querySelector('chat-window').relay = 'ws://localhost:9'");
  await page.getByRole('alert').getByText('blocks the connection').waitFor();
  await page.evaluate(`document.querySelector('chat-window').relay = 'ws://${stage.relay.host}'`);
  await host.reaches('policy');
  assert.equal(await page.evaluate('reasons'), ['blocked']);
  await page.context().close();
});

test('connects again under a policy that only reports', async (load, stage) => {
  const host = await load({
    head: ELEMENT,
    body: `<chat-window room="reported" relay="ws://${stage.proxy.host}" lang="en" user="Ann"></chat-window>`,
    reportOnly: "connect-src 'self'",
  });
  const { page } = host;
  await host.reaches('reported');
  const reported = page.evaluate(
    () => new Promise<void>(done => document.addEventListener('securitypolicyviolation', () => done())),
  );
  stage.proxy.block();
  await page.locator('chat-window[state="waiting"]').waitFor();
  stage.proxy.allow();
  await reported;
  await host.reaches('reported');
  await page.context().close();
});

element.run();
