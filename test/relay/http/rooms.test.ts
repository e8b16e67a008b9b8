import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ADDRESS, makeApp, UPGRADE } from '../../support/app.ts';

const rooms = suite('http/rooms');

rooms('serves the page for the lobby and for any room', async () => {
  const { app } = makeApp();
  for (const path of ['/', '/rooms/support', `/rooms/${encodeURIComponent('大厅')}`, '/rooms/a.b-c_9']) {
    const response = await app.request(path);
    assert.is(response.status, 200, path);
    assert.is(await response.text(), '<p>page');
  }
});

rooms("upgrades in two dialects, with the room and the client's address", async () => {
  const { app, seen } = makeApp();
  await app.request('/', UPGRADE);
  await app.request(`/rooms/${encodeURIComponent('大厅')}`, UPGRADE);
  assert.equal(seen.upgrades, [`tutorial lobby ${ADDRESS}`, `v1 大厅 ${ADDRESS}`]);
});

rooms.run();
