import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { Stage, until } from '../support/stage.ts';

const TEST_MS = 90_000;

const disconnects = suite<{ stage: Stage }>('e2e: disconnects');

disconnects.before(async context => {
  context.stage = await Stage.open({ RATE: '0' });
});
disconnects.after(async ({ stage }) => {
  await stage?.close();
});

const test = (name: string, body: (stage: Stage) => Promise<void>) =>
  disconnects(name, ({ stage }) => within(() => body(stage), TEST_MS)());

test('a page that writes while disconnected ends with every message once, in order', async stage => {
  const a = await stage.enter('/rooms/cut', stage.proxy.host);
  const b = await stage.enter('/rooms/cut');
  await a.say('a1');
  await b.shows(['a1']);
  await b.say('b1');
  await a.shows(['a1', 'b1']);

  stage.proxy.block();
  await a.breaks();
  assert.not.ok(await a.page.locator('.people').isVisible(), 'who is here is not known now');
  await a.say('a2');
  await a.say('a3');
  await b.say('b2');
  await b.say('b3');
  await b.shows(['a1', 'b1', 'b2', 'b3']);
  assert.equal(
    (await a.rows()).map(({ text, state }) => [text, state]),
    [
      ['a1', 'stored'],
      ['b1', 'stored'],
      ['a2', 'pending'],
      ['a3', 'pending'],
    ],
  );

  stage.proxy.allow();
  await a.reaches('connected');
  const all = ['a1', 'b1', 'b2', 'b3', 'a2', 'a3'];
  await a.shows(all);
  await b.shows(all);
  assert.equal(await stage.log('cut'), all);
});

test('repeated disconnects during a conversation neither lose nor duplicate messages', async stage => {
  const a = await stage.enter('/rooms/cuts', stage.proxy.host);
  const b = await stage.enter('/rooms/cuts', stage.proxy.host);
  const said: string[] = [];
  for (let index = 0; index < 12; index++) {
    for (const [who, window] of [a, b].entries()) {
      said.push(`${who}:${index}`);
      await window.say(`${who}:${index}`);
    }
    if (index % 4 === 1) stage.proxy.cut();
  }
  const shown = await a.showsMany(said.length);
  await b.shows(shown);
  assert.equal(await stage.log('cuts'), shown);
  for (const who of ['0:', '1:'])
    assert.equal(
      shown.filter(text => text.startsWith(who)),
      only(said, who),
    );
});

test('a relay killed and restarted during a conversation neither loses nor duplicates messages', async stage => {
  const [a, b] = [await stage.enter('/rooms/killed'), await stage.enter('/rooms/killed')];
  const said: string[] = [];
  const talk = async (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      for (const [who, window] of [a, b].entries()) {
        said.push(`${who}:${index}`);
        await window.say(`${who}:${index}`);
      }
    }
  };
  await talk(0, 4);
  const killing = stage.relay.kill();
  await talk(4, 8);
  await killing;
  await Promise.all([a.breaks(), b.breaks()]);
  await talk(8, 10);
  await stage.relay.start();
  await talk(10, 14);
  const shown = await a.showsMany(said.length);
  await b.shows(shown);
  assert.equal(await stage.log('killed'), shown);
  for (const who of ['0:', '1:']) assert.equal(only(shown, who), only(said, who));
});

test('pages reconnect after a graceful restart of the relay', async stage => {
  const [a, b] = [await stage.enter('/rooms/stopped'), await stage.enter('/rooms/stopped')];
  await a.say('before');
  await b.shows(['before']);
  await stage.relay.stop('SIGTERM');
  await a.say('between');
  await stage.relay.start();
  await b.shows(['before', 'between']);
  await a.shows(['before', 'between']);
});

test('a page that wakes reconnects at once', async stage => {
  const a = await stage.enter('/rooms/waking', stage.proxy.host);
  stage.proxy.block();
  stage.proxy.cut();
  await a.breaks();
  for (const where of ['window', 'document'] as const) {
    await until(
      () =>
        a.page.evaluate(target => {
          const chat = document.querySelector('chat-window');
          if (chat?.getAttribute('state') !== 'waiting') return false;
          if (target === 'window') window.dispatchEvent(new Event('online'));
          else document.dispatchEvent(new Event('resume'));
          return chat.getAttribute('state') === 'connecting';
        }, where),
      async () => `not woken by an event of the ${where}`,
    );
  }
  stage.proxy.allow();
  await a.reaches('connected');
});

disconnects('no window had an error or broke the content security policy', ({ stage }) => {
  assert.equal(stage.trouble, []);
});

function only(texts: readonly string[], start: string): string[] {
  return texts.filter(text => text.startsWith(start));
}

disconnects.run();
