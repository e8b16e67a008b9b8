/** Tests accessibility with axe-core: it must find no violation in any state of the page, light and dark. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { violations } from '../support/axe.ts';
import { within } from '../support/deadline.ts';
import { Stage } from '../support/stage.ts';
import { WireClient } from '../support/wire-client.ts';

const axe = suite<{ stage: Stage }>('e2e: axe');

axe.before(async context => {
  context.stage = await Stage.open({ RATE: '0' });
});
axe.after(({ stage }) => stage.close());

for (const colorScheme of ['light', 'dark'] as const) {
  axe(
    `finds no violation in the ${colorScheme} page: empty, dialog, messages, menu, people, failed, offline and closed`,
    ({ stage }) =>
      within(async () => {
        const room = `axe-${colorScheme}`;
        const window = await stage.enter(`/rooms/${room}`, stage.proxy.host, { colorScheme });
        const found: Record<string, string[]> = {};
        found.empty = await violations(window.page);

        await window.page.getByRole('button', { name: '更换角色' }).click();
        await window.page.getByRole('dialog').waitFor();
        found.dialog = await violations(window.page);
        await window.page.getByRole('dialog').getByRole('textbox').fill(' ');
        await window.page.keyboard.press('Enter');
        found.error = await violations(window.page);
        await window.page.keyboard.press('Escape');

        const other = await WireClient.join(stage.relay.host, room, '林小雨');
        other.say('1', '看 https://heartline.example/notes');
        await window.say('你好');
        await window.showsMany(2);
        await window.page.getByRole('link').waitFor();
        found.messages = await violations(window.page);

        await window.page.locator('li[data-seq="1"] .text').hover();
        await window.page.locator('.more').click();
        await window.page.getByRole('menu').waitFor();
        found.menu = await violations(window.page);
        await window.page.keyboard.press('Escape');
        await window.page.locator('.everyone').click();
        await window.page.getByRole('dialog').waitFor();
        found.people = await violations(window.page);
        await window.page.keyboard.press('Escape');

        await window.say('\u2800');
        await window.page.locator('li[data-state="failed"]').waitFor();
        found.failed = await violations(window.page);

        stage.proxy.block();
        await window.breaks();
        await window.say('先放着');
        found.offline = await violations(window.page);
        stage.proxy.allow();

        await window.button('手动关闭').click();
        await window.reaches('closed');
        found.closed = await violations(window.page);
        await other.close();
        const all = Object.entries(found).flatMap(([state, list]) => list.map(one => `${state}: ${one}`));
        assert.equal(all, []);
      }, 60_000)(),
  );
}

axe.run();
