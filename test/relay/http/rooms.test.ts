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

rooms('sends a browser to the one address of a room', async () => {
  const { app, seen } = makeApp();
  const led = async (path: string) => {
    const response = await app.request(path);
    assert.is(response.status, 308, path);
    const location = response.headers.get('Location') ?? '';
    assert.not.match(location, /^\/|:/, 'it stays on this relay, under whatever path it is served');
    return new URL(location, `https://chat.example/chat${path}`).href;
  };
  const room = (name: string) => `https://chat.example/chat/rooms/${encodeURIComponent(name)}`;
  assert.is(await led('/rooms/tea/'), room('tea'));
  assert.is(await led('/rooms/tea/?lang=zh'), `${room('tea')}?lang=zh`);
  assert.is(await led(`/rooms/${encodeURIComponent('cafe\u0301')}`), room('caf\u00e9'));
  assert.is(await led(`/rooms/${encodeURIComponent('cafe\u0301')}/`), room('caf\u00e9'));
  assert.is((await app.request(`/rooms/${encodeURIComponent('caf\u00e9')}`)).status, 200);
  for (const path of ['/rooms//evil.example/', '/rooms/%2f%2fevil.example/', '/rooms/a%20b/', '//rooms/a/']) {
    assert.is((await app.request(`http://localhost${path}`)).status, 404, path);
  }
  assert.equal(seen.upgrades, []);
});

rooms('upgrades at every address of a room to the same room', async () => {
  const { app, seen } = makeApp();
  const nfd = encodeURIComponent('cafe\u0301');
  for (const path of ['/rooms/tea/', `/rooms/${nfd}`, `/rooms/${nfd}/`]) await app.request(path, UPGRADE);
  assert.equal(
    seen.upgrades,
    ['v1 tea', 'v1 caf\u00e9', 'v1 caf\u00e9'].map(upgrade => `${upgrade} ${ADDRESS}`),
  );
});

rooms('has one history under every form of its name', async () => {
  const { app, seen } = makeApp();
  assert.is((await app.request(`/rooms/${encodeURIComponent('cafe\u0301')}/messages`)).status, 200);
  assert.equal(seen.history, [['caf\u00e9', undefined, 50, ADDRESS]]);
});

rooms.run();
