import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { Stage } from '../support/stage.ts';

const TEST_MS = 60_000;

const talk = suite<{ stage: Stage }>('e2e: talking');

talk.before(async context => {
  context.stage = await Stage.open();
});
talk.after(async ({ stage }) => {
  await stage?.close();
});

const test = (name: string, body: (stage: Stage) => Promise<void>) =>
  talk(name, ({ stage }) => within(() => body(stage), TEST_MS)());

test('two windows exchange messages, with Enter and with the button', async stage => {
  const [a, b] = [await stage.enter('/rooms/two'), await stage.enter('/rooms/two')];
  await a.say('你好');
  await b.shows(['你好']);
  await b.composer.fill('hello');
  await b.button('发送').click();
  await a.shows(['你好', 'hello']);
  await b.shows(['你好', 'hello']);
  assert.equal(
    (await a.rows()).map(row => row.own),
    [true, false],
  );
  assert.equal(
    (await b.rows()).map(row => row.own),
    [false, true],
  );
  assert.equal(await stage.log('two'), ['你好', 'hello']);
});

test('a window that joins later shows the earlier messages', async stage => {
  const a = await stage.enter('/rooms/later');
  await a.say('one');
  await a.say('two');
  await a.shows(['one', 'two']);
  const b = await stage.enter('/rooms/later');
  await b.shows(['one', 'two']);
  await b.page.reload();
  await b.shows(['one', 'two']);
});

test('rooms are separate, and the page at / is the lobby', async stage => {
  const lobby = await stage.enter('/');
  const other = await stage.enter(`/rooms/${encodeURIComponent('茶馆')}`);
  const same = await stage.enter('/rooms/lobby');
  await other.say('in the tea house');
  await other.shows(['in the tea house']);
  await lobby.say('in the lobby');
  await same.shows(['in the lobby']);
  await lobby.shows(['in the lobby']);
  assert.equal(await stage.log('茶馆'), ['in the tea house']);
});

test('an empty composer sends nothing, and says why', async stage => {
  const a = await stage.enter('/rooms/empty');
  for (const text of ['', '   ']) {
    await a.say(text);
    await a.page.getByText('请输入', { exact: true }).waitFor();
    assert.is(await a.composer.getAttribute('aria-invalid'), 'true');
  }
  await a.say('x');
  await a.shows(['x']);
  assert.is(await a.composer.getAttribute('aria-invalid'), null);
  assert.equal(await stage.log('empty'), ['x']);
});

test('更换角色 changes the name of later messages, and earlier ones keep the old name', async stage => {
  const [a, b] = [await stage.enter('/rooms/roles'), await stage.enter('/rooms/roles')];
  await a.say('before');
  await a.shows(['before']);
  await a.button('更换角色').click();
  await a.page.getByLabel('名字', { exact: true }).fill('李四');
  await a.button('确定').click();
  await a.say('after');
  await b.shows(['before', 'after']);
  const names = await b.page.locator('li[data-seq] .head bdi').allTextContents();
  assert.is(names[1], '李四');
  assert.match(names[0] ?? '', /^访客/);
});

test('手动关闭 stays closed until 重新连接, and then no message is missing', async stage => {
  const [a, b] = [await stage.enter('/rooms/closing'), await stage.enter('/rooms/closing')];
  await a.button('手动关闭').click();
  await a.reaches('closed');
  await b.say('meanwhile');
  await b.shows(['meanwhile']);
  await a.page.evaluate(() => {
    for (const name of ['online', 'offline', 'pagehide', 'pageshow']) window.dispatchEvent(new Event(name));
    for (const name of ['visibilitychange', 'resume']) document.dispatchEvent(new Event(name));
  });
  await a.page.waitForTimeout(1500);
  await a.reaches('closed');
  assert.equal(await a.rows(), []);
  await a.button('重新连接').click();
  await a.reaches('connected');
  await a.shows(['meanwhile']);
});

test('markup is shown as text, and the browser forbids anything else', async stage => {
  const [a, b] = [await stage.enter('/rooms/markup'), await stage.enter('/rooms/markup')];
  const text = '<img src=x onerror="alert(1)"><script>alert(2)</script>&amp;';
  await a.say(text);
  await b.shows([text]);
  assert.is(await b.page.locator('li img, li script').count(), 0);
  const forbidden = await b.page.evaluate(() => {
    try {
      document.body.insertAdjacentHTML('beforeend', '<b>x</b>');
      return false;
    } catch {
      return true;
    }
  });
  assert.ok(forbidden);
  // This violation was reported, which shows that others would be too.
  assert.ok(b.trouble.splice(0).length > 0);
});

test('the page uses the language that the browser asks for', async stage => {
  const english = await stage.enter('/rooms/words', stage.relay.host, { locale: 'en-GB' });
  await english.button('Send').waitFor();
  const chinese = await stage.enter('/rooms/words');
  await chinese.button('发送').waitFor();
});

talk('no window had an error or broke the content security policy', ({ stage }) => {
  assert.equal(stage.trouble, []);
});

talk.run();
