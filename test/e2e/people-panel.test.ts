/** The panel of the people in the room, and the link that an empty room offers. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { Stage, until } from '../support/stage.ts';
import { WireClient } from '../support/wire-client.ts';

const panels = suite<{ stage: Stage }>('e2e: people panel');

panels.before(async context => {
  context.stage = await Stage.open({ RATE: '0' });
});
panels.after(({ stage }) => stage.close());

const test = (name: string, body: (stage: Stage) => Promise<void>) =>
  panels(name, ({ stage }) => within(() => body(stage), 60_000)());

const ENGLISH = { locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] };

test('shows everyone, who I am, and tells two people of one name apart; and follows who comes and goes', async stage => {
  const [ann, other] = [
    await WireClient.join(stage.relay.host, 'panel', 'Ann'),
    await WireClient.join(stage.relay.host, 'panel', 'Ann'),
  ];
  const window = await stage.enter('/rooms/panel', stage.relay.host, ENGLISH);
  const { page } = window;
  await page.getByRole('button', { name: '3 online' }).press('Enter');
  await page.getByRole('dialog', { name: '3 online' }).waitFor();
  const panel = page.getByRole('dialog');
  await until(
    () => panel.evaluate(found => found.matches(':focus')),
    async () => 'the panel has no focus',
  );
  const texts = () => panel.getByRole('listitem').allInnerTexts();
  const shown = (await texts()).map(text => text.replace(/\s+/g, ' '));
  assert.is(shown.length, 3);
  const anns = shown.filter(text => / ?Ann ?·.{3}$/.test(text));
  assert.is(new Set(anns).size, 2, JSON.stringify(shown));
  assert.is(shown.filter(text => text.endsWith('(you)')).length, 1);
  await other.close();
  await until(
    async () => (await texts()).length === 2,
    async () => `${await texts()}`,
  );
  assert.not.match((await texts()).join(' '), /·/, 'one Ann needs nothing more');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
  await page.locator('.everyone:focus').waitFor();
  await page.getByRole('button', { name: '2 online' }).click();
  await panel.waitFor();
  await page.mouse.click(300, 400);
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await ann.close();
  await page.close();
});

test('an empty room offers its link, until something is said', async stage => {
  const window = await stage.enter('/rooms/%E5%A4%A7', stage.relay.host, ENGLISH);
  const { page } = window;
  await page.getByText(`${stage.relay.host}/rooms/大`).waitFor();
  await window.button('Copy link').click();
  await page.getByText('Copied', { exact: true }).waitFor();
  assert.is(await page.evaluate(() => navigator.clipboard.readText()), `http://${stage.relay.host}/rooms/%E5%A4%A7`);
  await window.say('hello');
  await window.button('Copy link').waitFor({ state: 'hidden' });
  await page.close();
});

panels.run();
